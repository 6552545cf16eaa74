import { fillDemo } from '#bench/database/demo'
import { withOwnPostgres } from '#bench/database/own-postgres'
import { measureLive, requireStreams } from '#bench/live/live'
import { liveMarkdown, liveRows, liveText } from '#bench/live/report'
import { svgOf } from '#bench/page/report'
import { addBackers } from '#bench/pledges/arena'
import { databaseScale, writeReport } from '#bench/report'
import { loadConfig } from '#config'
import { program } from '#version'
import { benchFlags, benchFlagsUsage, resultsDirectory, spokenFlags } from './bench-flags'
import type { Runnable } from './command'
import { parseFlags, wholeNumber } from './flags'
import { interruptible } from './interruptible'

/** Below what one worker opens; a worker refuses more. */
const streamsMax = 20_000
const secondsMax = 3_600
const usual = { streams: '10000', seconds: '10' }
/** One that is backed now and then, one that is backed all the time. */
const rates = [2, 100] as const

const usage = `Usage: jumpstarter bench live [flags]

What it costs to tell many readers of a project's figures as they change: memory of each stream, and
how long after a commit each reader knows, at ${rates.join(' and at ')} pledges a second. One worker, on a Postgres
of the bench's own.

  --streams N    how many readers; by default ${usual.streams}, at most ${streamsMax}
  --seconds N    at each rate; by default ${usual.seconds}
${benchFlagsUsage}`

const flags = {
  ...benchFlags,
  streams: { type: 'string' },
  seconds: { type: 'string' },
} as const

export const benchLive: Runnable = {
  usage,
  run: async (args, { embedded }) => {
    const { values } = parseFlags('bench live', args, flags)
    const { cacheDirectory } = loadConfig({ JUMPSTARTER_DATA: values.data })
    const text = { ...usual, ...values }
    const streams = wholeNumber('--streams', text.streams, 1, streamsMax)
    const seconds = wholeNumber('--seconds', text.seconds, 1, secondsMax)
    requireStreams(streams)
    console.error('Starting a Postgres of our own …')
    return await interruptible((signal) =>
      withOwnPostgres({ embedded, cacheDirectory, fill: fillDemo }, async (handle) => {
        const { db, url, version } = await handle.withSettings({})
        const firstBacker = await addBackers(db, Math.max(...rates) * seconds * rates.length)
        const report = (what: string) => console.error(what)
        const options = { streams, seconds, rates, signal, report }
        const live = await measureLive({ db, url, firstBacker }, options)
        const rows = liveRows(live)
        const scale = await databaseScale(db)
        const paths = await writeReport(
          resultsDirectory(values.out),
          {
            bench: 'live',
            command: ['jumpstarter bench live', ...spokenFlags(args)].join(' '),
            scale,
            versions: { jumpstarter: program.version, bun: Bun.version, postgres: version },
            rows,
            notes,
          },
          { markdown: liveMarkdown(live), ...(await svgOf('live', { rows, scale })) },
        )
        console.log(liveText(live))
        console.log(`\nWritten: ${paths.join(', ')}`)
        return 0
      }),
    )
  },
}

const notes = [
  'Readers, whoever backs and Postgres share the machine with the worker. Each reader has a ' +
    'connection of its own, over TCP.',
  'A latency is from the answer to a pledge until a reader has a total with that pledge in it, for ' +
    'each pledge and each reader. Whatever happens within a quarter of a second is told at once.',
  'Memory is the proportional set of the worker, before and after the streams were opened.',
]
