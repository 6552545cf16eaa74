import { type Counter, disagreeing, ofProject, type Pass, slice, within } from './pass'

const countPer = (child: string, key: string) =>
  `(select ${key}, count(*) as n from ${child} where ${within('project_id')} group by ${key})`

/** What is pledged, to projects and to their rewards. */
export const pledges: Pass = {
  what: 'pledges of projects and rewards',
  checks: [
    'pledged total of each project',
    'backers of each project',
    'backers of each reward',
    'backer of each pledge is not its creator',
  ],
  over: 'projects',
  reads: ['pledges', 'pledge_add_ons', 'projects', 'rewards'],
  rowCost: 20,
  // At most one pledge of a project is its creator's, because nobody has two.
  sql: `with per_reward as materialized (
      select b.project_id, b.reward_id, count(*) filter (where b.status <> 'canceled') as backers,
        sum(b.amount) filter (where b.status <> 'canceled') as pledged,
        min(b.id) filter (where b.backer_id = p.creator_id) as own
      from pledges b join projects p on p.id = b.project_id
      where ${within('b.project_id')} and ${within('p.id')} group by b.project_id, b.reward_id
    ), per_project as (
      select project_id, sum(backers)::bigint as backers, sum(pledged) as pledged, min(own) as own
      from per_reward group by project_id
    ), on_top as (
      select a.project_id, a.reward_id, sum(a.quantity)::bigint as taken
      from pledge_add_ons a join pledges b on b.project_id = a.project_id and b.id = a.pledge_id
      where ${within('a.project_id')} and b.status <> 'canceled' group by a.project_id, a.reward_id
    )
    ${disagreeing(
      `${slice('projects', 'id')} p left join per_project t on t.project_id = p.id`,
      ['p.id', '0'],
      [
        {
          check: 'pledged total of each project',
          subject: ofProject,
          stored: 'p.pledged',
          counted: 'coalesce(t.pledged, 0)',
        },
        {
          check: 'backers of each project',
          subject: ofProject,
          stored: 'p.backers_count',
          counted: 'coalesce(t.backers, 0)',
        },
        {
          check: 'backer of each pledge is not its creator',
          subject: "'pledge ' || t.own || ' of project ' || p.id",
          stored: 'case when t.own is not null then p.creator_id end',
          counted: 'null::bigint',
        },
      ],
    )}
    union all ${disagreeing(
      `${slice('rewards', 'project_id')} r
        left join per_reward t on t.project_id = r.project_id and t.reward_id = r.id
        left join on_top o on o.project_id = r.project_id and o.reward_id = r.id`,
      ['r.project_id', 'r.id'],
      [
        {
          check: 'backers of each reward',
          subject: "'reward ' || r.id || ' of project ' || r.project_id",
          stored: 'r.backers_count',
          counted: 'coalesce(t.backers, 0) + coalesce(o.taken, 0)',
        },
      ],
    )}`,
}

const projectCounter = (what: string, column: string, counts: string): Counter => ({
  check: `${what} of each project`,
  subject: ofProject,
  stored: `p.${column}`,
  counted: `coalesce(${counts}.n, 0)`,
})
const updateCounter = (what: string, column: string, counts: string): Counter => ({
  check: `${what} of each update`,
  subject: "'update ' || u.number || ' of project ' || u.project_id",
  stored: `u.${column}`,
  counted: `coalesce(${counts}.n, 0)`,
})

/** What is written and saved around projects. */
export const community: Pass = {
  what: 'updates, comments, FAQs and saves',
  checks: [
    'updates of each project',
    'comments of each project',
    'FAQs of each project',
    'saves of each project',
    'likes of each update',
    'comments of each update',
    'replies of each comment',
  ],
  over: 'projects',
  reads: ['projects', 'updates', 'comments', 'comments', 'faqs', 'saves', 'update_likes'],
  rowCost: 10,
  // Comments are counted by what they stand under and by what they answer in one scan.
  sql: `with said as materialized (
      select project_id, update_number, parent_id, grouping(parent_id) = 0 as replies, count(*) as n
      from comments where ${within('project_id')}
      group by grouping sets ((project_id, update_number), (project_id, parent_id))
    )
    ${disagreeing(
      `${slice('projects', 'id')} p
        left join ${countPer('updates', 'project_id')} u on u.project_id = p.id
        left join ${countPer('faqs', 'project_id')} f on f.project_id = p.id
        left join ${countPer('saves', 'project_id')} s on s.project_id = p.id
        left join said c on c.project_id = p.id and not c.replies and c.update_number is null`,
      ['p.id', '0'],
      [
        projectCounter('updates', 'updates_count', 'u'),
        projectCounter('comments', 'comments_count', 'c'),
        projectCounter('FAQs', 'faqs_count', 'f'),
        projectCounter('saves', 'saves_count', 's'),
      ],
    )}
    union all ${disagreeing(
      `${slice('updates', 'project_id')} u
        left join ${countPer('update_likes', 'project_id, update_number')} l
          on l.project_id = u.project_id and l.update_number = u.number
        left join said c
          on c.project_id = u.project_id and c.update_number = u.number and not c.replies`,
      ['u.project_id', 'u.number'],
      [
        updateCounter('likes', 'likes_count', 'l'),
        updateCounter('comments', 'comments_count', 'c'),
      ],
    )}
    union all ${disagreeing(
      `${slice('comments', 'project_id')} c
        left join said r on r.project_id = c.project_id and r.parent_id = c.id and r.replies`,
      ['c.project_id', 'c.id'],
      [
        {
          check: 'replies of each comment',
          subject: "'comment ' || c.id || ' of project ' || c.project_id",
          stored: 'c.replies_count',
          counted: 'coalesce(r.n, 0)',
        },
      ],
    )}`,
}
