import { pipeline } from 'node:stream/promises'
import { endSnapshot, readRows, type Session, takeSnapshot } from '#db/backup/snapshot'
import { program } from '#version'
import type { TableRecord } from './manifest'
import type { OpenBackup } from './read'
import { createRowSum } from './row-sum'

/**
 * A database as of this moment, as if it were a backup of itself. What is known of a table when all
 * of it was read, rows and checksum, is in its record from then on. Migrations wait until it is
 * closed.
 */
export async function openLive(session: Session, name: string): Promise<OpenBackup> {
  const { tables: shapes, ...snapshot } = await takeSnapshot(session)
  const tables: TableRecord[] = shapes.map(({ name, columns, bytes }) => ({
    ...{ name, columns: [...columns], rows: 0, bytes: 0, checksum: '' },
    part: { bytes, sha256: '' },
  }))
  const { version, database, databaseBytes, migrations, sequences, pictures } = snapshot
  return {
    path: name,
    bytes: tables.reduce((sum, { part }) => sum + part.bytes, 0),
    manifest: {
      ...{ format: 1, program: program.version, postgres: version, at: new Date().toISOString() },
      ...{ database: { name: database, bytes: databaseBytes }, migrations, tables, sequences },
      pictures: { ...pictures, place: null },
    },
    readTable: async (table, take, onBytes) => {
      const sum = createRowSum()
      let bytes = 0
      const lines = async function* () {
        for await (const chunk of readRows(session, table)) {
          sum.add(chunk)
          bytes += chunk.length
          onBytes?.(Math.min(bytes, table.part.bytes))
          yield chunk
        }
      }
      await pipeline(lines, take)
      Object.assign(table, sum.result())
    },
    close: () => endSnapshot(session),
  }
}
