import { postgresVersion } from '#bench/database/database'
import { currentExecutable } from '#bench/load/servers'
import { sampleTraffic } from '#bench/load/traffic'
import { databaseScale, writeReport } from '#bench/report'
import { type Fault, faults } from '#bench/restarts/faults'
import {
  failureSentences,
  restartsMarkdown,
  restartsRows,
  restartsText,
} from '#bench/restarts/report'
import { isMet, type Measured, measureRestarts } from '#bench/restarts/restarts'
import { type Way, ways } from '#bench/restarts/ways'
import { CommandError } from '#lib/errors'
import { formatCount, plural } from '#lib/text'
import { program } from '#version'
import { benchFlags, benchFlagsUsage, resultsDirectory, spokenFlags } from './bench-flags'
import { type LoadWork, say, stepProgress, withLoad } from './bench-load'
import type { Runnable } from './command'
import { parseFlags, wholeNumber } from './flags'

// A worker that is killed needs another that goes on.
const workersMin = 2
const pages = 500
const usual = { requests: '100000', times: '4', clients: '32', 'kill-every': '5' }
const quick = { requests: '1000', times: '1', clients: '16', 'kill-every': '2' }

const names = (named: readonly { id: string }[]) => named.map(({ id }) => id).join(', ')

const usage = `Usage: jumpstarter bench restarts [--only NAME,NAME] [--quick] [flags]

Counts failed requests while it replaces the workers (SIGUSR2), replaces the executable and then the
workers, and kills one worker after another. Clients ask without a pause and never twice: one half
keeps its connections, the other opens one for each request. The server and its proxies are started
for it, with what jumpstarter generate writes. Exits with 1 when a promise through a proxy is
broken: no failed request, and at most 0.01 % of the GETs when workers are killed.
An empty database of our own is filled with the demo.

  --only NAME,NAME   of what happens ${names(faults)};
                     of the ways ${names(ways)}
  --requests N       at least, for each; by default ${usual.requests}
  --times N          it happens at least, for each; by default ${usual.times}
  --clients N        that ask at once; by default ${usual.clients}
  --kill-every N     seconds between two kills; by default ${usual['kill-every']}
  --quick            ${quick.requests} requests, ${quick.times} time, ${quick.clients} clients
  --install          install missing programs with apt-get
${benchFlagsUsage}`

const flags = {
  ...benchFlags,
  only: { type: 'string' },
  requests: { type: 'string' },
  times: { type: 'string' },
  clients: { type: 'string' },
  'kill-every': { type: 'string' },
  quick: { type: 'boolean' },
  install: { type: 'boolean' },
} as const

export const benchRestarts: Runnable = {
  usage,
  run: async (args, { embedded }) => {
    const { values } = parseFlags('bench restarts', args, flags)
    // Asked later it may be no path any more, because another file has replaced it.
    const own = embedded && process.execPath
    const choice = chosen(values)
    const chosenParts = partsOf(values.only)
    const needed = [...new Set(chosenParts.ways.flatMap(({ proxy }) => proxy ?? []))]
    const { install = false, data } = values
    const around = { command: 'bench restarts', needed, install, data, embedded, anywhere: true }
    return await withLoad(around, async (work) => {
      const { db, signal, url: databaseUrl } = work
      const traffic = await sampleTraffic(db, pages)
      const executable = own ?? (await currentExecutable(say, signal))
      const workers = Math.max(work.workers, workersMin)
      const steps = chosenParts.faults.length * chosenParts.ways.length
      const { report, end } = stepProgress('Restarting', steps)
      const measured = await measureRestarts(chosenParts.faults, chosenParts.ways, {
        ...{ ...choice, executable, databaseUrl, workers, traffic, signal, report },
      })
      end()
      const command = ['jumpstarter bench restarts', ...spokenFlags(args)].join(' ')
      return await publish(measured, { work, choice, workers, command, out: values.out })
    })
  },
}

interface Choice {
  requests: number
  timesMin: number
  clients: number
  killEveryMs: number
}

function chosen(values: Partial<typeof usual> & { quick?: boolean }): Choice {
  const text = { ...usual, ...(values.quick ? quick : {}), ...values }
  return {
    requests: wholeNumber('--requests', text.requests, 100, 1_000_000_000),
    timesMin: wholeNumber('--times', text.times, 1, 10_000),
    clients: wholeNumber('--clients', text.clients, 1, 1_000),
    killEveryMs: wholeNumber('--kill-every', text['kill-every'], 1, 3600) * 1000,
  }
}

/** The named faults on the named ways; all of a kind of which none is named. */
function partsOf(only: string | undefined): { faults: readonly Fault[]; ways: readonly Way[] } {
  const wanted = only?.split(',').map((name) => name.trim()) ?? []
  const unknown = wanted.find((name) => ![...faults, ...ways].some(({ id }) => id === name))
  if (unknown !== undefined) {
    throw new CommandError(
      `--only has no ${unknown}. It knows ${names(faults)}, and the ways ${names(ways)}.`,
      2,
    )
  }
  const named = <Part extends { id: string }>(parts: readonly Part[]) => {
    const found = parts.filter(({ id }) => wanted.includes(id))
    return found.length > 0 ? found : parts
  }
  return { faults: named(faults), ways: named(ways) }
}

interface About {
  work: LoadWork
  choice: Choice
  workers: number
  command: string
  out: string | undefined
}

async function publish(measured: Measured[], about: About): Promise<number> {
  const { work, command, out } = about
  const failures = failureSentences(measured)
  const paths = await writeReport(
    resultsDirectory(out),
    {
      bench: 'restarts',
      command,
      scale: await databaseScale(work.db),
      versions: {
        jumpstarter: program.version,
        bun: Bun.version,
        postgres: await postgresVersion(work.db),
      },
      rows: restartsRows(measured),
      notes: [...notesOf(about), ...failures],
    },
    { markdown: restartsMarkdown(measured) },
  )
  console.log(restartsText(measured))
  for (const sentence of failures) console.log(sentence)
  console.log(`\nWritten: ${paths.join(', ')}`)
  return measured.some((each) => isMet(each) === false) ? 1 : 0
}

const notesOf = ({ choice, workers }: About) => [
  `${plural(choice.clients, 'client')}, of which one half keeps its connections and the other opens one ` +
    `for each request, ${formatCount(choice.requests)} requests and ${plural(choice.timesMin, 'time')} at ` +
    'least: project pages and the same projects from the API. No request is repeated by a client.',
  `${plural(workers, 'worker')} of the executable. The proxies have the configuration that jumpstarter ` +
    'generate writes, in one process or thread, and keep their connections. “Before” is the same load ' +
    'on the same server before anything happens.',
  'Replaced workers end after the new ones serve, one after the other, again and again without a ' +
    'pause. For an upgrade another copy of the executable is renamed over the one that runs, and then ' +
    'all workers are found to run it, and one of them to answer; the supervisor stays the old one.',
  `The oldest worker is killed with SIGKILL every ${choice.killEveryMs / 1000} s.`,
  'Directly over TCP, connections that wait to be accepted are lost with the listener that they ' +
    'wait at, unless Linux is told to move them to another: sysctl net.ipv4.tcp_migrate_req=1.',
]
