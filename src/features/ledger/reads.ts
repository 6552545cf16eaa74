import { eq, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { prepared } from '#db/prepared'
import { ledgerAccounts, ledgerBalances, ledgerHeads } from '#db/schema/pledging'
import { cutPage } from '#lib/page'
import type { Balance } from './rules/books'

export const linesPageRows = 50

const balancesOf = prepared((db) =>
  db
    .select({
      account: ledgerBalances.account,
      debits: ledgerBalances.debits,
      credits: ledgerBalances.credits,
    })
    .from(ledgerBalances)
    .where(eq(ledgerBalances.projectId, sql.placeholder('projectId')))
    .limit(ledgerAccounts.length)
    .prepare('balances_of_project'),
)

/** Where each account of a project stands; empty where nothing was ever written. */
export async function listBalances(db: Db, projectId: number): Promise<Balance[]> {
  return await balancesOf(db).execute({ projectId })
}

/** The same inside a transaction that may have changed them. */
export async function listBalancesIn(
  tx: Pick<Db, 'select'>,
  projectId: number,
): Promise<Balance[]> {
  return await tx
    .select({
      account: ledgerBalances.account,
      debits: ledgerBalances.debits,
      credits: ledgerBalances.credits,
    })
    .from(ledgerBalances)
    .where(eq(ledgerBalances.projectId, projectId))
    .limit(ledgerAccounts.length)
}

/** The number and hash, in hexadecimal, of the last line of a project's books. */
export async function findHead(db: Pick<Db, 'select'>, projectId: number) {
  const [row] = await db
    .select({
      number: ledgerHeads.number,
      hash: sql<string>`encode(${ledgerHeads.hash}, 'hex')`,
    })
    .from(ledgerHeads)
    .where(eq(ledgerHeads.projectId, projectId))
  return row
}

export type Line = Awaited<ReturnType<typeof listLines>>['lines'][number]

/**
 * A project's books, the latest lines first; `before` is the number of the last one seen. `isLinked`
 * says of each whether its hash is what its content and the line before it make.
 */
export async function listLines(
  db: Pick<Db, 'execute'>,
  projectId: number,
  before = Number.MAX_SAFE_INTEGER,
) {
  const rows = await db.execute<{
    number: number
    kind: string
    pledgeId: number | null
    debit: string
    credit: string
    amount: number
    createdAt: string
    hash: string
    isLinked: boolean
  }>(sql`
    select number::float8 as number, kind, pledge_id::float8 as "pledgeId", debit, credit,
      amount::float8 as amount, created_at as "createdAt", encode(hash, 'hex') as hash,
      hash = ledger_link(lag(hash) over (order by number), ''::bytea, ledger_text(
        project_id, number, kind, pledge_id, debit, credit, amount, created_at)) as "isLinked"
    from (
      select * from ledger where project_id = ${projectId} and number < ${before}
        order by project_id desc, number desc limit ${linesPageRows + 1}
    ) latest
    order by number desc`)
  // The one too many is what the hash of the last one goes on from.
  const lines = rows.map((row) => ({ ...row, createdAt: new Date(row.createdAt) }))
  const { page, next } = cutPage(lines, linesPageRows, ({ number }) => number)
  return { lines: page, next }
}
