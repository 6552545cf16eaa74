import { upgradeCluster } from '#backup/upgrade-cluster'
import { loadConfig } from '#config'
import { CommandError } from '#lib/errors'
import { createLog } from '#observability/log'
import { describe, reporting } from './backup'
import { postgresSettings } from './bulk-settings'
import type { Command } from './command'
import { parseFlags } from './flags'
import { interruptible } from './interruptible'

const usage = `Usage: jumpstarter upgrade-database [--old-bin DIRECTORY] [--data DIRECTORY]

Moves the data of the embedded Postgres to the version that this program brings, when that is newer:
starts the old Postgres where nobody else comes in, copies everything into a new one, compares the
checksum of every table, and exchanges the two directories. The old data is kept beside the new, as
postgres-VERSION-DATE. Stop Jumpstarter first; it takes about as long as a backup and a restore, and
as much room as the database once more. Whatever goes wrong before the exchange, also a kill, leaves
the old data as it was: run it again.

  --old-bin DIRECTORY  where the programs of the old Postgres are; else they are looked for where
                       the older Jumpstarter has unpacked them, then in
                       /usr/lib/postgresql/VERSION/bin, Debian's
  --data DIRECTORY     where the embedded Postgres keeps its data
  --help               show this

The way back is to stop Jumpstarter, give postgres-VERSION-DATE its old name, and start the older
program; what was done since is lost. Exits 0 too when there is nothing to do.`

export const upgradeDatabase: Command = {
  summary: 'move the embedded Postgres to the version of this program',
  usage,
  run: async (args, { embedded }) => {
    const flags = { 'old-bin': { type: 'string' }, data: { type: 'string' } } as const
    const { values } = parseFlags('upgrade-database', args, flags)
    const config = loadConfig({ JUMPSTARTER_DATA: values.data })
    if (config.databaseUrl) {
      throw new CommandError(
        'upgrade-database is for the embedded Postgres, and DATABASE_URL leads to another: ' +
          'upgrade that with its own tools, such as pg_upgradecluster.',
        2,
      )
    }
    const { report, end } = reporting('Upgrading')
    const upgrade = await interruptible((signal) =>
      upgradeCluster({
        ...config,
        ...{ embedded, oldBin: values['old-bin'], settings: postgresSettings() },
        ...{ signal, log: createLog(config.logLevel) },
        onProgress: (what, fraction) => report(what, fraction, 0),
      }),
    )
    if (!upgrade) {
      console.log('The data is of the Postgres that this program brings: nothing is to be done.')
      return 0
    }
    end()
    const { to, kept, manifest, left } = upgrade
    console.log(
      `Postgres ${manifest.postgres} → ${to}, and every table is equal: ${describe(manifest)}`,
    )
    if (left.length > 0) console.log(`Not moved, because not ours: ${left.join(', ')}.`)
    console.log(`The old data is in ${kept}: delete it when all is well. Start Jumpstarter now.`)
    return 0
  },
}
