import { fillDemo } from '#bench/database/demo'
import { withOwnPostgres } from '#bench/database/own-postgres'
import { shareCores } from '#bench/overload/cores'
import { measureOverload } from '#bench/overload/overload'
import { overloadMarkdown, overloadRows, overloadText } from '#bench/overload/report'
import { svgOf } from '#bench/page/report'
import { databaseScale, writeReport } from '#bench/report'
import { loadConfig } from '#config'
import { program } from '#version'
import { benchFlags, benchFlagsUsage, resultsDirectory, spokenFlags } from './bench-flags'
import type { Runnable } from './command'
import { parseFlags, wholeNumber } from './flags'
import { interruptible } from './interruptible'
import { createProgress } from './progress'

const secondsMax = 600
const seedMax = 2 ** 32 - 1
const usual = { peak: 10, calm: 15, surge: 30 }
const quick = { peak: 2, calm: 2, surge: 3 }

const usage = `Usage: jumpstarter bench overload [--quick] [flags]

What becomes of readers, sign-ins and pledges while ten times as many come as can be answered. First
the peak is found; then 0.7 times as many requests come, ten times, and 0.7 times again, by chance
(Poisson), whether or not others have been answered, and latency counts from the moment at which
each was to be sent. Of ten requests nine are pages, a third of them kept; the rest are sign-ins and
pledges, half each. Once with everybody let in, once as the server is. One worker and a Postgres of
the bench's own have the first core to themselves, the generator the last. Exits with 1 when the
generator was too late or too busy for the run to say anything.

  --surge N      seconds of it; by default ${usual.surge}
  --calm N       seconds before it, and after; by default ${usual.calm}
  --seed N       of what is drawn; by default 1
  --quick        ${quick.surge} seconds of surge, ${quick.calm} of calm, which says little
${benchFlagsUsage}`

const flags = {
  ...benchFlags,
  surge: { type: 'string' },
  calm: { type: 'string' },
  seed: { type: 'string' },
  quick: { type: 'boolean' },
} as const

export const benchOverload: Runnable = {
  usage,
  run: async (args, { embedded }) => {
    const { values } = parseFlags('bench overload', args, flags)
    const { cacheDirectory } = loadConfig({ JUMPSTARTER_DATA: values.data })
    const around = values.quick ? quick : usual
    const seconds = {
      peak: around.peak,
      calm: wholeNumber('--calm', values.calm ?? `${around.calm}`, 1, secondsMax),
      surge: wholeNumber('--surge', values.surge ?? `${around.surge}`, 2, secondsMax),
    }
    const seed = wholeNumber('--seed', values.seed ?? '1', 0, seedMax)
    const cores = shareCores()
    console.error('Starting a Postgres of our own …')
    const own = { embedded, cacheDirectory, fill: fillDemo, logLevel: 'silent' } as const
    return await interruptible((signal) =>
      withOwnPostgres(own, async (handle) => {
        const { db, url, version } = await handle.withSettings({})
        const progress = createProgress('Overload')
        const executable = embedded && process.execPath
        const options = { db, databaseUrl: url, executable, cores, seconds, seed, signal }
        const found = await measureOverload({ ...options, report: progress.report })
        progress.end()
        const rows = overloadRows(found)
        const scale = await databaseScale(db)
        const paths = await writeReport(
          resultsDirectory(values.out),
          {
            bench: 'overload',
            command: ['jumpstarter bench overload', ...spokenFlags(args)].join(' '),
            scale,
            versions: { jumpstarter: program.version, bun: Bun.version, postgres: version },
            rows,
            notes: [...notes, ...found.invalid],
          },
          { markdown: overloadMarkdown(found), ...(await svgOf('overload', { rows, scale })) },
        )
        console.log(overloadText(found))
        console.log(`\nWritten: ${paths.join(', ')}`)
        return found.invalid.length > 0 ? 1 : 0
      }),
    )
  },
}

const notes = [
  'One worker, Postgres and the hashing of passwords share one core, by taskset; the generator has ' +
    'another, and hangs up after five seconds.',
  'What has to be made is everything but pages from memory: searches and ' +
    'pages of people that hardly anybody asks for twice, sign-ins, pledges. The peak is what 48 connections ' +
    'get that each wait for their answer.',
]
