import { expectedIndexes, listIndexes } from '#db/health/indexes'
import { isBeingFilled, type MigrationState, migrationState, obstacle } from '#db/migrations'
import type { Check, OpenSite } from '../check'
import { problem, warning } from '../check'
import { plural } from '../units'

/** Whether the tables are those of this program. */
export const schema: Check<OpenSite> = {
  name: 'schema',
  run: async ({ db, pages }) => {
    if (await isBeingFilled(db.$client)) {
      return [
        problem(
          'The tables are set aside by `jumpstarter seed`, which is at work or was interrupted.',
          'Wait for it, or run the same seed command again.',
        ),
      ]
    }
    const state = await migrationState(db)
    const inTheWay = obstacle(state)
    if (inTheWay?.schemaIs === 'newer') {
      return [
        problem(
          `The database’s schema is newer than this program: it has ${inTheWay.tags.join(', ')}.`,
          'Use the newer Jumpstarter that made it.',
        ),
      ]
    }
    if (inTheWay) {
      const cause = `The database’s schema is older than this program: ${plural(inTheWay.tags.length, 'migration')} to apply, from ${inTheWay.tags[0]}.`
      return pages === null
        ? [warning(cause, 'Start `jumpstarter serve`, which applies them to its own Postgres.')]
        : [problem(cause, 'Run `jumpstarter migrate --pre`, or start with `--migrate`.')]
    }
    return unfinished(state)
  },
}

/** An upgrade that is under way, or has been left half done. */
function unfinished({ pending, unknown }: Pick<MigrationState, 'pending' | 'unknown'>) {
  if (unknown.length > 0) {
    return [
      warning(
        `The database is ready for a newer program: it has ${unknown.join(', ')}.`,
        'Replace this program by that one, here and on every other host.',
      ),
    ]
  }
  if (pending.length === 0) return []
  return [
    warning(
      `An upgrade is not finished: ${pending.join(', ')} waits for the end of the older programs.`,
      'When none of them runs any more, run `jumpstarter migrate --post`.',
    ),
  ]
}

/** For a check that reads our own tables: it is skipped where they are not this program's. */
export const ofTables = ({ name, run }: Check<OpenSite>): Check<OpenSite> => ({
  name,
  run: async (site) => {
    if (obstacle(await migrationState(site.db))) {
      return { skipped: 'the schema is another program’s' }
    }
    if (await isBeingFilled(site.db.$client)) return { skipped: 'the tables are set aside' }
    return await run(site)
  },
})

const namedMax = 20

/** The indexes of the migrations, each there and whole. */
export const indexes: Check<OpenSite> = {
  name: 'indexes',
  run: async ({ db }) => {
    const there = new Map((await listIndexes(db)).map((index) => [index.name, index]))
    const wrong = expectedIndexes().flatMap(({ table, name, isUnique, sql }) => {
      const index = there.get(name)
      if (index?.isBeingBuilt) return []
      if (index && !index.isValid) {
        return problem(
          `The index ${name} of ${table} is invalid, so that no read uses it: its building was interrupted.`,
          `\`reindex index concurrently ${name};\``,
        )
      }
      if (index?.table === table && index.isUnique === isUnique) return []
      const cause = index
        ? `There is an index ${name}, and it is not the one of the migrations.`
        : `The index ${name} of ${table} is missing: what it is for reads the whole table.`
      const before = index ? `drop index ${name}; ` : ''
      return problem(cause, `\`${before}${sql}\``)
    })
    return wrong.slice(0, namedMax)
  },
}
