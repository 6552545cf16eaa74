import { tokenPrefix } from '#db/access-tokens'
import type { Db } from '#db/client'
import { openSession } from '#db/sessions'
import { hashPassword } from '#lib/passwords'
import { hashToken, newToken } from '#lib/tokens'
import { testMethodRef } from '#payments/test-cards'
import type { Actor, Actors } from './requests'
import type { Known } from './values'

/** Who asks: two creators, somebody who only backs, and staff. */
export interface Arena {
  people: readonly number[]
  tokens: readonly string[]
  narrowToken: string
}

const everything = ['read', 'write', 'projects', 'messages', 'pledges']
const tenYears = '10 years'
const rowsMax = 40

/** Gives people of the demo accounts, tokens, cards and something of their own in every state. */
export async function makeArena(db: Db): Promise<Arena> {
  const sql = db.$client
  const found = await sql`
    select creator_id as id from projects where status = 'live' and comments_count > 0
      and creator_id not in (select person_id from accounts)
    group by 1 order by 1 limit 2`
  const others = await sql`
    select id from people where id > 1 and id not in (select creator_id from projects)
      and id not in (select person_id from accounts) order by id limit 2`
  const people = idsOf([...found, ...others])
  const staff = people.at(-1) as number
  const password = await hashPassword('correct horse battery')
  await sql`
    insert into accounts (person_id, email, password_hash, role)
      select id, 'fuzz' || id || '@bench.example', ${password},
        case when id = ${staff} then 'staff' else 'member' end
      from unnest(${people}::bigint[]) id`
  const tokens: string[] = []
  for (const id of people) {
    tokens.push(await addToken(db, id, everything))
    await sql`
      insert into cards ${sql({
        ...{ person_id: id, provider: 'test', customer_ref: `customer_${id}` },
        method_ref: testMethodRef('pays', crypto.randomUUID().replaceAll('-', '')),
        ...{ brand: 'Visa', last_four: '4242', expiry_month: 9, expiry_year: 2041 },
      })}`
  }
  for (const id of people.slice(0, 2)) {
    for (const status of ['draft', 'draft', 'submitted']) await addDraft(db, id, status)
  }
  const narrowToken = await addToken(db, people[0] as number, ['read'])
  return { people, tokens, narrowToken }
}

async function addToken({ $client: sql }: Db, personId: number, scopes: string[]) {
  const token = tokenPrefix + newToken().token
  await sql`
    insert into access_tokens (token_hash, person_id, name, scopes, expires_at)
      values (${hashToken(token)}, ${personId}, 'Bench', ${scopes}, now() + ${tenYears}::interval)`
  return token
}

async function addDraft({ $client: sql }: Db, ownerId: number, status: string): Promise<void> {
  await sql`
    with made as (
      insert into projects (creator_id, creator_name, status, title, description, category,
          subcategory, city, state, country, goal)
        select ${ownerId}, p.creator_name, ${status}, 'A lamp of paper', 'It folds.', p.category,
          p.subcategory, p.city, p.state, p.country, 100000
        from projects p where p.creator_id = ${ownerId} order by id limit 1
        returning id
    ), story as (
      insert into stories select id, 'A story', 'None', '[]' from made
    ), draft as (
      insert into drafts (project_id) select id from made
    )
    insert into rewards (project_id, position, amount, name, description, delivery_month, ships_to)
      select id, 1, 2500, 'One lamp', 'Folded.', '2040-12-01', 'nobody' from made`
}

/** Signs somebody in; the cookie’s value. */
export async function addSession(db: Db, personId: number): Promise<string> {
  const { token, hash } = newToken()
  await openSession(db, { tokenHash: hash, personId, userAgent: 'bench', pending: false })
  return token
}

/** What each of them may name now; nobody has been counted against a limit. */
export async function actorsOf(db: Db, arena: Arena): Promise<Actors> {
  await db.$client`delete from rate_limits`
  const all: Actor[] = []
  for (const [index, token] of arena.tokens.entries()) {
    all.push({ token, known: await knownTo(db, arena.people[index] as number) })
  }
  return { all, narrowToken: arena.narrowToken }
}

const idsOf = (rows: readonly Record<string, unknown>[]) => rows.map((row) => Number(row['id']))

async function knownTo(db: Db, personId: number): Promise<Known> {
  const sql = db.$client
  const own = idsOf(
    await sql`
      select id from projects where creator_id = ${personId} order by id desc limit ${rowsMax}`,
  )
  const others = idsOf(
    await sql`
      select id from projects where creator_id <> ${personId} and status = 'live' order by id
      limit ${rowsMax}`,
  )
  const of = async (table: string) =>
    idsOf(
      await sql`
        select id from ${sql(table)} where project_id = any(${own}) order by id desc
        limit ${rowsMax}`,
    )
  const places = await sql`
    select state, city, state_slug, city_slug from places order by 1 limit ${rowsMax}`
  const categories = await sql`
    select distinct category, subcategory from projects limit ${rowsMax}`
  const versions = await sql`
    select distinct version from drafts where project_id = any(${own}) limit ${rowsMax}`
  const members = await sql`
    select distinct member_id as id from conversations where project_id = any(${own})
    limit ${rowsMax}`
  const images = await sql`select hash from images limit ${rowsMax}`
  const comment = await of('comments')
  const person = idsOf(
    await sql`select person_id as id from accounts union all (select id from people limit 10)`,
  )
  const mine = async (table: string) =>
    idsOf(await sql`select id from ${sql(table)} where person_id = ${personId} limit ${rowsMax}`)
  return {
    // Most is asked of one’s own, some of others’.
    ...{ id: [...own, ...own, ...others.slice(0, own.length + 5)], project: others },
    ...{ comment, subject: comment, pledge: await of('pledges') },
    // Without a reward all of it is the bonus, and then the total is right.
    ...{ reward: [...(await of('rewards')), null, null, null], bonus: [500], total: [500] },
    ...{ webhook: await of('webhooks'), delivery: await of('webhook_deliveries') },
    ...{ draft: await of('update_drafts'), card: await mine('cards') },
    ...{ address: await mine('addresses'), person, member: [...idsOf(members), ...person] },
    ...{ number: [1, 2, 3], position: [1, 2], update: [1] },
    version: [1, 2, ...versions.map((row) => row['version'])],
    state: places.flatMap((row) => [row['state_slug'], row['state']]),
    city: places.flatMap((row) => [row['city_slug'], row['city']]),
    slug: categories.map((row) => row['category']),
    subcategory: categories.map((row) => row['subcategory']),
    image: images.map((row) => row['hash']),
  }
}
