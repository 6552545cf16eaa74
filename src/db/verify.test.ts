import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestDatabase, testDatabase } from '#testing/database'
import { closeDb, openDb } from './client'
import {
  type CheckResult,
  checksCount,
  type Disagreement,
  passes,
  type VerifyProgress,
  verifyCounters,
} from './verify'
import { ledger } from './verify/ledger'
import { settlement } from './verify/settlement'
import { stepSettings, stepSql } from './verify/steps'

setDefaultTimeout(60_000)

/** Few enough for several ranges of the test's few hundred projects and two thousand people. */
const rowsPerRange = 3_000

let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase()
})

afterAll(() => database.close(), 30_000)

const results = (options = {}): Promise<CheckResult[]> =>
  Array.fromAsync(verifyCounters(database.db, { rowsPerRange, ...options }))

const wrong = (all: CheckResult[]) => all.filter(({ count }) => count > 0)

test('the seed agrees with itself in every check', async () => {
  const all = await results()
  expect(all).toHaveLength(checksCount)
  expect(wrong(all)).toEqual([])
})

/** How to damage one row, and what the check has to say of it. */
interface Damage {
  check: string
  table: string
  /** SQL condition for the one row. */
  row: string
  set: string
  /** SQL expressions over the row before it is damaged. */
  subject: string
  stored: string
  counted: string
}

const ofProject = (check: string, column: string, row = 'id = 7'): Damage => ({
  check,
  table: 'projects',
  row,
  set: `${column} = ${column} + 1`,
  subject: `'project ' || id`,
  stored: `${column} + 1`,
  counted: column,
})
const ofUpdate = (check: string, column: string): Damage => ({
  ...ofProject(check, column, '(project_id, number) = (select max(project_id), 1 from updates)'),
  table: 'updates',
  subject: `'update ' || number || ' of project ' || project_id`,
})
const ofPerson = (check: string, column: string): Damage => ({
  ...ofProject(check, column, 'id = (select max(id) from people)'),
  table: 'people',
  subject: `'person ' || id`,
})
const filedCounts = {
  set: 'live_count = live_count + 1',
  stored: `projects_count || ' / ' || live_count + 1`,
  counted: `projects_count || ' / ' || live_count`,
}
const shelves = ['shelf', 'category_shelf', 'subcategory_shelf', 'place_shelf']
const shelvesWith = (wrong?: string) =>
  `concat_ws(' / ', ${shelves.map((shelf) => (shelf === wrong ? `${shelf} + 1` : shelf)).join()})`

const damages: Damage[] = [
  // Suspended: a total of its own, and no outcome that it could contradict.
  ofProject(
    'pledged total of each project',
    'pledged',
    `id = (select min(id) from projects where status = 'suspended')`,
  ),
  ofProject('backers of each project', 'backers_count'),
  {
    ...ofProject('backers of each reward', 'backers_count'),
    table: 'rewards',
    row: 'id = (select max(id) from rewards where quantity is null)',
    subject: `'reward ' || id || ' of project ' || project_id`,
  },
  {
    check: 'backer of each pledge is not its creator',
    table: 'pledges',
    row: `id = (select min(b.id) from pledges b join projects p on p.id = b.project_id
      where b.status = 'canceled' and p.status = 'live')`,
    set: 'backer_id = (select creator_id from projects p where p.id = pledges.project_id)',
    subject: `'pledge ' || id || ' of project ' || project_id`,
    stored: '(select creator_id from projects p where p.id = pledges.project_id)',
    counted: `'nobody'`,
  },
  ofProject('updates of each project', 'updates_count'),
  ofProject('comments of each project', 'comments_count'),
  ofProject('FAQs of each project', 'faqs_count'),
  ofProject('saves of each project', 'saves_count'),
  ofUpdate('likes of each update', 'likes_count'),
  ofUpdate('comments of each update', 'comments_count'),
  {
    ...ofProject('replies of each comment', 'replies_count'),
    table: 'comments',
    row: 'id = (select max(parent_id) from comments)',
    subject: `'comment ' || id || ' of project ' || project_id`,
  },
  {
    check: 'outcome of each project',
    table: 'projects',
    row: `id = (select min(id) from projects where status = 'successful' and all_or_nothing)`,
    set: 'goal = pledged + 1',
    subject: `'project ' || id`,
    stored: `'successful'`,
    counted: `'failed'`,
  },
  ...shelves.map((shelf) => ({
    ...ofProject('shelves of each project', shelf),
    stored: shelvesWith(shelf),
    counted: shelvesWith(),
  })),
  {
    ...ofProject('search words of each project', 'search'),
    set: `search = search || 'zweck'::tsvector`,
    stored: `'''zweck'''`,
    counted: `'fewer words'`,
  },
  {
    ...ofProject('search words of each project', 'search'),
    set: `search = ts_delete(search, (tsvector_to_array(search))[2])`,
    stored: `'fewer words'`,
    counted: `'''' || (tsvector_to_array(search))[2] || ''''`,
  },
  {
    check: 'projects of each category',
    table: 'categories',
    row: `slug = 'games'`,
    subject: `'category games'`,
    ...filedCounts,
  },
  {
    check: 'projects of each place',
    table: 'places',
    row: `city = 'Ithaca'`,
    subject: `'place New York, Ithaca'`,
    ...filedCounts,
  },
  {
    check: 'creator’s name on each project',
    table: 'projects',
    row: 'id = 7',
    // The same words in another order: they are found by the same searches.
    set: `creator_name = upper(creator_name)`,
    subject: `'project 7'`,
    stored: 'upper(creator_name)',
    counted: 'creator_name',
  },
  ofPerson('listed projects of each person', 'projects_count'),
  ofPerson('named pledges of each person', 'pledges_count'),
  {
    check: 'whether each person has backed',
    table: 'people',
    row: 'id = (select max(id) from people)',
    set: 'has_backed = not has_backed',
    subject: `'person ' || id`,
    stored: 'not has_backed',
    counted: 'has_backed',
  },
]

test('there is a damage for each check', async () => {
  const names = (await results())
    .map(({ name }) => name)
    // The books are damaged where they are written: one damage shows in several checks.
    .filter((name) => ![...ledger.checks, ...settlement.checks].includes(name))
  expect([...new Set(damages.map(({ check }) => check))]).toEqual(names)
})

test.each(damages.map((damage) => [damage.check, damage] as const))(
  'a wrong %s is found and named, and nothing else',
  async (check, { table, row, set, subject, stored, counted }) => {
    const own = await testDatabase()
    const unwatched = openDb(own.url, { max: 1, applicationName: 'jumpstarter test damage' })
    try {
      const sql = unwatched.$client
      // Without triggers, of which some would mend it.
      await sql`set session_replication_role = replica`
      const [expected] = await sql.unsafe<Disagreement[]>(
        `select ${subject} as subject, (${stored})::text as stored, (${counted})::text as counted
          from ${table} where ${row}`,
      )
      const damaged = await sql.unsafe(`update ${table} set ${set} where ${row}`)
      expect(damaged.count).toBe(1)
      const all = await Array.fromAsync(verifyCounters(own.db, { rowsPerRange }))
      expect(wrong(all)).toEqual([
        { name: check, count: 1, first: [{ ...(expected as Disagreement) }] },
      ])
    } finally {
      await closeDb(unwatched, 1)
      await own.close()
    }
  },
)

test('of many that disagree all are counted and the first shown, whatever the ranges', async () => {
  const own = await testDatabase()
  try {
    await own.db.$client`update people set pledges_count = pledges_count + 1`
    await own.db.$client`update projects set saves_count = 1000 - id where id >= 3`
    const [rows] = await own.db.$client<{ people: number; projects: number }[]>`
      select (select count(*)::int from people) as people,
        (select count(*)::int from projects where id >= 3) as projects`
    for (const size of [100, rowsPerRange, 1e9]) {
      const all = await Array.fromAsync(verifyCounters(own.db, { rowsPerRange: size }))
      const found = wrong(all).map(({ name, count, first }) => ({
        name,
        count,
        first: first.map(({ subject }) => subject),
      }))
      expect(found).toEqual([
        {
          name: 'saves of each project',
          count: rows?.projects as number,
          first: [3, 4, 5, 6, 7].map((id) => `project ${id}`),
        },
        {
          name: 'named pledges of each person',
          count: rows?.people as number,
          first: [1, 2, 3, 4, 5].map((id) => `person ${id}`),
        },
      ])
    }
  } finally {
    await own.close()
  }
})

test('tells what it looks at and how far it is, from nothing to all', async () => {
  const told: VerifyProgress[] = []
  await results({ onProgress: (progress: VerifyProgress) => told.push(progress) })
  const fractions = told.map(({ fraction }) => fraction)
  expect(fractions[0]).toBe(0)
  expect(fractions.at(-1)).toBeCloseTo(1)
  expect(fractions).toEqual(fractions.toSorted((a, b) => a - b))
  expect([told[0]?.what, told.at(-1)?.what]).toEqual([passes[0]?.what, 'all of it'])
  expect(told[0]?.rows).toBeGreaterThan(10_000)
})

test('a statement that fails ends it with the reason, and leaves the pool as it was', async () => {
  const own = await testDatabase()
  try {
    await own.db.$client`alter table faqs rename to questions`
    await expect(Array.fromAsync(verifyCounters(own.db))).rejects.toThrow('"faqs" does not exist')
    const [row] = await own.db.$client`
      select current_setting('enable_nestloop') as nestloop, count(*)::int as running
        from pg_stat_activity where application_name = 'jumpstarter test' and state <> 'idle'
          and datname = current_database()`
    expect(row).toEqual({ nestloop: 'on', running: 1 })
  } finally {
    await own.close()
  }
})

test('whoever stops listening ends it', async () => {
  const seen: string[] = []
  for await (const { name } of verifyCounters(database.db, { rowsPerRange: 100 })) {
    seen.push(name)
    break
  }
  expect(seen).toEqual(['pledged total of each project'])
})

/** No look-up per row and no table read once per group, with the statistics there are. */
test.each(passes.map((pass) => [pass.what, pass] as const))(
  'the plan for %s reads each table at most a few times',
  async (_, pass) => {
    const settings = Object.entries(stepSettings({ workMemBytes: 2 ** 26, workers: 0 }))
    const lines = await database.db.$client.begin(async (tx) => {
      for (const [name, value] of settings) await tx`select set_config(${name}, ${value}, true)`
      const range = pass.over ? ['1', '1000000'] : []
      return await tx.unsafe<{ 'QUERY PLAN': string }[]>(
        `explain (analyze, costs off, timing off, summary off) ${stepSql(pass)}`,
        range,
      )
    })
    const plan = lines.map((line) => line['QUERY PLAN'])
    expect(plan.join('\n')).not.toContain('SubPlan')
    // Everything runs once; what would name the disagreeing rows does not run at all.
    const loops = plan.flatMap((line) => /loops=(\d+)/.exec(line)?.[1] ?? [])
    expect(loops.length).toBeGreaterThan(10)
    expect(loops.filter((count) => count !== '1')).toEqual([])
  },
)
