import { sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { AppError } from '#lib/errors'
import { openTasksMax, type Task } from '../rules/tasks'

export type Named = Pick<Task, 'projectId' | 'id'>

/**
 * Has something done with all backers of a project: marking those of a filter, or else mailing the
 * survey to guests. The same that is not finished yet is not begun again. Throws AppError
 * wrong_state while too much else is under way.
 */
export async function addTask(
  tx: Pick<Db, 'execute'>,
  projectId: number,
  mark: Task['mark'],
): Promise<Named> {
  const kind = mark ? 'mark' : 'survey'
  const what = mark && JSON.stringify(mark)
  // Whoever else begins one waits, so that what is under way is there.
  await tx.execute(sql`select from projects where id = ${projectId} for no key update`)
  const open = await tx.execute<{ id: number; isSame: boolean }>(sql`
    select id::float8 as id, kind = ${kind} and mark is not distinct from ${what}::jsonb as "isSame"
      from fulfilment_tasks where project_id = ${projectId} and finished_at is null`)
  const same = open.find(({ isSame }) => isSame)
  if (same) return { projectId, id: same.id }
  if (open.length >= openTasksMax) {
    throw new AppError('wrong_state', { detail: 'Please wait until what is under way is done.' })
  }
  const [added] = await tx.execute<{ id: number }>(sql`
    insert into fulfilment_tasks (project_id, kind, mark)
      values (${projectId}, ${kind}, ${what}::jsonb) returning id::float8 as id`)
  return { projectId, id: added?.id ?? 0 }
}
