import { sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { pledgesPerStep, type Task } from '../rules/tasks'
import { mailSome } from './mail-survey'
import { markSome } from './mark'
import type { Named } from './tasks'

/** What tasks are done with; `site` is its address, for the links in mails. */
export interface Work {
  db: Db
  site: string
}

/** Does the first step at once, which is all of it for most projects; tells how far it is then. */
export async function beginTask(
  work: Work,
  { projectId, id }: Named,
): Promise<{ done: number; isFinished: boolean }> {
  await stepTask(work, { projectId, id })
  const [task] = await work.db.execute<{ done: number; isFinished: boolean }>(sql`
    select done, finished_at is not null as "isFinished" from fulfilment_tasks
      where project_id = ${projectId} and id = ${id}`)
  return task ?? { done: 0, isFinished: false }
}

/**
 * Does the next step of the task that has waited longest, or of the one given: what is done and
 * how far it is are written together, so that after a crash whoever comes next goes on from there.
 * While it lasts no other process has this task. False when there was none to be had.
 */
export async function stepTask({ db, site }: Work, only?: Named): Promise<boolean> {
  const one = only ? sql`project_id = ${only.projectId} and id = ${only.id}` : sql`true`
  return await db.transaction(async (tx) => {
    const [task] = await tx.execute<Task & Record<string, unknown>>(sql`
      select project_id::float8 as "projectId", id::float8 as id, kind, mark,
          reached::float8 as reached
        from fulfilment_tasks where finished_at is null and ${one}
        order by stepped_at limit 1 for update skip locked`)
    if (!task) return false
    const { projectId, id, kind, mark, reached } = task
    const limit = pledgesPerStep[kind]
    const stretch = { projectId, after: reached, limit }
    const { walked, last, done } = mark
      ? await markSome(tx, stretch, mark)
      : await mailSome(tx, stretch, site)
    await tx.execute(sql`
      update fulfilment_tasks set reached = greatest(reached, ${last}), walked = walked + ${walked},
          done = done + ${done}, stepped_at = clock_timestamp(),
          finished_at = case when ${walked < limit} then clock_timestamp() end
        where project_id = ${projectId} and id = ${id}`)
    return true
  })
}
