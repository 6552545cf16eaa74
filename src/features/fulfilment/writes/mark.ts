import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { fitsStatement, walkStatement } from '../reads/backers'
import type { FulfilmentStatus } from '../rules/backers'
import type { Step, Stretch, Task } from '../rules/tasks'

/** One step of marking all whom a filter finds, from a pledge on. */
export async function markSome(
  tx: Pick<Db, 'execute'>,
  { projectId, after, limit }: Stretch,
  { status, filter }: NonNullable<Task['mark']>,
): Promise<Step> {
  const walked = walkStatement(projectId, after, limit)
  const step = await mark(tx, projectId, walked, fitsStatement(filter), status)
  return { ...step, done: step.marked }
}

interface Done extends Record<string, unknown> {
  marked: number
  walked: number
  last: number
}

/** Marks those of `walked` whom a condition lets through. */
export async function mark(
  db: Pick<Db, 'execute'>,
  projectId: number,
  walked: SQL,
  condition: SQL,
  status: FulfilmentStatus,
): Promise<Done> {
  const [done] = await db.execute<Done>(sql`
    with walked as materialized (${walked}), marked as (
      insert into fulfilments as known (project_id, pledge_id, status)
        select p.project_id, p.id, ${status} from walked p
        left join fulfilments f on f.project_id = ${projectId} and f.pledge_id = p.id
        where p.status = 'collected' and ${condition}
        order by p.id
      on conflict (project_id, pledge_id) do update
        set status = excluded.status, changed_at = now() where known.status <> 'received'
      returning pledge_id
    )
    select (select count(*) from marked)::int as marked, count(*)::int as walked,
      coalesce(max(id), 0)::float8 as last
    from walked`)
  return done ?? { marked: 0, walked: 0, last: 0 }
}
