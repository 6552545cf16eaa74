import { watch } from 'node:fs'
import { type Config, listenerName, loadConfig } from '#config'
import type { Db } from '#db/client'
import { readClock } from '#db/health/server'
import { kindOf, migrate, migrationState, requireCurrentSchema } from '#db/migrations'
import { checkServers } from '#db/replicas/startup'
import { judgeClock } from '#doctor/checks/clock'
import { CommandError } from '#lib/errors'
import { createLog, type Log } from '#observability/log'
import { probeListener } from '#server/listeners'
import { type Controls, supervise } from '#server/supervisor'
import type { Listener } from '#setting-values'
import { program } from '#version'
import type { Command } from './command'
import { withDatabase } from './database'
import { parseFlags } from './flags'
import { meetPooler } from './pooler'
import { seedDemo } from './seed'

const watchSettleMs = 100

const usage = `Usage: jumpstarter serve [flags]

Serves the site until it is told to stop (SIGTERM, Ctrl-C). SIGUSR2 replaces the workers one by one.

  --listen tcp:HOST:PORT    listen on TCP; all workers share the port
  --listen unix:DIRECTORY   listen on Unix sockets, one N.sock for each worker; repeatable
  --socket-mode MODE        mode of the sockets (default 0660)
  --workers N               worker processes (default: one per core)
  --data DIRECTORY          where the embedded Postgres keeps its data (default .jumpstarter)
  --migrate                 bring an outside database's schema up to date first, as migrate --pre
  --demo                    fill an empty database with the demo
  --watch                   in a checkout: restart the workers when a source file changes
  --help                    show this

With DATABASE_URL an outside Postgres (15 or later) is used instead of the embedded one; if that
leads to a pooler such as PgBouncer, DATABASE_DIRECT_URL leads around it.`

const flags = {
  listen: { type: 'string', multiple: true },
  'socket-mode': { type: 'string' },
  workers: { type: 'string' },
  data: { type: 'string' },
  migrate: { type: 'boolean' },
  demo: { type: 'boolean' },
  watch: { type: 'boolean' },
} as const

export const serve: Command = {
  summary: 'serve the site (the default)',
  usage,
  run: async (args, { embedded }) => {
    const { values } = parseFlags('serve', args, flags)
    const command = workerCommand(embedded !== undefined)
    const config = loadConfig({
      JUMPSTARTER_LISTEN: values.listen?.join(','),
      JUMPSTARTER_SOCKET_MODE: values['socket-mode'],
      JUMPSTARTER_WORKERS: values.workers,
      JUMPSTARTER_DATA: values.data,
    })
    const log = createLog(config.logLevel)
    for (const listener of config.listeners) await probeListener(listener, config.workers)
    return await withDatabase(
      { config, embedded, applicationName: 'jumpstarter serve' },
      async ({ db, url, description, embedded: own, adopted, takeSignals }) => {
        await requireServers(db, config, own, log)
        const mayMigrate = own || values.migrate === true
        await prepareSchema(db, { mayMigrate, isAlone: own && !adopted }, log)
        if (values.demo) await seedDemo(db)
        const databaseUrl = config.databaseUrl ?? url
        const pooler = own ? null : await meetPooler({ ...config, databaseUrl }, db, log)
        await db.$client.end({ timeout: 1 })
        takeSignals()
        return await supervise({
          config: { ...config, databaseUrl, pooler, demo: values.demo === true },
          log,
          command,
          onReady: (controls) => {
            announce(config, description)
            if (values.watch) restartOnChange(controls, log)
          },
        })
      },
    )
  },
}

async function requireServers(
  db: Db,
  { replicaUrls }: Config,
  own: boolean,
  log: Log,
): Promise<void> {
  if (own && replicaUrls.length > 0) {
    throw new CommandError(
      'DATABASE_REPLICA_URLS is of use beside DATABASE_URL only: our own Postgres has no replicas.',
      2,
    )
  }
  if (own) return
  for (const problem of await checkServers(db, replicaUrls)) log.warn(problem)
  const findings = judgeClock('the database', await readClock(db))
  for (const { cause, remedy } of findings) log.warn(cause, { remedy })
}

/** Unless it is known to be alone, an older program may be serving from the same tables. */
async function prepareSchema(
  db: Db,
  { mayMigrate, isAlone }: { mayMigrate: boolean; isAlone: boolean },
  log: Log,
): Promise<void> {
  if (mayMigrate) {
    const isEmpty = (await migrationState(db)).applied.length === 0
    const kind = isAlone || isEmpty ? undefined : 'pre'
    const onWait = (reason: string) => log.warn('the schema waits', { reason })
    const applied = await migrate(db, { kind, onWait })
    if (applied.length > 0) log.info('migrations applied', { tags: applied.join(' ') })
  }
  const { pending } = await requireCurrentSchema(db)
  const left = pending.filter((tag) => kindOf(tag) === 'post')
  if (left.length > 0) {
    const remedy = 'when no older program runs any more: jumpstarter migrate --post'
    log.warn('an upgrade is not finished', { tags: left.join(' '), remedy })
  }
}

/**
 * A compiled program starts itself; a checkout starts bun on the same door. To be asked at once:
 * after an upgrade has replaced the file, the path that the system tells is none any more.
 */
function workerCommand(compiled: boolean): string[] {
  return compiled ? [process.execPath, 'worker'] : [process.execPath, Bun.main, 'worker']
}

function announce(config: Config, database: string): void {
  const where = config.listeners.map(address).join(' and ')
  const workers = config.workers === 1 ? '1 worker' : `${config.workers} workers`
  console.log(`Jumpstarter ${program.version} is ready at ${where} (${workers}, ${database})`)
}

function address(listener: Listener): string {
  if (listener.kind === 'unix') return listenerName(listener)
  const host = ['0.0.0.0', '::'].includes(listener.host) ? 'localhost' : listener.host
  return `http://${host.includes(':') ? `[${host}]` : host}:${listener.port}`
}

function restartOnChange({ restartWorkers }: Controls, log: Log): void {
  let timer: Timer | undefined
  watch(`${import.meta.dir}/..`, { recursive: true }, (_, file) => {
    if (!file || /\.test\.tsx?$/.test(file)) return
    clearTimeout(timer)
    timer = setTimeout(async () => {
      const done = await restartWorkers()
      log.info(done ? 'workers restarted' : 'the old workers stay', { because: file })
    }, watchSettleMs)
  })
}
