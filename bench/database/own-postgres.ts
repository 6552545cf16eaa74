import { chmod, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { closeDb, type Db, openDb } from '#db/client'
import type { Embedded } from '#embedded'
import { createLog, type LogLevel } from '#observability/log'
import { type EmbeddedPostgres, startEmbeddedPostgres } from '#server/embedded-postgres'

export interface OwnPostgres {
  db: Db
  url: string
  version: string
}

export interface OwnPostgresOptions {
  embedded: Embedded | undefined
  cacheDirectory: string
  /** Fills the new database. */
  fill(db: Db): Promise<void>
  /** Of what Postgres is reported to do; warnings, which is usual. */
  logLevel?: LogLevel
}

export interface OwnPostgresHandle {
  /** The server with these settings above ours: the one that runs, or started anew. */
  withSettings(settings: Record<string, string>): Promise<OwnPostgres>
}

// Some settings want a restart and some only a new session, but either would touch a site that is
// being served. So they are measured on a Postgres of the bench's own, in a temporary directory with
// generated rows: nobody's database is ever restarted or runs with other settings than it was given.

/** Gives `work` a Postgres that is removed after it. */
export async function withOwnPostgres<Result>(
  options: OwnPostgresOptions,
  work: (handle: OwnPostgresHandle) => Promise<Result>,
): Promise<Result> {
  const directory = await mkdtemp(join(tmpdir(), 'jumpstarter-bench-'))
  // Started by root, Postgres runs as somebody else, who has to get through here.
  await chmod(directory, 0o711)
  const { embedded, cacheDirectory, logLevel = 'warn' } = options
  const start = (settings: Record<string, string>) =>
    startEmbeddedPostgres({
      dataDirectory: join(directory, 'data'),
      dataDirectoryGiven: true,
      cacheDirectory,
      settings,
      embedded,
      log: createLog(logLevel),
    })
  let current: { postgres: EmbeddedPostgres; db: Db; key: string } | undefined
  const stop = async () => {
    if (!current) return
    const { postgres, db } = current
    current = undefined
    // It ends only when nobody is connected.
    await closeDb(db, 1)
    await postgres.stop()
  }
  const withSettings = async (settings: Record<string, string>): Promise<OwnPostgres> => {
    const key = JSON.stringify(settings)
    if (current?.key !== key) {
      await stop()
      const postgres = await start(settings)
      const applicationName = 'jumpstarter bench database'
      current = { postgres, key, db: openDb(postgres.databaseUrl, { max: 2, applicationName }) }
    }
    const { postgres, db } = current
    return { db, url: postgres.databaseUrl, version: postgres.version }
  }
  try {
    const { db } = await withSettings({})
    await options.fill(db)
    return await work({ withSettings })
  } finally {
    await stop()
    await rm(directory, { recursive: true, force: true })
  }
}
