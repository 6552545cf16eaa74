import { postgresVersion } from '#bench/database/database'
import { type Instrument, requireInstruments } from '#bench/load/instruments'
import { postgresProcesses } from '#bench/load/processes'
import { pageCount, sampleTraffic, type Traffic } from '#bench/load/traffic'
import { svgOf } from '#bench/page/report'
import { prepareTcpDoor } from '#bench/queries/tcp'
import { databaseScale, writeReport } from '#bench/report'
import { type Group, type Hop, hopTitles, usesRedis } from '#bench/sockets/cells'
import { requireFiles, requireSessions } from '#bench/sockets/limits'
import { type MeasuredCell, measureSockets, stepsOf } from '#bench/sockets/measure'
import { notesOf } from '#bench/sockets/notes'
import { type PostgresWays, postgresWays } from '#bench/sockets/postgres-ways'
import { errorSentences, socketRows, socketsMarkdown, socketsText } from '#bench/sockets/report'
import { serversFor } from '#bench/sockets/stage'
import { loadConfig } from '#config'
import { CommandError } from '#lib/errors'
import { formatCount } from '#lib/text'
import { program } from '#version'
import { resultsDirectory, spokenFlags } from './bench-flags'
import { type LoadWork, say, stepProgress, withLoad } from './bench-load'
import { choiceOf, flags, type SocketsChoice, usage } from './bench-sockets-flags'
import type { Runnable } from './command'
import { parseFlags } from './flags'

export const benchSockets: Runnable = {
  usage,
  run: async (args, { embedded }) => {
    const { values } = parseFlags('bench sockets', args, flags)
    // Asked later it may be no path any more, because another file has replaced it.
    const executable = embedded ? process.execPath : undefined
    const choice = choiceOf(values)
    requireFiles(Math.max(...choice.connections))
    const { install = false, data, out } = values
    const needed = programsFor(choice.groups)
    const around = { command: 'bench sockets', needed, install, data, embedded }
    await requireInstruments({ ...around, say })
    const config = loadConfig({ JUMPSTARTER_DATA: data })
    const door =
      variesPostgres(choice.groups) && config.databaseUrl === null
        ? await prepareTcpDoor(config)
        : undefined
    try {
      const surroundings = { ...around, anywhere: true, settings: door?.settings }
      return await withLoad(surroundings, async (work) => {
        const servers = Math.max(...choice.groups.map(({ hop }) => serversFor(hop)))
        await requireSessions(work.db, servers, choice.workers)
        const { ways, close } = await postgresWays({ ...work, door })
        try {
          const possible = whatCanBe(choice, ways)
          const command = ['jumpstarter bench sockets', ...spokenFlags(args)].join(' ')
          return await measure(possible, { work, ways, executable, command, out })
        } finally {
          await close()
        }
      })
    } finally {
      await door?.remove()
    }
  },
}

const hasHop = (groups: Group[], ...hops: Hop[]) => groups.some(({ hop }) => hops.includes(hop))
const variesPostgres = (groups: Group[]) => hasHop(groups, 'postgres', 'end-to-end')

const programsFor = (groups: Group[]): Instrument[] => [
  'h2load',
  ...(hasHop(groups, 'nginx', 'end-to-end') ? (['nginx'] as const) : []),
  ...(hasHop(groups, 'haproxy') ? (['haproxy'] as const) : []),
  ...(groups.some(usesRedis) ? (['redis-server'] as const) : []),
]

/** The choice without what needs two ways to Postgres where there is only one. */
function whatCanBe(choice: SocketsChoice, ways: PostgresWays | string): SocketsChoice {
  if (typeof ways !== 'string' || !variesPostgres(choice.groups)) return choice
  const groups = choice.groups.filter(({ hop }) => hop !== 'postgres' && hop !== 'end-to-end')
  const sentence = `${hopTitles.postgres} and ${hopTitles['end-to-end']}: not measured, ${ways}.`
  if (groups.length === 0) throw new CommandError(sentence)
  say(sentence)
  return { ...choice, groups, missing: [...choice.missing, sentence] }
}

interface About {
  work: LoadWork
  ways: PostgresWays | string
  executable: string | undefined
  command: string
  out: string | undefined
}

async function measure(choice: SocketsChoice, about: About): Promise<number> {
  const { work, ways, executable } = about
  const traffic = await sampleTraffic(work.db, choice.pages)
  say(`${formatCount(pageCount(traffic))} different projects are asked for.`)
  const [postmaster] = await postgresProcesses(work.db)
  const { report, end } = stepProgress('Measuring', stepsOf(choice.groups, choice.rounds))
  const measured = await measureSockets({
    ...choice,
    ...{ databaseUrl: work.url, postmaster, executable, traffic, signal: work.signal, report },
    ways: typeof ways === 'string' ? undefined : ways,
  })
  end()
  return await publish(measured, traffic, choice, about)
}

async function publish(
  measured: MeasuredCell[],
  traffic: Traffic,
  choice: SocketsChoice,
  { work, command, out }: About,
): Promise<number> {
  const rows = socketRows(measured)
  const scale = await databaseScale(work.db)
  const paths = await writeReport(
    resultsDirectory(out),
    {
      bench: 'sockets',
      command,
      scale,
      versions: {
        jumpstarter: program.version,
        bun: Bun.version,
        postgres: await postgresVersion(work.db),
      },
      rows,
      notes: notesOf({ ...choice, measured, traffic, database: work.description }),
    },
    { markdown: socketsMarkdown(measured), ...(await svgOf('sockets', { rows, scale })) },
  )
  console.log(socketsText(measured))
  console.log(`\nWritten: ${paths.join(', ')}`)
  const errors = errorSentences(measured)
  for (const sentence of errors) console.error(sentence)
  return errors.length === 0 ? 0 : 1
}
