import type { TransactionSql } from 'postgres'
import type { Db } from '#db/client'
import { lineOf } from '#features/ledger/rules/books'
import { AppError } from '#lib/errors'
import type { PledgeRequest, PledgeResult } from '../rules'
import { fingerprintOf, takePledges } from './take-pledges'

interface Pledge {
  projectId: number
  backerId: number
  key: string
}

/**
 * Changes a pledge to what is asked for: reward, add-ons, amount, country, card. What is refused
 * leaves it as it was, and says why in the outcome. Done once for each key. Throws AppError
 * pledge_not_found, or falls_short for less within 24 hours of the deadline.
 */
export async function changePledge(db: Db, request: PledgeRequest): Promise<PledgeResult> {
  try {
    return await db.$client.begin(async (tx) => {
      const known = await findRequest(tx, request, fingerprintOf(request))
      if (known) return known
      const before = await requirePledge(tx, request, request.total)
      await tx`select withdraw_pledge(${request.projectId}, ${request.backerId})`
      const [result] = await takePledges(tx, [request])
      if (result?.outcome !== 'taken') throw new Refused(result as PledgeResult)
      await tx`update pledges set created_at = ${before.createdAt}, changed_at = clock_timestamp()
        where project_id = ${request.projectId} and id = ${result.pledgeId}`
      return result
    })
  } catch (error) {
    if (error instanceof Refused) return error.result
    throw error
  }
}

/**
 * Takes the late pledge of somebody whose earlier one was dropped: that is withdrawn, and this one
 * takes its place. What is refused leaves all as it was. Done once for each key. Undefined when no
 * pledge of theirs was dropped. Throws AppError key_reused.
 */
export async function replaceDropped(
  db: Db,
  request: PledgeRequest,
): Promise<PledgeResult | undefined> {
  const { projectId, backerId } = request
  try {
    return await db.$client.begin(async (tx) => {
      const known = await findRequest(tx, request, fingerprintOf(request))
      if (known) return known
      const [dropped] = await tx`update pledges set status = 'pledged'
        where backer_id = ${backerId} and project_id = ${projectId} and status = 'dropped'
        returning id, amount`
      if (!dropped) return undefined
      for (const kind of ['restore', 'revive'] as const) {
        const line = lineOf(projectId, Number(dropped['id']), kind, Number(dropped['amount']))
        const { pledgeId, debit, credit, amount } = line
        await tx`select post_ledger(array[${projectId}::bigint], array[${kind}::text],
          array[${pledgeId}::bigint], array[${debit}::text], array[${credit}::text],
          array[${amount}::bigint])`
      }
      await tx`select withdraw_pledge(${projectId}, ${backerId})`
      const [result] = await takePledges(tx, [request])
      if (result?.outcome !== 'taken') throw new Refused(result as PledgeResult)
      return result
    })
  } catch (error) {
    if (error instanceof Refused) return error.result
    throw error
  }
}

/** Ends a pledge; nothing will be charged. Done once for each key. Throws as `changePledge` does. */
export async function cancelPledge(db: Db, pledge: Pledge): Promise<void> {
  const { projectId, backerId, key } = pledge
  await db.$client.begin(async (tx) => {
    if (await findRequest(tx, pledge, cancellation)) return
    const { id } = await requirePledge(tx, pledge, 0)
    await tx`select withdraw_pledge(${projectId}, ${backerId})`
    await tx`insert into money_requests (project_id, person_id, key, fingerprint, pledge_id, total)
      values (${projectId}, ${backerId}, ${key}, ${cancellation}, ${id}, 0)`
  })
}

/** Stands for what is asked for, where that is nothing but to end it. */
const cancellation = '0'

/** Takes the transaction back. */
class Refused extends Error {
  readonly result: PledgeResult
  constructor(result: PledgeResult) {
    super(result.outcome)
    this.result = result
  }
}

/** What came of the same request before, once nobody else is at work on this project. */
async function findRequest(
  tx: TransactionSql,
  { projectId, backerId, key }: Pledge,
  fingerprint: bigint | string,
): Promise<PledgeResult | undefined> {
  await tx`select from projects where id = ${projectId} for no key update`
  const [row] = await tx`
    select request_fingerprint as fingerprint, id as pledge_id, amount as total from pledges
      where backer_id = ${backerId} and project_id = ${projectId} and request_key = ${key}
    union all
    select fingerprint, pledge_id, total from money_requests
      where project_id = ${projectId} and person_id = ${backerId} and key = ${key}
    limit 1`
  if (!row) return undefined
  if (row['fingerprint'] !== `${fingerprint}`) throw new AppError('key_reused')
  return { outcome: 'replayed', pledgeId: Number(row['pledge_id']), total: Number(row['total']) }
}

async function requirePledge(
  tx: TransactionSql,
  { projectId, backerId }: Pledge,
  newTotal: number,
): Promise<{ id: number; createdAt: Date }> {
  const [row] = await tx`
    select b.id, b.created_at, p.status = 'live' and p.ends_at > clock_timestamp() as is_open,
        b.amount > ${newTotal} and p.pledged >= p.goal
          and p.pledged - b.amount + ${newTotal} < p.goal
          and p.ends_at <= clock_timestamp() + interval '24 hours' as falls_short
      from pledges b join projects p on p.id = b.project_id
      where b.backer_id = ${backerId} and b.project_id = ${projectId} and b.status = 'pledged'`
  if (!row) throw new AppError('pledge_not_found')
  if (!row['is_open']) throw new AppError('campaign_over')
  if (row['falls_short']) throw new AppError('falls_short')
  return { id: Number(row['id']), createdAt: row['created_at'] }
}
