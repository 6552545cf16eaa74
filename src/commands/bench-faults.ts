import { join } from 'node:path'
import { fillDemo } from '#bench/database/demo'
import { withOwnPostgres } from '#bench/database/own-postgres'
import { faultsMarkdown, faultsRows, faultsText } from '#bench/faults/report'
import { type Proof, proveUnderFaults } from '#bench/faults/run'
import { findInstrument } from '#bench/load/instruments'
import { type OwnRedis, startRedis } from '#bench/load/redis'
import { svgOf } from '#bench/page/report'
import { databaseScale, writeReport } from '#bench/report'
import { loadConfig } from '#config'
import type { Db } from '#db/client'
import { demoScale } from '#seed/generate'
import { program } from '#version'
import { benchFlags, benchFlagsUsage, resultsDirectory, spokenFlags } from './bench-flags'
import type { Runnable } from './command'
import { parseFlags, wholeNumber } from './flags'
import { interruptible } from './interruptible'
import { createProgress } from './progress'

const workers = 2
const secondsMax = 86_400
const clientsMax = 200
const seedMax = 2 ** 32 - 1
const shownMax = 20
const usual = { seconds: '90', clients: '24' }
const quick = { seconds: '4', clients: '16' }
const repeatedKeys = { usual: 100, quick: 8 }

const usage = `Usage: jumpstarter bench faults [--seconds N] [--quick] [flags]

Backs projects by HTTP while, in turns, a worker is killed, Postgres is restarted at once, Redis is
emptied (where there is a redis-server), and clients break off before the answer. Whoever does not
know what came of a request sends it again with its key. Then 500 buyers want one of 50, and the
same pledges are sent 50 times at once, with a crash of the whole server midway. After it what was
acknowledged and refused is compared with what is stored, and verify runs. A server of two workers,
on a Postgres of the bench's own. Exits with 1 when a pledge was lost, doubled, oversold, made up.

  --seconds N    of faults; by default ${usual.seconds}
  --clients N    that back at once; by default ${usual.clients}
  --seed N       of what is drawn, to draw it again; by default another each time
  --quick        ${quick.seconds} seconds, ${quick.clients} clients, and fewer of the same pledges
${benchFlagsUsage}`

const flags = {
  ...benchFlags,
  seconds: { type: 'string' },
  clients: { type: 'string' },
  seed: { type: 'string' },
  quick: { type: 'boolean' },
} as const

export const benchFaults: Runnable = {
  usage,
  run: async (args, { embedded }) => {
    const { values } = parseFlags('bench faults', args, flags)
    const { cacheDirectory } = loadConfig({ JUMPSTARTER_DATA: values.data })
    const text = { ...usual, ...(values.quick ? quick : {}), ...values }
    const choice = {
      seconds: wholeNumber('--seconds', text.seconds, 1, secondsMax),
      clients: wholeNumber('--clients', text.clients, 1, clientsMax),
      seed: wholeNumber('--seed', values.seed ?? `${Date.now() % seedMax}`, 0, seedMax),
      repeatedKeys: values.quick ? repeatedKeys.quick : repeatedKeys.usual,
    }
    console.error(`Seed ${choice.seed}. Starting a Postgres of our own …`)
    return await interruptible((signal) =>
      withOwnPostgres(
        { embedded, cacheDirectory, fill: (db) => fillDemo(db, scale), logLevel: 'silent' },
        async (handle) => {
          const { db, url, version } = await handle.withSettings({})
          const redis = findInstrument('redis-server') ? await startRedis(signal) : undefined
          const progress = createProgress('Faults')
          try {
            const proof = await proveUnderFaults({
              ...{ ...choice, db, databaseUrl: url, workers, signal, report: progress.report },
              executable: embedded && process.execPath,
              redis: redis && { url: redis.url, socket: socketOf(redis) },
            })
            progress.end()
            const command = ['jumpstarter bench faults', ...spokenFlags(args)].join(' ')
            return await publish(proof, { db, version, command, out: values.out })
          } finally {
            await redis?.stop()
          }
        },
      ),
    )
  },
}

const socketOf = ({ url }: OwnRedis) => new URL(url).pathname

/** A project must be there to make others of. */
const scale = { ...demoScale, people: 500, projects: 100, pledges: 2_000 }

interface About {
  db: Db
  version: string
  command: string
  out: string | undefined
}

async function publish(proof: Proof, { db, version, command, out }: About): Promise<number> {
  const { violations, operations } = proof
  const directory = resultsDirectory(out)
  const rows = faultsRows(proof)
  const scale = await databaseScale(db)
  const paths = await writeReport(
    directory,
    {
      ...{ bench: 'faults', command, scale },
      versions: { jumpstarter: program.version, bun: Bun.version, postgres: version },
      rows,
      notes: [notes, ...violations.slice(0, shownMax)],
    },
    { markdown: faultsMarkdown(proof), ...(await svgOf('faults', { rows, scale })) },
  )
  if (violations.length > 0) {
    const path = join(directory, 'faults-history.jsonl')
    await Bun.write(path, operations.map((operation) => `${JSON.stringify(operation)}\n`).join(''))
    paths.push(path)
  }
  console.log(faultsText(proof))
  for (const sentence of violations.slice(0, shownMax)) console.log(sentence)
  console.log(`\nWritten: ${paths.join(', ')}`)
  return violations.length > 0 ? 1 : 0
}

const notes =
  'The server, its two workers, Postgres with fsync and synchronous_commit on, Redis and the ' +
  'clients share the machine.'
