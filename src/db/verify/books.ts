import type { Db } from '../client'
import { ledger } from './ledger'
import { settlement } from './settlement'
import { type Found, stepSql } from './steps'

/**
 * What is wrong with the books of one project, its first wrong line first: their chain, their
 * balances, and what they say against its pledges, charges, refunds, disputes and payouts.
 */
export async function verifyBooks(db: Db, projectId: number): Promise<Found[]> {
  return await db.$client.begin('read only', async (tx) => {
    // All of it is found by the number of the project.
    await tx`set local enable_seqscan = off`
    // Of a grouped table the planner expects too few rows, and would go through it for each.
    await tx`set local enable_nestloop = off`
    const range = [String(projectId), String(projectId + 1)]
    const ofLines = await tx.unsafe<Found[]>(stepSql(ledger), range)
    return [...ofLines, ...(await tx.unsafe<Found[]>(stepSql(settlement), range))]
  })
}
