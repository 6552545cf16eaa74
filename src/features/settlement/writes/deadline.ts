import { sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { recordEvent } from '#db/events'
import { openBooks } from '#features/ledger/writes'
import { moveProject } from '#features/projects/writes/lifecycle'
import { listEnded } from '../reads/due'
import { payoutDays, retryDays } from '../rules/dates'
import { releasePledges } from './release'
import type { Settling } from './settling'

type Tx = Pick<Db, 'select' | 'insert' | 'update' | 'execute'>
type Deadline = Pick<Settling, 'db' | 'reached'>

/**
 * Decides about projects whose deadline has passed by the database's clock, each in a transaction of
 * its own and once, however many do this. Returns how many it has decided; 0 when none is left.
 */
export async function settleEnded(work: Deadline, projectId?: number): Promise<number> {
  const ended = await listEnded(work.db, projectId)
  let settled = 0
  for (const { id } of ended) if (await settleOne(work, id, 'skip locked')) settled++
  // Whoever keeps all of them locked may be pledges that come too late, one after the other.
  const [first] = ended
  if (first && settled === 0 && (await settleOne(work, first.id, ''))) settled++
  return settled
}

async function settleOne(
  { db, reached }: Deadline,
  projectId: number,
  locked: 'skip locked' | '',
): Promise<boolean> {
  const isSettled = await db.transaction(async (tx) => {
    const [project] = await tx.execute<{ isSuccess: boolean }>(sql`
      select ${isSuccess} as "isSuccess" from projects
        where id = ${projectId} and status = 'live' and ends_at <= clock_timestamp()
        for no key update ${sql.raw(locked)}`)
    if (!project) return false
    const to = project.isSuccess ? 'successful' : 'failed'
    await moveProject(tx, { projectId, to, actorId: null })
    reached?.('moved')
    if (project.isSuccess) await beginCollecting(tx, projectId)
    else await releasePledges(tx, projectId)
    reached?.('released')
    await recordEvent(tx, { kind: `project_${to}`, aboutProject: projectId })
    reached?.('told')
    return true
  })
  if (isSettled) reached?.('settled')
  return isSettled
}

/** All-or-nothing has to reach its goal; a flexible project has to have anything at all. */
export const isSuccess = sql`case when all_or_nothing then pledged >= goal else pledged > 0 end`

async function beginCollecting(tx: Tx, projectId: number): Promise<void> {
  await openBooks(tx, projectId)
  await tx.execute(sql`
    insert into settlements (project_id, due_at, settled_at, retries_end_at, reminded_at,
        payout_due_at)
      select id, now, now, now + make_interval(days => ${retryDays}), now,
          ends_at + make_interval(days => ${payoutDays})
        from projects, clock_timestamp() as now where id = ${projectId}`)
}
