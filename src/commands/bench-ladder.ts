import { postgresVersion } from '#bench/database/database'
import {
  cacheMbFor,
  type LadderOptions,
  measureLadder,
  steps,
  unfilledSentences,
} from '#bench/ladder/ladder'
import { ladderMarkdown, ladderRows, ladderText } from '#bench/ladder/report'
import type { Measured } from '#bench/load/measure'
import { errorSentences } from '#bench/load/rows'
import { currentExecutable } from '#bench/load/servers'
import { pageCount, sampleTraffic, type Traffic } from '#bench/load/traffic'
import { svgOf } from '#bench/page/report'
import { databaseScale, writeReport } from '#bench/report'
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

const usual = { pages: '20000', connections: '256,32', seconds: '5', 'warm-up': '5', rounds: '5' }

const usage = `Usage: jumpstarter bench ladder [--quick] [flags]

The table of 2018 for one server, continued: project pages a second from one process in development
mode, then with a process for each core, a page cache in memory and in Redis, production mode, the
executable, and Unix sockets. Every step is a server of its own, started for each of its turns; the
executable is built when it is missing or older than the source. Runs in a checkout, with wrk,
h2load and redis-server. An empty database of our own is filled with the demo.

${loadFlagsUsage(usual)}`

export const benchLadder: Runnable = {
  usage,
  run: async (args, { embedded }) => {
    const { values } = parseFlags('bench ladder', args, loadFlags)
    const choice = loadChoice(values, usual)
    const { install = false, data } = values
    const needed = ['wrk', 'h2load', 'redis-server'] as const
    const around = { command: 'bench ladder', needed, install, data, embedded }
    return await withLoad(around, async (work) => {
      const traffic = await sampleTraffic(work.db, choice.pages)
      say(`${formatCount(pageCount(traffic))} different pages are asked for.`)
      const executable = await currentExecutable(say, work.signal)
      const { report, end } = stepProgress('Measuring', steps.length * choice.rounds)
      const options: LadderOptions = {
        ...{ ...work, ...choice, databaseUrl: work.url, executable, traffic, report },
      }
      const measured = await measureLadder(options)
      end()
      const command = ['jumpstarter bench ladder', ...spokenFlags(args)].join(' ')
      return await publish(measured, { work, choice, traffic, command, out: values.out })
    })
  },
}

interface About {
  work: LoadWork
  choice: LoadChoice
  traffic: Traffic
  command: string
  out: string | undefined
}

async function publish(measured: Measured[], about: About): Promise<number> {
  const { work, command, out } = about
  const unfilled = unfilledSentences(measured)
  const rows = ladderRows(measured)
  const scale = await databaseScale(work.db)
  const paths = await writeReport(
    resultsDirectory(out),
    {
      bench: 'ladder',
      command,
      scale,
      versions: {
        jumpstarter: program.version,
        bun: Bun.version,
        postgres: await postgresVersion(work.db),
      },
      rows,
      notes: [...notesOf(about), ...unfilled],
    },
    { markdown: ladderMarkdown(measured), ...(await svgOf('ladder', { rows, scale })) },
  )
  console.log(ladderText(measured))
  console.log(`\nWritten: ${paths.join(', ')}`)
  const errors = [...errorSentences(measured), ...unfilled]
  for (const sentence of errors) console.error(sentence)
  return errors.length === 0 ? 0 : 1
}

const notesOf = ({ work, choice, traffic }: About) => [
  `${formatCount(pageCount(traffic))} different project pages, four of five requests to the ` +
    `${formatCount(traffic.newest.length)} of them from the newest tenth of the ids, with ` +
    '`Accept-Encoding: gzip`. Before each turn some of them are compared with the database.',
  `${plural(choice.rounds, 'round')} of ${choice.seconds} s of all steps in turns, each with a server started ` +
    `for it and warmed up for ${choice.warmUpSeconds} s before each run. Figures are medians.`,
  `With a page cache each worker has ${cacheMbFor(traffic)} MB for it (JUMPSTARTER_PAGE_CACHE_MB), in ` +
    'which all of the pages find room, and is asked for every page before: over TCP, where chance ' +
    'gives connections to workers, over several, up to three times, until Postgres has no work.',
  `On the same machine: ${work.description}, the load generator and, where there is one, Redis, ` +
    `which is on a Unix socket and empty at each start. A process per core means ${work.workers}.`,
  'Steps are driven by wrk, but for those that say h2load, which knows Unix sockets: one h2load for ' +
    'each worker, on its socket, and as many over TCP to compare. The connections of an h2load walk ' +
    'one drawn list side by side, those of wrk draw each for itself: compare h2load with h2load.',
  'Errors are counted as in 2018: answers that were no success, those after two seconds, broken ' +
    'connections; throughput has only the answers without. The ' +
    'figures of 2018 are as published, from other hardware and 10 million projects.',
]
