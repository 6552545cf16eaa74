import { postgresVersion } from '#bench/database/database'
import { findPgbench, pgbenchVersion } from '#bench/database/pgbench'
import { findInstrument, type Instrument } from '#bench/load/instruments'
import { errorSentences } from '#bench/load/rows'
import { currentExecutable } from '#bench/load/servers'
import { pageCount, sampleTraffic, type Traffic } from '#bench/load/traffic'
import { svgOf } from '#bench/page/report'
import { type Peer, peers } from '#bench/peers/peers'
import { measureRaces, type Race, type RaceOptions, racesOf } from '#bench/race/race'
import { raceRows, racesMarkdown, racesText, verdict } from '#bench/race/report'
import { databaseScale, writeReport } from '#bench/report'
import { CommandError } from '#lib/errors'
import { formatCount, plural } from '#lib/text'
import { program } from '#version'
import { resultsDirectory, spokenFlags } from './bench-flags'
import {
  type LoadChoice,
  type LoadWork,
  loadChoice,
  loadFlags,
  loadFlagsUsage,
  say,
  stepProgress,
  withLoad,
} from './bench-load'
import type { Runnable } from './command'
import { parseFlags } from './flags'

const usual = { pages: '20000', connections: '32', seconds: '5', 'warm-up': '5', rounds: '5' }

const usage = `Usage: jumpstarter bench peers [--peers ID,ID] [--quick] [flags]

Our executable against others with the same page on the same database, in turns: a page from the
cache, a page made anew, and one project from the API over 256 connections, this also against
pgbench with its query. The others: ${peers.map(({ id }) => id).join(', ')}.
Runs in a checkout, with wrk, redis-server, pgbench, nginx, and Node for what npm brings; the
executable is built when it is missing or older than the source. An empty database of our own is
filled with the demo.

  --peers ID,ID      only these, and pgbench
${loadFlagsUsage(usual)}`

const flags = { ...loadFlags, peers: { type: 'string' } } as const

const find = (name: Instrument) => (name === 'pgbench' ? findPgbench() : findInstrument(name))

export const benchPeers: Runnable = {
  usage,
  run: async (args, { embedded }) => {
    const { values } = parseFlags('bench peers', args, flags)
    const choice = loadChoice(values, usual)
    const chosen = chosenPeers(values.peers)
    const { install = false, data } = values
    const own = chosen.some(({ id }) => id === 'nginx') ? (['nginx'] as const) : []
    const store = chosen.some(({ usesRedis }) => usesRedis) ? (['redis-server'] as const) : []
    const needed = ['wrk', 'pgbench', ...store, ...own] as const
    const around = { command: 'bench peers', needed, find, install, data, embedded }
    return await withLoad(around, async (work) => {
      for (const peer of chosen) {
        await peer.prepare(say)
        work.signal.throwIfAborted()
      }
      const traffic = await sampleTraffic(work.db, choice.pages)
      say(`${formatCount(pageCount(traffic))} different pages are asked for.`)
      const executable = await currentExecutable(say, work.signal)
      const { report, end } = stepProgress('Racing', racesOf(chosen).length * choice.rounds * 2)
      const options: RaceOptions = {
        ...{ ...work, ...choice, databaseUrl: work.url, executable, traffic, report },
      }
      const races = await measureRaces(chosen, options)
      end()
      const command = ['jumpstarter bench peers', ...spokenFlags(args)].join(' ')
      return await publish(races, { work, choice, traffic, command, out: values.out })
    })
  },
}

function chosenPeers(text: string | undefined): Peer[] {
  if (text === undefined) return peers
  const ids = text.split(',').map((id) => id.trim())
  const unknown = ids.find((id) => !peers.some((peer) => peer.id === id))
  if (unknown === undefined) return peers.filter(({ id }) => ids.includes(id))
  const known = peers.map(({ id }) => id).join(', ')
  throw new CommandError(`--peers has no ${unknown}. It knows ${known}.`, 2)
}

interface About {
  work: LoadWork
  choice: LoadChoice
  traffic: Traffic
  command: string
  out: string | undefined
}

async function publish(races: Race[], about: About): Promise<number> {
  const { work, command, out } = about
  const rows = raceRows(races)
  const scale = await databaseScale(work.db)
  const paths = await writeReport(
    resultsDirectory(out),
    {
      bench: 'peers',
      command,
      scale,
      versions: {
        jumpstarter: program.version,
        bun: Bun.version,
        postgres: await postgresVersion(work.db),
        pgbench: pgbenchVersion((await findPgbench()) ?? 'pgbench'),
      },
      rows,
      notes: notesOf(about),
    },
    { markdown: racesMarkdown(races), ...(await svgOf('peers', { rows, scale })) },
  )
  console.log(racesText(races))
  console.log(`\n${verdict(races)}`)
  console.log(`Written: ${paths.join(', ')}`)
  const errors = errorSentences(races.map(({ ours }) => ours))
  const theirErrors = errorSentences(races.map(({ theirs }) => theirs))
  for (const sentence of [...errors, ...theirErrors]) console.error(sentence)
  return errors.length === 0 ? 0 : 1
}

const notesOf = ({ work, choice, traffic }: About) => [
  `${plural(choice.rounds, 'round')} of ${choice.seconds} s on each side, each server started for its turn, ` +
    `alone on the machine with ${work.description} and wrk, with ${work.workers} processes, and ` +
    `warmed up for ${choice.warmUpSeconds} s. Figures are medians.`,
  'The cached page is one page, asked with `Accept-Encoding: gzip`; bare Bun and nginx have its bytes ' +
    'and headers from us. Ours is kept in memory, that of Express in Redis on a Unix socket; Next ' +
    'keeps the page and compresses it anew for each answer.',
  `Pages made anew and the API are asked for ${formatCount(pageCount(traffic))} different projects, ` +
    `four of five requests for the ${formatCount(traffic.newest.length)} of the newest tenth of the ` +
    'ids; ours with the page cache off. Before the races their rows are read once.',
  'Before each turn some pages are compared with the database: status 200, the title of the project.',
  `pgbench has ${work.poolConnections} connections, as many as our workers together, one thread, ` +
    'and the query by which our API reads a project, for one project at a time. It draws from the ' +
    'same rows as ours is asked for, ids at even distances, with the drafts among them: they cost ' +
    'it the same row.',
  `Database connections of a process: ours ${work.poolConnections / work.workers}, bare React 4, ` +
    'Express and Next 10, as their drivers have it.',
  'Throughput has only the answers that were a success and within two seconds.',
]
