import type { Db } from '../client'

const statementMs = 4_000

/** One query about the database's own state, which may not write and is given up after four seconds. */
export async function ask<Row extends object>(
  db: Db,
  query: string,
  parameters: (string | number)[] = [],
): Promise<Row[]> {
  const rows = await db.$client.begin('read only', async (tx) => {
    await tx.unsafe(`set local statement_timeout = ${statementMs}`)
    return await tx.unsafe<Row[]>(query, parameters)
  })
  return [...(rows as Iterable<Row>)]
}

/** Whether anything is answered at all. */
export async function ping({ $client }: Db): Promise<void> {
  await $client`select 1`
}

/** The same for a query that has one row. */
export async function askOne<Row extends object>(
  db: Db,
  query: string,
  parameters: (string | number)[] = [],
): Promise<Row> {
  const [row] = await ask<Row>(db, query, parameters)
  if (!row) throw new Error('Postgres answered nothing')
  return row
}
