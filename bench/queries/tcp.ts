import { randomBytes, randomInt } from 'node:crypto'
import { chown, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Config } from '#config'
import type { Db } from '#db/client'
import { createLog } from '#observability/log'
import { preparePlace } from '#server/postgres-account'

/** A way into the embedded Postgres over TCP for the time of a run: one role, one password. */
export interface TcpDoor {
  /** For the start of Postgres. */
  settings: Record<string, string>
  /** Makes the role; returns the URL. */
  open(db: Db): Promise<string>
  /** Drops the role. */
  shut(db: Db): Promise<void>
  /** Removes what was written beside the data. */
  remove(): Promise<void>
}

export const benchRole = 'jumpstarter_bench'
const port = 5432
const passwordBytes = 24

/**
 * Prepares the door. The port is also the name of the Unix socket and stays; the address is one of
 * the sixteen million of the loopback instead. Undefined when nothing may listen there.
 */
export async function prepareTcpDoor(config: Config): Promise<TcpDoor | undefined> {
  const address = `127.${randomInt(1, 255)}.${randomInt(0, 256)}.${randomInt(1, 255)}`
  if (!canListen(address)) return undefined
  const { dataDirectory, account } = await preparePlace({ ...config, log: createLog('silent') })
  const file = join(dataDirectory, `bench-hba-${process.pid}.conf`)
  // Sockets as always; over TCP nobody but this role, and never without its password.
  const lines = ['local all all trust', `host all ${benchRole} 127.0.0.0/8 scram-sha-256`]
  await writeFile(file, `${lines.join('\n')}\n`, { mode: 0o600 })
  if (account) await chown(file, account.uid, account.gid)
  const password = randomBytes(passwordBytes).toString('hex')
  return {
    settings: { listen_addresses: address, hba_file: file, password_encryption: 'scram-sha-256' },
    open: async (db) => {
      await shut(db)
      await db.$client.unsafe(`create role ${benchRole} login password '${password}'`)
      await db.$client.unsafe(`grant pg_read_all_data to ${benchRole}`)
      return `postgres://${benchRole}:${password}@${address}:${port}/jumpstarter`
    },
    shut,
    remove: () => rm(file, { force: true }),
  }
}

async function shut(db: Db): Promise<void> {
  await db.$client.unsafe(`drop role if exists ${benchRole}`)
}

function canListen(hostname: string): boolean {
  try {
    Bun.listen({ hostname, port, socket: { data() {} } }).stop(true)
    return true
  } catch {
    return false
  }
}
