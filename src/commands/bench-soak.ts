import { fillDemo } from '#bench/database/demo'
import { withOwnPostgres } from '#bench/database/own-postgres'
import { svgOf } from '#bench/page/report'
import { databaseScale, writeReport } from '#bench/report'
import { soakMarkdown, soakRows, soakText } from '#bench/soak/report'
import { pageCacheMb, soak } from '#bench/soak/soak'
import { loadConfig } from '#config'
import { program } from '#version'
import { benchFlags, benchFlagsUsage, resultsDirectory, spokenFlags } from './bench-flags'
import type { Runnable } from './command'
import { parseFlags, wholeNumber } from './flags'
import { interruptible } from './interruptible'
import { createProgress } from './progress'

const minutesMax = 10_080
const rateMax = 2_000
const workersMax = 64
const seedMax = 2 ** 32 - 1
const usual = { minutes: '30', rate: '40', workers: '2', seed: '1' }

const usage = `Usage: jumpstarter bench soak [--minutes N] [flags]

A mixed load for a long time: pages, pledges, sign-ins, uploads, readers who watch live. Memory and
open files of each worker and sessions of Postgres are looked at every second. Tells of each by how
much it grows in an hour, with the 95 % interval of that, and exits with 1 when anything grows, when
a worker ends, or when more than one of a thousand requests has no right answer. Less than ten
minutes are too short to tell. On a Postgres of the bench's own.

  --minutes N    by default ${usual.minutes}
  --rate N       requests a second; by default ${usual.rate}
  --workers N    of the server; by default ${usual.workers}
  --seed N       of what is drawn; by default ${usual.seed}
${benchFlagsUsage}`

const flags = {
  ...benchFlags,
  minutes: { type: 'string' },
  rate: { type: 'string' },
  workers: { type: 'string' },
  seed: { type: 'string' },
} as const

export const benchSoak: Runnable = {
  usage,
  run: async (args, { embedded }) => {
    const { values } = parseFlags('bench soak', args, flags)
    const { cacheDirectory } = loadConfig({ JUMPSTARTER_DATA: values.data })
    const text = { ...usual, ...values }
    const choice = {
      minutes: wholeNumber('--minutes', text.minutes, 1, minutesMax),
      rate: wholeNumber('--rate', text.rate, 1, rateMax),
      workers: wholeNumber('--workers', text.workers, 1, workersMax),
      seed: wholeNumber('--seed', text.seed, 0, seedMax),
    }
    console.error('Starting a Postgres of our own …')
    const own = { embedded, cacheDirectory, fill: fillDemo, logLevel: 'silent' } as const
    return await interruptible((signal) =>
      withOwnPostgres(own, async (handle) => {
        const { db, url, version } = await handle.withSettings({})
        const progress = createProgress('Soak')
        const executable = embedded && process.execPath
        const around = { db, databaseUrl: url, executable, signal, report: progress.report }
        const found = await soak({ ...choice, ...around })
        progress.end()
        const rows = soakRows(found)
        const scale = await databaseScale(db)
        const paths = await writeReport(
          resultsDirectory(values.out),
          {
            bench: 'soak',
            command: ['jumpstarter bench soak', ...spokenFlags(args)].join(' '),
            scale,
            versions: { jumpstarter: program.version, bun: Bun.version, postgres: version },
            rows,
            notes: [notes, ...found.violations],
          },
          { markdown: soakMarkdown(found), ...(await svgOf('soak', { rows, scale })) },
        )
        console.log(soakText(found))
        console.log(`\nWritten: ${paths.join(', ')}`)
        return found.violations.length > 0 ? 1 : 0
      }),
    )
  },
}

const notes =
  'The workers, Postgres and whoever asks share the machine. Requests come by chance (Poisson), ' +
  'whether or not others have been answered; visitors and their connections change every five minutes. ' +
  `Each worker has ${pageCacheMb} MB for pages, full before it is warm: they would look like a leak.`
