import type { Db } from './client'

/** What is stored against what the rows say, for one subject that disagrees. */
export interface Disagreement {
  subject: string
  stored: string
  counted: string
}

interface Check {
  name: string
  /** Selects subject, stored and counted of everything; kept are those that differ. */
  sql: string
}

const disagreementsShownMax = 5

const countOf = (child: string, condition: string) =>
  `(select count(*) from ${child} where ${condition})`

/** Every count and total kept beside the rows it counts. */
const checks: readonly Check[] = [
  {
    name: 'pledged total of each project',
    sql: `select 'project ' || p.id as subject, p.pledged as stored, coalesce(sum(b.amount), 0) as counted
      from projects p left join pledges b on b.project_id = p.id and b.status <> 'canceled' group by p.id`,
  },
  {
    name: 'backers of each project',
    sql: `select 'project ' || p.id as subject, p.backers_count as stored, count(b.id) as counted
      from projects p left join pledges b on b.project_id = p.id and b.status <> 'canceled' group by p.id`,
  },
  {
    name: 'updates of each project',
    sql: `select 'project ' || p.id as subject, p.updates_count as stored,
      ${countOf('updates u', 'u.project_id = p.id')} as counted from projects p`,
  },
  {
    name: 'comments of each project',
    sql: `select 'project ' || p.id as subject, p.comments_count as stored,
      ${countOf('comments c', 'c.project_id = p.id and c.update_number is null')} as counted from projects p`,
  },
  {
    name: 'FAQs of each project',
    sql: `select 'project ' || p.id as subject, p.faqs_count as stored,
      ${countOf('faqs f', 'f.project_id = p.id')} as counted from projects p`,
  },
  {
    name: 'saves of each project',
    sql: `select 'project ' || p.id as subject, p.saves_count as stored,
      ${countOf('saves s', 's.project_id = p.id')} as counted from projects p`,
  },
  {
    name: 'creator’s name on each project',
    sql: `select 'project ' || p.id as subject, p.creator_name as stored, c.name as counted
      from projects p join people c on c.id = p.creator_id`,
  },
  {
    name: 'backers of each reward',
    sql: `select 'reward ' || r.id || ' of project ' || r.project_id as subject, r.backers_count as stored,
      count(b.id) as counted from rewards r left join pledges b on b.project_id = r.project_id
        and b.reward_id = r.id and b.status <> 'canceled' group by r.project_id, r.id`,
  },
  {
    name: 'likes of each update',
    sql: `select 'update ' || u.number || ' of project ' || u.project_id as subject, u.likes_count as stored,
      ${countOf('update_likes l', 'l.project_id = u.project_id and l.update_number = u.number')} as counted
      from updates u`,
  },
  {
    name: 'comments of each update',
    sql: `select 'update ' || u.number || ' of project ' || u.project_id as subject, u.comments_count as stored,
      ${countOf('comments c', 'c.project_id = u.project_id and c.update_number = u.number')} as counted
      from updates u`,
  },
  {
    name: 'replies of each comment',
    sql: `select 'comment ' || c.id || ' of project ' || c.project_id as subject, c.replies_count as stored,
      ${countOf('comments r', 'r.project_id = c.project_id and r.parent_id = c.id')} as counted
      from comments c`,
  },
  {
    name: 'listed projects of each person',
    sql: `select 'person ' || p.id as subject, p.projects_count as stored,
      ${countOf('projects c', 'c.creator_id = p.id and is_listed(c.status)')} as counted from people p`,
  },
  {
    name: 'named pledges of each person',
    sql: `select 'person ' || p.id as subject, p.pledges_count as stored,
      ${countOf(
        'pledges b join projects j on j.id = b.project_id',
        "b.backer_id = p.id and b.status <> 'canceled' and not b.anonymous and is_listed(j.status)",
      )} as counted from people p`,
  },
  {
    name: 'projects of each category',
    sql: `select 'category ' || c.slug as subject, c.projects_count || ' / ' || c.live_count as stored,
      count(p.id) filter (where is_listed(p.status)) || ' / ' || count(p.id) filter (where p.status = 'live') as counted
      from categories c left join projects p on c.slug in (p.category, p.subcategory) group by c.slug`,
  },
  {
    name: 'projects of each place',
    sql: `select 'place ' || l.state || ', ' || l.city as subject,
      l.projects_count || ' / ' || l.live_count as stored,
      count(p.id) filter (where is_listed(p.status)) || ' / ' || count(p.id) filter (where p.status = 'live') as counted
      from places l left join projects p on p.state = l.state and p.city = l.city group by l.state, l.city`,
  },
  {
    name: 'outcome of each project',
    sql: `select 'project ' || id as subject, status as stored, case
        when status = 'successful' and pledged < goal and (all_or_nothing or pledged = 0) then 'failed'
        when status = 'failed' and (pledged >= goal or not all_or_nothing and pledged > 0) then 'successful'
        else status end as counted from projects`,
  },
  {
    name: 'backer of each pledge is not its creator',
    sql: `select 'pledge ' || b.id || ' of project ' || p.id as subject, p.creator_id as stored,
      null as counted from pledges b join projects p on p.id = b.project_id and p.creator_id = b.backer_id`,
  },
]

export interface CheckResult {
  name: string
  /** How many disagree, and the first few of them. */
  count: number
  first: Disagreement[]
}

/** Recomputes every counter from its rows, one result after the other. Changes nothing. */
export async function* verifyCounters(db: Db): AsyncGenerator<CheckResult> {
  for (const { name, sql } of checks) {
    const rows = await db.$client.unsafe<(Disagreement & { total: string })[]>(
      `with checked as (${sql})
       select subject, stored::text, coalesce(counted::text, 'nobody') as counted, count(*) over () as total
       from checked where stored::text is distinct from counted::text order by 1 limit ${disagreementsShownMax}`,
    )
    const first = rows.map(({ subject, stored, counted }) => ({ subject, stored, counted }))
    yield { name, count: Number(rows[0]?.total ?? 0), first }
  }
}

export const checksCount = checks.length
