import { resolve } from 'node:path'
import { openBackup } from '#backup/read'
import { restoreBackup } from '#backup/restore'
import { loadConfig } from '#config'
import { isBeingFilled, migrate } from '#db/migrations'
import { type VerifyOptions, type VerifyProgress, verifyCounters } from '#db/verify'
import { CommandError } from '#lib/errors'
import { plural } from '#lib/text'
import { describe, reporting } from './backup'
import type { Command } from './command'
import { type OpenDatabase, withDatabase } from './database'
import { parseFlags } from './flags'
import { outsideMemoryBytes } from './verify'

const usage = `Usage: jumpstarter restore FILE [--force] [--data DIRECTORY]

Puts a backup into an empty database: one transaction, all of it or nothing. Reads every table back
and compares its checksum with the backup's, brings an older schema up to date, and recounts every
number as verify does. The role of DATABASE_URL need only own the database.

  --force     delete what is in the database first; should anything fail, it is still there
  --data DIR  where the embedded Postgres keeps its data
  --help      show this

Stop the site first, or its readers wait meanwhile. What is restored goes on where it was: it sends
mail that was waiting and charges cards when projects end. To try a backup beside the site it is of,
leave out SMTP_URL and STRIPE_SECRET_KEY.
Exits 0 when all agrees, 1 when nothing was restored or the recount disagrees.`

export const restore: Command = {
  summary: 'put such a file into an empty database',
  usage,
  run: async (args, { embedded }) => {
    const flags = { force: { type: 'boolean' }, data: { type: 'string' } } as const
    const { values, positionals } = parseFlags('restore', args, flags, 1)
    const [file] = positionals
    if (file === undefined) throw new CommandError('restore takes the file of a backup.', 2)
    const config = loadConfig({ JUMPSTARTER_DATA: values.data })
    const backup = await openBackup(resolve(file))
    try {
      const surroundings = { config, embedded, applicationName: 'jumpstarter restore' }
      return await withDatabase(surroundings, async ({ db, embedded: isOwn }) => {
        if (await isBeingFilled(db.$client)) {
          throw new CommandError(
            'This database is being filled by `jumpstarter seed`, or that was interrupted: wait for ' +
              'it, or use another database.',
          )
        }
        const rows = backup.manifest.tables.reduce((sum, table) => sum + table.rows, 0)
        const { report, end } = reporting('Restoring')
        const session = await db.$client.reserve()
        await restoreBackup(session, backup, {
          force: values.force ?? false,
          onProgress: (what, fraction) => report(what, fraction, rows),
        })
        session.release()
        end()
        console.log(`Restored, and equal to the backup: ${describe(backup.manifest)}`)
        const { elsewhere, place } = backup.manifest.pictures
        if (elsewhere > 0) {
          const storage = place ?? 'another storage'
          console.log(`${plural(elsewhere, 'picture')} were not in it: they were in ${storage}.`)
        }
        for (const tag of await migrate(db)) console.log(`Applied ${tag}.`)
        return await recount(db, isOwn ? {} : { memoryBytes: outsideMemoryBytes })
      })
    } finally {
      await backup.close()
    }
  },
}

async function recount(db: OpenDatabase['db'], memory: VerifyOptions): Promise<number> {
  const { report, end } = reporting('Verifying')
  const onProgress = ({ what, fraction, rows }: VerifyProgress) => report(what, fraction, rows)
  const wrong: string[] = []
  for await (const { name, count } of verifyCounters(db, { ...memory, onProgress })) {
    if (count > 0) wrong.push(name)
  }
  end()
  if (wrong.length === 0) return 0
  console.error(
    `jumpstarter: It was wrong when it was backed up: ${wrong.join('; ')}. See jumpstarter verify.`,
  )
  return 1
}
