import { loadConfig } from '#config'
import { migrate as applyMigrations, migrationState } from '#db/migrations'
import { CommandError } from '#lib/errors'
import type { Command } from './command'
import { withDatabase } from './database'
import { parseFlags } from './flags'

const usage = `Usage: jumpstarter migrate [status] [--data DIRECTORY]

Brings the database's schema up to date. Safe to run from many places at once: the first applies, the
others find it done. With status only says what is applied and what is not; exits 1 if something is
pending.`

export const migrate: Command = {
  summary: 'bring the database’s schema up to date',
  usage,
  run: async (args, { embedded }) => {
    const { values, positionals } = parseFlags('migrate', args, { data: { type: 'string' } }, 1)
    const [verb] = positionals
    if (verb !== undefined && verb !== 'status') {
      throw new CommandError(`migrate knows only status, not ${verb}.`, 2)
    }
    const config = loadConfig({ JUMPSTARTER_DATA: values.data })
    const applicationName = 'jumpstarter migrate'
    const mustExist = verb === 'status'
    const surroundings = { config, embedded, applicationName, mustExist }
    return await withDatabase(surroundings, async ({ db }) => {
      if (verb === 'status') {
        const { applied, pending, unknown } = await migrationState(db)
        for (const tag of applied) console.log(`applied  ${tag}`)
        for (const tag of unknown) console.log(`unknown  ${tag} (a newer program’s)`)
        for (const tag of pending) console.log(`pending  ${tag}`)
        return pending.length + unknown.length > 0 ? 1 : 0
      }
      const applied = await applyMigrations(db)
      for (const tag of applied) console.log(`applied  ${tag}`)
      if (applied.length === 0) console.log('The schema is up to date.')
      return 0
    })
  },
}
