import type { Db } from '#db/client'

/** Where pledges go: projects made for one run, so that nobody has backed them. */
export interface Arena {
  projects: readonly number[]
  /** A reward of each, limited, with stock for everybody; in the same order. */
  rewards: readonly number[]
}

const rewardAmount = 2_000
/** What is given without a reward, and beside one. */
export const bonusAmount = 500
export const rewardedTotal = rewardAmount + bonusAmount
const rewardStock = 2_000_000
const backerName = 'Backer of a bench'
const deliveryMonth = '2030-01-01'

/** Four of five go to one of five projects. */
export const hotShare = 0.8
export const hotProjects = 0.2

/** Which of so many projects the next pledge goes to. */
export function drawProject(length: number): number {
  const hot = Math.max(1, Math.floor(length * hotProjects))
  const isHot = Math.random() < hotShare || length === hot
  return Math.floor(isHot ? Math.random() * hot : hot + Math.random() * (length - hot))
}

/**
 * Makes people who back nothing but what is measured; returns the number of the first, the others
 * follow it.
 */
export async function addBackers(db: Db, count: number): Promise<number> {
  const [row] = await db.$client`
    with made as (
      insert into people (name, city, state, country)
        select ${backerName}, 'Lyon', 'Auvergne-Rhône-Alpes', 'France'
        from generate_series(1, ${count}::int)
        returning id
    )
    select min(id) as first from made`
  await db.$client`analyze people`
  return Number(row?.['first'])
}

/** Makes so many running projects like one that is there. */
export async function newArena(db: Db, projects: number): Promise<Arena> {
  const rows = await db.$client`
    with made as (
      insert into projects (creator_id, creator_name, status, title, description, category,
          subcategory, city, state, country, goal, launched_at, ends_at)
        select p.creator_id, p.creator_name, 'live', 'A lamp', 'It glows', p.category,
          p.subcategory, p.city, p.state, p.country, 100000, now(), now() + interval '30 days'
        from (select * from projects where status = 'live' order by id limit 1) p
        cross join generate_series(1, ${projects})
        returning id
    )
    insert into rewards (project_id, position, amount, name, description, delivery_month, ships_to,
        quantity)
      select id, 1, ${rewardAmount}, 'A lamp', '', ${deliveryMonth}, 'nobody', ${rewardStock}
      from made
      returning project_id, id`
  await db.$client`
    update people set projects_count = projects_count + ${projects}
      where id = (select creator_id from projects where id = ${rows[0]?.['project_id']})`
  return {
    projects: rows.map((row) => Number(row['project_id'])),
    rewards: rows.map((row) => Number(row['id'])),
  }
}

/** What does not agree after a run: of the answers, the rows, the totals and the books. */
export async function disagreements(db: Db, arena: Arena, acknowledged: number): Promise<string[]> {
  const [row] = await db.$client`
    with own as (select * from projects where id = any(${arena.projects as number[]}))
    select (select count(*) from pledges b join own on own.id = b.project_id) as pledges,
      (select sum(b.amount) from pledges b join own on own.id = b.project_id) as amount,
      (select sum(pledged) from own) as pledged,
      (select sum(backers_count) from own) as backers,
      (select sum(r.backers_count) from rewards r join own on own.id = r.project_id) as taken,
      (select count(*) from pledges b join own on own.id = b.project_id
        where b.reward_id is not null) as rewarded,
      (select sum(l.amount) from ledger l join own on own.id = l.project_id) as posted,
      (select count(b.request_key) from pledges b join own on own.id = b.project_id) as requests`
  const of = (name: string) => Number(row?.[name] ?? 0)
  const compare = (what: string, found: number, expected: number) =>
    found === expected ? [] : [`${what}: ${found} instead of ${expected}`]
  return [
    ...compare('pledges stored', of('pledges'), acknowledged),
    ...compare('requests remembered', of('requests'), acknowledged),
    ...compare('backers of projects', of('backers'), acknowledged),
    ...compare('rewards taken', of('taken'), of('rewarded')),
    ...compare('totals of projects', of('pledged'), of('amount')),
    ...compare('books', of('posted'), of('amount')),
  ]
}
