import { afterAll, afterEach, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { closeDb, openDb } from '#db/client'
import { migrate } from '#db/migrations'
import { verifyCounters } from '#db/verify'
import { CommandError } from '#lib/errors'
import { emptyDatabase, seededAt, type TestDatabase } from '#testing/database'
import { demoScale, isEmpty, type SeedProgress, seed } from './generate'
import { categories } from './words/categories'

setDefaultTimeout(120_000)

const small = { projects: 150, people: 600, pledges: 3_000, at: seededAt }

async function migratedDatabase(): Promise<TestDatabase> {
  const database = await emptyDatabase()
  await migrate(database.db)
  return database
}

/** Table → md5 of all its rows. */
async function fingerprint({ db: { $client } }: TestDatabase) {
  const tables = await $client<{ name: string }[]>`
    select tablename as name from pg_tables
      where schemaname = 'public' and tablename <> 'schema_migrations' order by 1`
  const sums: Record<string, string> = {}
  for (const { name } of tables) {
    const [row] = await $client.unsafe(
      `select count(*) || ' ' || md5(string_agg(t::text, E'\\n' order by t::text)) as sum from ${name} t`,
    )
    sums[name] = row?.['sum'] as string
  }
  return sums
}

test('the categories of every site are those the words are for', async () => {
  const { db, close } = await migratedDatabase()
  const rows = await db.$client`
    select slug, parent, name from categories order by coalesce(parent, slug), position`
  const words = categories.flatMap(({ words: { slug, name, subcategories } }) => [
    { slug, parent: null, name },
    ...subcategories.map((sub) => ({ slug: `${slug}/${sub.slug}`, parent: slug, name: sub.name })),
  ])
  const bySlug = (a: { slug?: string }, b: { slug?: string }) =>
    String(a.slug).localeCompare(String(b.slug))
  expect([...rows].toSorted(bySlug)).toEqual(words.toSorted(bySlug))
  await close()
})

describe('a small seed', () => {
  let opened: TestDatabase[] = []

  afterEach(async () => {
    for (const database of opened) await database.close()
    opened = []
  })

  const open = async () => {
    const database = await migratedDatabase()
    opened.push(database)
    return database
  }

  test('of the same scale and moment is the same to the last byte; of another it is not', async () => {
    const sums = []
    for (const scale of [small, small, { ...small, at: new Date(+seededAt + 86_400_000) }]) {
      const database = await open()
      await seed(database.db.$client, scale)
      sums.push(await fingerprint(database))
    }
    const [first, second, third] = sums
    expect(Object.keys(first ?? {}).length).toBeGreaterThan(30)
    expect(second).toEqual(first ?? {})
    expect(third?.['projects']).not.toEqual(first?.['projects'])
    expect(third?.['categories']?.split(' ')[0]).toEqual(first?.['categories']?.split(' ')[0])
  })

  test('reports its way from nothing to done', async () => {
    const { db } = await open()
    const reports: SeedProgress[] = []
    await seed(db.$client, small, (progress) => reports.push(progress))
    const fractions = reports.map(({ fraction }) => fraction)
    expect(fractions).toEqual(fractions.toSorted((a, b) => a - b))
    expect([fractions[0], fractions.at(-1)]).toEqual([0, 1])
  })

  test('is refused where there is somebody already, and touches nothing', async () => {
    const database = await open()
    const { $client } = database.db
    await $client`insert into people (name) values ('Ana Lopez')`
    const before = await fingerprint(database)
    const refused = seed($client, small)
    await expect(refused).rejects.toThrow(CommandError)
    await expect(refused).rejects.toThrow(/not empty: nothing was seeded/)
    expect(await fingerprint(database)).toEqual(before)
    expect(await $client`select from pg_namespace where nspname = 'seed'`).toHaveLength(0)
  })

  test('of two at once one fills the database and the other is refused', async () => {
    const database = await open()
    const other = openDb(database.url, { max: 1, applicationName: 'jumpstarter test' })
    const both = [seed(database.db.$client, small), seed(other.$client, small)]
    const outcomes = await Promise.allSettled(both)
    await closeDb(other)
    expect(outcomes.map(({ status }) => status).toSorted()).toEqual(['fulfilled', 'rejected'])
    const [row] = await database.db.$client`select count(*)::int as rows from projects`
    expect(row?.['rows']).toBe(small.projects)
  })

  test('that is interrupted leaves an empty database', async () => {
    const { db } = await open()
    const broken = seed(db.$client, small, ({ phase }) => {
      if (phase === 'community') throw new Error('enough')
    })
    await expect(broken).rejects.toThrow('enough')
    expect(await isEmpty(db.$client)).toBe(true)
    await seed(db.$client, small)
    expect(await isEmpty(db.$client)).toBe(false)
  })
})

describe('the demo', () => {
  let demo: TestDatabase

  beforeAll(async () => {
    demo = await migratedDatabase()
    await seed(demo.db.$client, { ...demoScale, at: seededAt })
  })

  afterAll(() => demo.close())

  /** Rows that should not be: a query selects them, at most a few. */
  async function none(sql: string): Promise<void> {
    const rows = await demo.db.$client.unsafe(`select * from (${sql}) wrong limit 5`)
    expect([...rows]).toEqual([])
  }

  async function one<Row>(sql: string): Promise<Row> {
    const [row] = await demo.db.$client.unsafe(sql)
    return row as Row
  }

  test('has the size it says, and every counter agrees', async () => {
    expect(
      await one(`select (select count(*) from projects)::int as projects,
        (select count(*) from people)::int as people`),
    ).toEqual({ projects: demoScale.projects, people: demoScale.people })
    const { pledges } = await one<{ pledges: number }>(
      'select count(*)::int as pledges from pledges',
    )
    expect(pledges).toBeGreaterThan(demoScale.pledges * 0.8)
    expect(pledges).toBeLessThan(demoScale.pledges * 1.2)
    for await (const { name, count } of verifyCounters(demo.db)) {
      expect(`${name}: ${count}`).toBe(`${name}: 0`)
    }
  })

  test('keeps the limits of title and blurb', async () => {
    await none('select id, title from projects where length(title) not between 3 and 60')
    await none(
      'select id, description from projects where length(description) not between 20 and 135',
    )
    await none(`select project_id, name from rewards where length(name) > 50`)
    await none(`select project_id, title from updates where length(title) > 60`)
    await none(
      `select id, title from projects where title ~ '^\\s|\\s$|\\s\\s' or description ~ '\\s\\s'`,
    )
    // Cut off by left(): ends in the middle of a word or sentence.
    await none(`select id, title from projects where length(title) = 60`)
    await none(`select id, description from projects where description !~ '[.!?…”]$'`)
  })

  test.each([
    ['an unfilled slot', '[{}]'],
    ['filler text', 'lorem|ipsum|asdf|todo|xxx'],
    ['a web address', 'https?:|www\\.'],
    ['an e-mail address', '\\w@\\w'],
    ['a lost value', '\\m(null|undefined|NaN)\\M'],
    ['a doubled article', '\\m(a|an|the) (a|an|the) '],
  ])('has no text with %s', async (_, pattern) => {
    for (const [table, columns] of Object.entries({
      people: ['name', 'bio'],
      projects: ['title', 'description', 'tags::text'],
      stories: ['story', 'risks'],
      rewards: ['name', 'description'],
      reward_items: ['name'],
      updates: ['title', 'body'],
      comments: ['body'],
      faqs: ['question', 'answer'],
    })) {
      for (const column of columns) {
        const text = column === 'tags::text' ? "array_to_string(tags, ' ')" : column
        await none(
          `select '${table}' as in, ${text} as text from ${table} where ${text} ~* '${pattern}'`,
        )
      }
    }
  })

  test('shows no title twice on the first page of a category, and few at all', async () => {
    await none(`
      select category, title, count(*) from (
        select category, title, row_number() over (partition by category order by id desc) as row
          from projects where is_listed(status)
      ) newest where row <= 12 group by category, title having count(*) > 1`)
    const { share } = await one<{ share: number }>(
      'select (1 - count(distinct title)::float / count(*)) as share from projects',
    )
    expect(share).toBeLessThan(0.05)
  })

  test('has every status, and of the ended 35 to 45 % successful', async () => {
    const { statuses } = await one<{ statuses: string[] }>(
      'select array_agg(distinct status order by status) as statuses from projects',
    )
    expect(statuses).toEqual([
      ...['canceled', 'draft', 'failed', 'live', 'rejected', 'submitted', 'successful'],
      'suspended',
    ])
    const { share } = await one<{ share: number }>(`
      select avg((status = 'successful')::int)::float as share
        from projects where status in ('successful', 'failed')`)
    expect(share).toBeGreaterThan(0.35)
    expect(share).toBeLessThan(0.45)
  })

  test('gives the newest project the highest id', async () => {
    await none(`
      select id, launched_at, before from (
        select id, launched_at, lag(launched_at) over (order by id) as before
          from projects where launched_at is not null
      ) ordered where launched_at < before`)
  })

  test('has projects in every category and subcategory, and places by weight', async () => {
    await none('select slug from categories where projects_count = 0')
    expect(await one(`select count(*)::int as top from categories where parent is null`)).toEqual({
      top: categories.length,
    })
    await none('select slug from categories where live_count = 0 and parent is null')
    const { first } = await one<{ first: string }>(
      'select city as first from places order by projects_count desc limit 1',
    )
    expect(['New York', 'Los Angeles', 'London']).toContain(first)
  })

  test('takes sums that make sense', async () => {
    await none('select project_id, id from pledges where amount <= 0')
    await none(`select p.project_id, p.id from pledges p
      join rewards r on r.project_id = p.project_id and r.id = p.reward_id where p.amount < r.amount`)
    await none('select project_id, id from rewards where amount < 100')
    await none('select id, goal from projects where goal < 100 or goal % 100 <> 0')
    await none(`select s.project_id from stories s join projects p on p.id = s.project_id
      where p.goal <> (select sum((line ->> 'amount')::bigint) from jsonb_array_elements(budget) line)`)
    await none(`select project_id from stories, jsonb_array_elements(budget) line
      where (line ->> 'amount')::bigint <= 0`)
  })

  test('keeps the order of time', async () => {
    const at = seededAt.toISOString()
    await none(`select b.project_id, b.id from pledges b join projects p on p.id = b.project_id
      where b.created_at < p.launched_at or b.created_at >= p.ends_at or b.created_at > '${at}'`)
    await none(`select id from projects where status = 'live' and not ends_at > '${at}'`)
    await none(`select id from projects
      where status in ('successful', 'failed') and not ends_at <= '${at}'`)
    await none(`select id from projects where (launched_at is null) <>
      (status in ('draft', 'submitted', 'rejected'))`)
    await none(
      `select id from projects where ends_at - launched_at not between '1 day' and '60 days'`,
    )
    await none(`select p.id from projects p join people c on c.id = p.creator_id
      where p.created_at < c.joined_at and p.launched_at < c.joined_at`)
    await none(`select b.project_id, b.id from pledges b join people p on p.id = b.backer_id
      where b.created_at < p.joined_at`)
    await none(`select project_id, number from updates u join projects p on p.id = u.project_id
      where u.published_at < p.launched_at or u.published_at > '${at}'`)
    await none(`select project_id, number from (
        select *, lag(published_at) over (partition by project_id order by number) as before
          from updates) u where published_at < before`)
    await none(`select c.project_id, c.id from comments c join comments t
      on t.project_id = c.project_id and t.id = c.parent_id where c.created_at < t.created_at`)
    await none(`select c.project_id, c.id from comments c join updates u
      on u.project_id = c.project_id and u.number = c.update_number
      where c.created_at < u.published_at`)
    await none(`select project_id, id from comments where created_at > '${at}'`)
    await none(`select r.project_id, r.id from rewards r join projects p on p.id = r.project_id
      where r.delivery_month <= p.ends_at`)
  })

  test('lets only backers and the creator speak, and nobody back themselves', async () => {
    await none(`select c.project_id, c.id from comments c join projects p on p.id = c.project_id
      where c.author_id <> p.creator_id and not exists (
        select from pledges b where b.project_id = c.project_id and b.backer_id = c.author_id
          and b.created_at <= c.created_at)`)
    await none(`select b.project_id from pledges b join projects p on p.id = b.project_id
      where b.backer_id = p.creator_id`)
    await none(`select c.project_id from comments c join comments t
      on t.project_id = c.project_id and t.id = c.parent_id
      where t.parent_id is not null or t.update_number is distinct from c.update_number`)
    await none(`select b.project_id, b.backer_id from pledges b where backed_before <> exists (
      select from pledges o where o.backer_id = b.backer_id
        and (o.created_at, o.project_id) < (b.created_at, b.project_id))`)
  })

  test('has visits of running projects, and followers who were there', async () => {
    const at = seededAt.toISOString()
    await none(`select v.project_id, v.day from project_visits v join projects p on p.id = v.project_id
      where v.day < p.launched_at::date or v.day > '${at}'::date or not is_listed(p.status)
        or v.visits < 1`)
    await none(`select id from projects where status = 'live' and backers_count > 20
      and not exists (select from project_visits where project_id = id)`)
    // Seldom is a backer nobody has seen come.
    const { visits, backers } = await one<{ visits: number; backers: number }>(`
      select sum(seen)::float8 as visits, sum(backers_count)::float8 as backers from projects p
      join (select project_id, sum(visits) as seen from project_visits group by 1) v
        on v.project_id = p.id`)
    expect(backers / visits).toBeGreaterThan(0.01)
    expect(backers / visits).toBeLessThan(0.15)
    await none(`select f.creator_id from follows f join people p on p.id = f.follower_id
      where f.created_at < p.joined_at or f.created_at > '${at}' or f.creator_id = f.follower_id`)
    const { follows } = await one<{ follows: number }>(
      'select count(*)::int as follows from follows',
    )
    expect(follows).toBeGreaterThan(demoScale.projects)
  })

  test('has every state of a reward to look at', async () => {
    const counts = await one<Record<string, number>>(`
      select count(*) filter (where r.quantity is null)::int as unlimited,
          count(*) filter (where r.quantity = r.backers_count)::int as gone,
          count(*) filter (where r.quantity > r.backers_count and r.quantity <= r.backers_count + 5
            and r.backers_count > 0)::int as nearly,
          count(*) filter (where r.backers_count = 0)::int as untouched,
          count(*) filter (where r.closes_at <= '${seededAt.toISOString()}')::int as closed
        from rewards r join projects p on p.id = r.project_id where p.status = 'live'`)
    for (const [state, count] of Object.entries(counts)) {
      expect(count > 0 ? 'some' : `none ${state}`).toBe('some')
    }
  })

  test('leaves every sequence past its rows, and nothing of itself', async () => {
    const { $client } = demo.db
    await $client`insert into people (name) values ('Ana Lopez')`
    await $client`delete from people where name = 'Ana Lopez' and id > ${demoScale.people}`
    expect(await $client`select from pg_namespace where nspname = 'seed'`).toHaveLength(0)
    for (const table of ['projects', 'rewards', 'pledges', 'comments']) {
      const row = await one<{ free: boolean }>(
        `select nextval(pg_get_serial_sequence('${table}', 'id')) > max(id) as free from ${table}`,
      )
      expect(row.free).toBe(true)
    }
  })
})
