import { eq, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { drafts, projectTransitions } from '#db/schema/making'
import { projects } from '#db/schema/projects'
import { reports } from '#db/schema/trust'
import { cutWalk } from '#features/projects/rules'
import { staffPageRows } from '../rules'

/** Projects in review that one page looks at: those approved wait for their creators. */
export const reviewRowsMax = 500
const steps = sql.raw(String(reviewRowsMax))

const submitted = sql.raw('listing_key(shelf, id)')

/** What waits for a decision, the oldest project first; `after` is the last one seen. */
export async function listSubmissions(db: Db, after = 0) {
  const walk = db
    .select({
      id: projects.id,
      title: projects.title,
      creatorName: projects.creatorName,
      key: sql<string>`${submitted}`.as('key'),
      step: sql<number>`(row_number() over (order by ${submitted}))::int`.as('step'),
    })
    .from(projects)
    .where(
      sql`listing_key(shelf, id) > listing_key(status_shelf('submitted'), ${after}::bigint)
        and listing_key(shelf, id) <= listing_key(status_shelf('submitted'), 1099511627775)`,
    )
    .orderBy(sql`${submitted} limit ${steps}`)
    .as('walk')
  const rows = await db
    .select({
      id: walk.id,
      title: walk.title,
      creatorName: walk.creatorName,
      step: walk.step,
      fits: sql<boolean>`${drafts.approvedAt} is null`.as('fits'),
      submittedAt: sql<Date | null>`(select t.created_at from ${projectTransitions} t
        where t.project_id = ${walk.id} order by t.number desc limit 1)`
        .mapWith(projectTransitions.createdAt)
        .as('submitted_at'),
    })
    .from(walk)
    .leftJoin(drafts, eq(drafts.projectId, walk.id))
    .where(sql`${drafts.approvedAt} is null or ${walk.step} = ${steps}`)
    .orderBy(sql`${walk.key}`)
    .limit(staffPageRows + 1)
  const { page, next } = cutWalk(rows, staffPageRows, reviewRowsMax, ({ id }) => id)
  return { submissions: page, next }
}

/** More than this is “more than a hundred”. */
export const waitingMax = 100

/** How much waits for staff, up to a hundred of each and one more, of the oldest in review. */
export async function countWaiting(db: Db) {
  const [row] = await db.execute<{ submissions: number; reports: number }>(sql`
    select
      (select count(*)::int from (
        select from (
          select id from projects
          where listing_key(shelf, id) > listing_key(status_shelf('submitted'), 0)
            and listing_key(shelf, id) <= listing_key(status_shelf('submitted'), 1099511627775)
          order by listing_key(shelf, id) limit ${steps}) p
        left join drafts d on d.project_id = p.id
        where d.approved_at is null
        limit ${waitingMax + 1}) s) as submissions,
      (select count(*)::int from (
        select from reports where resolved_at is null limit ${waitingMax + 1}) r) as reports`)
  return { submissions: row?.submissions ?? 0, reports: row?.reports ?? 0 }
}

const recordProjectsMax = 100

/** How the latest hundred projects of a creator went, and reports about them and the creator. */
export async function findCreatorRecord(db: Db, creator: { id: number } | { ofProject: number }) {
  const id =
    'id' in creator
      ? sql`${creator.id}::bigint`
      : sql`(select creator_id from projects where id = ${creator.ofProject})`
  const [row] = await db.execute<{ outcomes: Record<string, number>; reports: number }>(sql`
    with latest as materialized (
      select id, status from projects where creator_id = ${id}
      order by id desc limit ${recordProjectsMax})
    select
      (select coalesce(json_object_agg(status, n), '{}')
        from (select status, count(*)::int as n from latest group by status) s) as outcomes,
      (select count(*)::int from (
        select from ${reports} r, latest l
        where r.kind = 'project' and r.about_project = l.id and r.subject = 0
        limit ${waitingMax + 1}) p)
      + (select count(*)::int from (
        select from ${reports} r
        where r.kind = 'person' and r.about_project is null and r.subject = ${id}
        limit ${waitingMax + 1}) q) as reports`)
  return { outcomes: row?.outcomes ?? {}, reports: row?.reports ?? 0 }
}
