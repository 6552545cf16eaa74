import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { AppError } from '#lib/errors'
import { fitsStatement, walkStatement } from '../reads/backers'
import { type BackersFilter, chunkRowsMax, type FulfilmentStatus } from '../rules/backers'

interface Marked {
  status: FulfilmentStatus
  /** All whom it finds; without it, those who were ticked. */
  filter: BackersFilter | undefined
  pledgeIds: readonly number[]
}

/**
 * Says of many how far what is sent to them is. Only of those who have paid, and not of those who
 * have said that they have it. Returns how many that were.
 */
export async function markBackers(
  db: Db,
  projectId: number,
  { status, filter, pledgeIds }: Marked,
): Promise<number> {
  if (!filter) {
    const ids = sql`p.id = any(${sql.param(`{${pledgeIds.join()}}`)}::bigint[])`
    const ticked = sql`
      select p.project_id, p.id, p.status from pledges p where p.project_id = ${projectId} and ${ids}`
    return (await mark(db, projectId, ticked, sql`true`, status)).marked
  }
  let marked = 0
  // A thousand at a time: nobody else waits for long, and to go on after a failure repeats nothing.
  for (let after: number | null = 0; after !== null; ) {
    const walked = walkStatement(projectId, after, chunkRowsMax)
    const done: Done = await mark(db, projectId, walked, fitsStatement(filter), status)
    marked += done.marked
    after = done.walked < chunkRowsMax ? null : done.last
  }
  return marked
}

interface Done extends Record<string, unknown> {
  marked: number
  walked: number
  last: number
}

async function mark(
  db: Db,
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
