import { sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { openTasksMax, shownMinutes, type Task } from '../rules/tasks'

/** How far a task is. */
export interface Progress extends Pick<Task, 'id' | 'kind' | 'mark'> {
  /** Pledges looked at, of about so many. */
  walked: number
  total: number
  /** Backers it was done with. */
  done: number
  isFinished: boolean
}

/** What is under way with all backers of a project, or was a short while ago; the newest first. */
export async function listTasks(db: Pick<Db, 'execute'>, projectId: number): Promise<Progress[]> {
  return await db.execute<Progress & Record<string, unknown>>(sql`
    select t.id::float8 as id, t.kind, t.mark, t.walked, t.done,
        greatest(p.backers_count, t.walked) as total, t.finished_at is not null as "isFinished"
      from fulfilment_tasks t join projects p on p.id = t.project_id
      where t.project_id = ${projectId}
        and (t.finished_at is null
          or t.finished_at > now() - make_interval(mins => ${shownMinutes}))
      order by t.id desc limit ${openTasksMax}`)
}
