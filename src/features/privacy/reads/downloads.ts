import { sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { chunkRows } from '../rules'
import type { Kind } from './kinds'

export type OwnRow = Record<string, unknown>

/** The next rows of one file, after the row `after`; fewer than `chunkRows` are the last ones. */
export async function listOwn(
  db: Db,
  { key, rows }: Kind,
  personId: number,
  after?: OwnRow,
): Promise<OwnRow[]> {
  const columns = sql.join(
    key.map((name) => sql`own.${sql.identifier(name)}`),
    sql`, `,
  )
  const last = sql.join(
    key.map((name) => sql`${after?.[name]}`),
    sql`, `,
  )
  const beyond = after ? sql`where (${columns}) > (${last})` : sql``
  const found = await db.execute<{ row: OwnRow }>(sql`
    select to_jsonb(own) as row from (${rows(personId)}) own ${beyond}
    order by ${columns} limit ${chunkRows}`)
  return found.map(({ row }) => row)
}
