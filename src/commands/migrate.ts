import { loadConfig } from '#config'
import type { Db } from '#db/client'
import {
  migrate as applyMigrations,
  type Kind,
  kindOf,
  kinds,
  migrationScript,
  migrationState,
} from '#db/migrations'
import { CommandError } from '#lib/errors'
import type { Command } from './command'
import { withDatabase } from './database'
import { duration, parseFlags } from './flags'

const usage = `Usage: jumpstarter migrate [status] [flags]

Brings the database's schema up to date. Safe to run from many places at once: the first applies,
the others find it done. To upgrade without a pause: migrate --pre with the new program, replace
the program on one host after the other, migrate --post.

  --pre              only what the new program needs and older ones bear
  --post             only what may be done when no older program runs any more; while a worker of
                     one is connected it waits, a minute at most, and then refuses
  --status           say what is applied and what is not, and of which kind; like the word status.
                     Exits 1 if something is pending, or a newer program's
  --dry-run          print the SQL, which psql takes, instead of running it
  --lock-timeout T   how long it may wait for a table, and those who queue behind it too: then it
                     lets them go first and tries again, for minutes. 500ms, 5s; 0 is for ever
                     (default 1s). Indexes are built beside those who write
  --data DIRECTORY   where the embedded Postgres keeps its data
  --help             show this

Each migration is one transaction. Those whose file ends in .post.sql are for --post.`

const flags = {
  pre: { type: 'boolean' },
  post: { type: 'boolean' },
  status: { type: 'boolean' },
  'dry-run': { type: 'boolean' },
  'lock-timeout': { type: 'string' },
  data: { type: 'string' },
} as const

const lockTimeoutMaxMs = 600_000

export const migrate: Command = {
  summary: 'bring the database’s schema up to date',
  usage,
  run: async (args, { embedded }) => {
    const { values, positionals } = parseFlags('migrate', args, flags, 1)
    const [verb] = positionals
    if (verb !== undefined && verb !== 'status') {
      throw new CommandError(`migrate knows only status, not ${verb}.`, 2)
    }
    if (values.pre && values.post) {
      throw new CommandError(
        '--pre and --post do not go together: without either both are applied.',
        2,
      )
    }
    const kind = kinds.find((each) => values[each])
    const asked = values['lock-timeout']
    const wait = asked && { lockTimeoutMs: duration('--lock-timeout', asked, lockTimeoutMaxMs) }
    const options = { kind, ...wait }
    const isStatus = values.status === true || verb === 'status'
    const changes = !isStatus && !values['dry-run']
    const config = loadConfig({ JUMPSTARTER_DATA: values.data })
    const applicationName = 'jumpstarter migrate'
    const surroundings = { config, embedded, applicationName, mustExist: !changes }
    return await withDatabase(surroundings, async ({ db }) => {
      if (isStatus) return await tellStatus(db)
      if (changes) return await apply(db, options)
      console.log((await migrationScript(db, options)).trimEnd() || '-- Nothing is to be done.')
      return 0
    })
  },
}

async function tellStatus(db: Db): Promise<number> {
  const { applied, pending, unknown } = await migrationState(db)
  for (const tag of applied) console.log(`applied  ${tag} (${kindOf(tag)})`)
  for (const tag of unknown) console.log(`unknown  ${tag} (${kindOf(tag)}, a newer program’s)`)
  const order = { pre: 'migrate --pre', post: 'migrate --post, when no older program runs' }
  for (const kind of kinds) {
    for (const tag of pending.filter((each) => kindOf(each) === kind)) {
      console.log(`pending  ${tag} (${kind}: jumpstarter ${order[kind]})`)
    }
  }
  return pending.length + unknown.length > 0 ? 1 : 0
}

async function apply(
  db: Db,
  options: { kind: Kind | undefined; lockTimeoutMs?: number },
): Promise<number> {
  const onWait = (sentence: string) => console.error(sentence)
  const applied = await applyMigrations(db, { ...options, onWait })
  for (const tag of applied) console.log(`applied  ${tag}`)
  const left = (await migrationState(db)).pending
  if (applied.length === 0 && left.length === 0) console.log('The schema is up to date.')
  else if (applied.length === 0) console.log('There is nothing of this kind to apply.')
  if (left.length > 0) {
    console.log(`Left for migrate --post, when no older program runs: ${left.join(', ')}.`)
  }
  return 0
}
