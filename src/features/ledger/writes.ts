import { sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import type { NewLine } from './rules/books'

/** Locks a project for whatever changes its pledges or its books, and opens these. */
export async function lockBooks(tx: Pick<Db, 'execute'>, projectId: number): Promise<void> {
  await tx.execute(sql`select from projects where id = ${projectId} for no key update`)
  await openBooks(tx, projectId)
}

/** Begins the books of a locked project that has none, with what was pledged before. */
export async function openBooks(tx: Pick<Db, 'execute'>, projectId: number): Promise<void> {
  await tx.execute(sql`select open_ledger(array[${projectId}::bigint])`)
}

/**
 * Writes lines at the end of the books of projects that this transaction has locked, in their
 * order; nothing is written of a line without an amount.
 */
export async function postLines(tx: Pick<Db, 'execute'>, lines: readonly NewLine[]): Promise<void> {
  const worthy = lines.filter(({ amount }) => amount > 0)
  if (worthy.length === 0) return
  const array = (of: (line: NewLine) => string | number | null) =>
    `{${worthy.map((line) => of(line) ?? 'NULL').join()}}`
  await tx.execute(sql`select post_ledger(
    ${array(({ projectId }) => projectId)}::bigint[], ${array(({ kind }) => kind)}::text[],
    ${array(({ pledgeId }) => pledgeId)}::bigint[], ${array(({ debit }) => debit)}::text[],
    ${array(({ credit }) => credit)}::text[], ${array(({ amount }) => amount)}::bigint[])`)
}
