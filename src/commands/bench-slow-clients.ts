import { fillDemo } from '#bench/database/demo'
import { withOwnPostgres } from '#bench/database/own-postgres'
import { requireInstruments } from '#bench/load/instruments'
import { shareCores } from '#bench/overload/cores'
import { svgOf } from '#bench/page/report'
import { databaseScale, writeReport } from '#bench/report'
import { slowMarkdown, slowRows, slowText } from '#bench/slow-clients/report'
import { measureSlow } from '#bench/slow-clients/slow'
import { loadConfig } from '#config'
import { program } from '#version'
import { benchFlags, benchFlagsUsage, resultsDirectory, spokenFlags } from './bench-flags'
import { say } from './bench-load'
import type { Runnable } from './command'
import { parseFlags, wholeNumber } from './flags'
import { interruptible } from './interruptible'
import { createProgress } from './progress'

const connectionsMax = 10_000
const roundsMax = 100
const secondsMax = 120
const rate = 240
const usual = { connections: '1000', rounds: '5', seconds: '10' }
const quick = { connections: '100', rounds: '1', seconds: '2' }

const usage = `Usage: jumpstarter bench slow-clients [--quick] [flags]

What a thousand slow clients change for everybody else: headers or bodies a few bytes at a time, and
readers who take an answer so (slowhttptest), straight to a worker and through nginx, configured as
generate nginx does it. By turns without and with them others ask for ${rate} pages a second. Tells
of their 99th percentile, and of the memory and connections of the worker. On a Postgres of its own.

  --connections N   slow clients at once; by default ${usual.connections}
  --rounds N        turns without and with them; by default ${usual.rounds}
  --seconds N       of each turn; by default ${usual.seconds}
  --quick           ${quick.connections} slow clients, a round of ${quick.seconds} seconds
  --install         installs slowhttptest and nginx with apt-get where they are missing
${benchFlagsUsage}`

const flags = {
  ...benchFlags,
  connections: { type: 'string' },
  rounds: { type: 'string' },
  seconds: { type: 'string' },
  quick: { type: 'boolean' },
  install: { type: 'boolean' },
} as const

export const benchSlowClients: Runnable = {
  usage,
  run: async (args, { embedded }) => {
    const { values } = parseFlags('bench slow-clients', args, flags)
    const { install = false } = values
    const text = { ...usual, ...(values.quick ? quick : {}), ...values }
    const choice = {
      connections: wholeNumber('--connections', text.connections, 1, connectionsMax),
      rounds: wholeNumber('--rounds', text.rounds, 1, roundsMax),
      seconds: wholeNumber('--seconds', text.seconds, 1, secondsMax),
    }
    const cores = shareCores()
    const needed = ['slowhttptest', 'nginx'] as const
    await requireInstruments({ command: 'bench slow-clients', needed, install, say })
    const { cacheDirectory } = loadConfig({ JUMPSTARTER_DATA: values.data })
    console.error('Starting a Postgres of our own …')
    const own = { embedded, cacheDirectory, fill: fillDemo, logLevel: 'silent' } as const
    return await interruptible((signal) =>
      withOwnPostgres(own, async (handle) => {
        const { db, url, version } = await handle.withSettings({})
        const progress = createProgress('Slow clients')
        const executable = embedded && process.execPath
        const around = { db, databaseUrl: url, executable, cores, rate, signal }
        const cells = await measureSlow({ ...choice, ...around, report: progress.report })
        progress.end()
        const rows = slowRows(cells, choice.connections)
        const scale = await databaseScale(db)
        const paths = await writeReport(
          resultsDirectory(values.out),
          {
            bench: 'slow-clients',
            command: ['jumpstarter bench slow-clients', ...spokenFlags(args)].join(' '),
            scale,
            versions: { jumpstarter: program.version, bun: Bun.version, postgres: version },
            ...{ rows, notes },
          },
          {
            markdown: slowMarkdown(cells, choice.connections),
            ...(await svgOf('slow-clients', { rows, scale })),
          },
        )
        console.log(slowText(cells))
        console.log(`\nWritten: ${paths.join(', ')}`)
        return 0
      }),
    )
  },
}

const notes = [
  'One worker, nginx and Postgres share a core, and all clients another. The ratio is the mean of the ' +
    'pairs of turns, which follow upon each other.',
  'A worker ends the body of a form after 30 seconds, and of a picture after 240. Bun has no deadline for ' +
    'headers: straight to a worker whoever sends them slowly keeps a connection, which costs memory ' +
    'for it and a file, and nothing else; nginx ends them after 60 seconds and keeps them to itself.',
]
