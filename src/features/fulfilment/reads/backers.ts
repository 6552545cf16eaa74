import { type SQL, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import type { PledgeStatus } from '#db/schema/backing'
import type { BackersFilter, FulfilmentStatus } from '../rules/backers'

interface Bounds {
  /** The pledge after which to begin. */
  after?: number | undefined
  rowsMax: number
  /** Pledges looked at. */
  walkMax: number
}

export interface ReportRow {
  id: number
  backerId: number
  name: string
  anonymous: boolean
  backedBefore: boolean
  reward: string | null
  amount: number
  bonus: number
  shipping: number
  status: PledgeStatus
  city: string
  country: string
  createdAt: Date
  answeredAt: Date | null
  answers: Record<string, string>
  address: Record<string, string> | null
  fulfilment: FulfilmentStatus
  tracking: string
  /** `2 × Poster`, one after the other. */
  addOns: string | null
}

/** Which pledges `p` with their fulfilment `f` a filter lets through. */
export function fitsStatement({
  reward,
  status,
  country,
  answered,
  fulfilment,
}: BackersFilter): SQL {
  const conditions = [
    reward === 'none' && sql`p.reward_id is null`,
    typeof reward === 'number' && sql`p.reward_id = ${reward}`,
    status && sql`p.status = ${status}`,
    country && sql`coalesce(p.ship_to, p.country) = ${country}`,
    answered && (answered === 'yes' ? sql`f.answered_at is not null` : sql`f.answered_at is null`),
    fulfilment && sql`coalesce(f.status, 'none') = ${fulfilment}`,
  ].filter((condition) => condition !== undefined && condition !== false && condition !== '')
  return conditions.length === 0 ? sql`true` : sql.join(conditions as SQL[], sql` and `)
}

/** Pledges of a project in the order in which they came, from a place on. */
export const walkStatement = (projectId: number, after: number, walkMax: number): SQL => sql`
  select p.project_id, p.id, p.backer_id, p.reward_id, p.amount, p.bonus, p.shipping, p.status,
    p.anonymous, p.backed_before, p.city, p.country, p.ship_to, p.created_at
  from pledges p
  where p.project_id = ${projectId} and p.id > ${after} order by p.id limit ${walkMax}`

export type Report = Awaited<ReturnType<typeof listReport>>

/**
 * Backers whom a filter finds, first come first, with how many there are and what they pledged in
 * `walkMax` pledges from this place on; `next` is where to go on, null at the end.
 */
export async function listReport(
  db: Pick<Db, 'execute'>,
  projectId: number,
  filter: BackersFilter,
  { after = 0, rowsMax, walkMax }: Bounds,
) {
  const rows = await db.execute<RawRow>(sql`
    with walked as materialized (${walkStatement(projectId, after, walkMax)}),
    found as materialized (
      select p.*, f.answered_at, f.answers, f.address, coalesce(f.status, 'none') as fulfilment,
        coalesce(f.tracking, '') as tracking
      from walked p
      left join fulfilments f on f.project_id = ${projectId} and f.pledge_id = p.id
      where ${fitsStatement(filter)}
    )
    select s.*, w.*, (select name from people where id = shown.backer_id) as name,
      (select r.name from rewards r where r.project_id = ${projectId} and r.id = shown.reward_id)
        as reward,
      shown.id::float8 as id,
      shown.backer_id::float8 as backer_id, shown.amount::float8 as amount, shown.status,
      shown.bonus::float8 as bonus, shown.shipping::float8 as shipping, shown.anonymous,
      shown.backed_before, shown.city, coalesce(shown.ship_to, shown.country) as country,
      shown.created_at::text as created_at, shown.answered_at::text as answered_at,
      shown.answers, shown.address, shown.fulfilment, shown.tracking,
      (select string_agg(a.quantity || ' × ' || x.name, ', ' order by x.id)
        from pledge_add_ons a join rewards x on x.project_id = a.project_id and x.id = a.reward_id
        where a.project_id = ${projectId} and a.pledge_id = shown.id) as add_ons
    from (select count(*)::int as found, coalesce(sum(amount), 0)::float8 as sum from found) s
      cross join (select count(*)::int as walked, max(id)::float8 as last from walked) w
      left join (select * from found order by id limit ${rowsMax + 1}) shown on true
    order by shown.id`)
  const [sums] = rows
  const listed = rows.filter(({ id }) => id !== null).map(rowOf)
  const page = listed.slice(0, rowsMax)
  const isWhole = (sums?.walked ?? 0) < walkMax
  const end = isWhole ? null : (sums?.last ?? null)
  const next = listed.length > rowsMax ? (page.at(-1)?.id ?? null) : end
  return { page, next, found: sums?.found ?? 0, sum: sums?.sum ?? 0, isWhole }
}

interface RawRow extends Record<string, unknown> {
  found: number
  sum: number
  walked: number
  last: number | null
  id: number
  backer_id: number
  name: string
  reward: string | null
  amount: number
  bonus: number
  shipping: number
  status: PledgeStatus
  anonymous: boolean
  backed_before: boolean
  city: string
  country: string
  created_at: string
  answered_at: string | null
  answers: Record<string, string> | null
  address: Record<string, string> | null
  fulfilment: FulfilmentStatus
  tracking: string
  add_ons: string | null
}

const rowOf = (row: RawRow): ReportRow => ({
  ...{ id: row.id, backerId: row.backer_id, name: row.name, anonymous: row.anonymous },
  ...{ reward: row.reward, amount: row.amount, bonus: row.bonus, shipping: row.shipping },
  ...{ status: row.status, city: row.city, country: row.country, address: row.address },
  ...{ fulfilment: row.fulfilment, tracking: row.tracking, addOns: row.add_ons },
  backedBefore: row.backed_before,
  answers: row.answers ?? {},
  createdAt: new Date(row.created_at),
  answeredAt: row.answered_at === null ? null : new Date(row.answered_at),
})

/** The rewards of a project by name, to choose from. */
export async function listRewardNames(db: Pick<Db, 'execute'>, projectId: number) {
  return await db.execute<{ id: number; name: string }>(sql`
    select id::float8 as id, name from rewards where project_id = ${projectId} and not is_add_on
    order by position, id limit 200`)
}

/** What a project's money is in. */
export async function findCurrency(db: Pick<Db, 'execute'>, projectId: number): Promise<string> {
  const [row] = await db.execute<{ currency: string }>(sql`
    select currency from projects where id = ${projectId}`)
  return row?.currency ?? ''
}
