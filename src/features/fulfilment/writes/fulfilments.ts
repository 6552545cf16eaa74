import { sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { AppError } from '#lib/errors'
import type { BackersFilter, FulfilmentStatus } from '../rules/backers'
import { mark } from './mark'
import { beginTask, type Work } from './steps'
import { addTask } from './tasks'

interface Marked {
  status: FulfilmentStatus
  /** All whom it finds; without it, those who were ticked. */
  filter: BackersFilter | undefined
  pledgeIds: readonly number[]
}

/**
 * Says of many how far what is sent to them is. Only of those who have paid, and not of those who
 * have said that they have it. Returns how many that were so far: of a large project the rest is
 * done later. Throws AppError wrong_state while too much else is under way.
 */
export async function markBackers(
  work: Work,
  projectId: number,
  { status, filter, pledgeIds }: Marked,
): Promise<{ marked: number; isFinished: boolean }> {
  if (!filter) {
    const ids = sql`p.id = any(${sql.param(`{${pledgeIds.join()}}`)}::bigint[])`
    const ticked = sql`
      select p.project_id, p.id, p.status from pledges p where p.project_id = ${projectId} and ${ids}`
    const { marked } = await mark(work.db, projectId, ticked, sql`true`, status)
    return { marked, isFinished: true }
  }
  const task = await work.db.transaction((tx) => addTask(tx, projectId, { status, filter }))
  const { done, isFinished } = await beginTask(work, task)
  return { marked: done, isFinished }
}

/**
 * Says how far it is for one backer, and by which number it travels; what the backer has received
 * stays so. Throws AppError wrong_state.
 */
export async function saveFulfilment(
  db: Db,
  { projectId, pledgeId }: { projectId: number; pledgeId: number },
  { status, tracking }: { status: FulfilmentStatus; tracking: string },
): Promise<void> {
  const saved = await db.execute(sql`
    insert into fulfilments as known (project_id, pledge_id, status, tracking)
      select project_id, id, ${status}, ${tracking} from pledges
      where project_id = ${projectId} and id = ${pledgeId} and status = 'collected'
    on conflict (project_id, pledge_id) do update
      set status = case known.status when 'received' then known.status else excluded.status end,
        tracking = excluded.tracking, changed_at = now()
    returning pledge_id`)
  if (saved.length === 0) {
    throw new AppError('wrong_state', { detail: 'Nothing is sent to whoever has not paid.' })
  }
}
