import { eq, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { prepared } from '#db/prepared'
import { listProjects } from '#features/discover/reads/lists'
import { findPerson } from '#features/people/reads/profiles'
import { findProject } from '#features/projects/reads/projects'
import { type KeyRange, type KeySource, oneKey, spreadKeys, uniformKeys } from './keys'
import { pledgeNaively, raiseTotals, type Scratch, type ScratchTables, unchanging } from './scratch'
import { captureStatements, forOneKey, pgbenchScript, type Script } from './script'

export interface Workload {
  id: string
  name: string
  /** What a write leaves: pledges, updates of projects or both; a read leaves nothing. */
  writes: { pledges: boolean; projects: boolean }
  /** Share of its transactions of which pgbench writes the time down: reads are too many. */
  sampling: number
  /** One operation through our code, with keys of its own drawing. */
  operation(db: Db): Promise<unknown>
  /** The same for pgbench, with the statements that our code sends. */
  scripts(url: string): Promise<Script[]>
}

/** What the reads ask for. */
export interface ReadKeys {
  projects: KeyRange
  people: KeyRange
  categories: string[]
}

const readsNothing = { pledges: false, projects: false }
const readSampling = 0.1
const amounts: KeyRange = { first: 100, last: 50_000 }
// Of so many none comes twice: a person pledges to a project only once.
const backers: KeyRange = { first: 1, last: 2 ** 40 }
// By these the parameters are known again among those that the driver sent; no id is so high.
const probe = { backerId: 900_000_000_007, amount: 900_000_000_011 }

/** What the site holds to be read. */
export async function readKeysOf(db: Db): Promise<ReadKeys> {
  const [row] = await db.$client<Record<'p0' | 'p1' | 'q0' | 'q1', string | null>[]>`
    select (select min(id) from projects) as p0, (select max(id) from projects) as p1,
      (select min(id) from people) as q0, (select max(id) from people) as q1`
  const categories = await db.$client<{ slug: string }[]>`
    select slug from categories where parent is null order by slug limit 100`
  return {
    projects: { first: Number(row?.p0 ?? 1), last: Number(row?.p1 ?? 1) },
    people: { first: Number(row?.q0 ?? 1), last: Number(row?.q1 ?? 1) },
    categories: categories.map(({ slug }) => slug),
  }
}

export function readWorkloads({ projects, people, categories }: ReadKeys): Workload[] {
  return [
    byId('project', 'project by id', projects, findProject),
    byId('person', 'person by id', people, findPerson),
    {
      id: 'category',
      name: 'page of a category, 12 rows',
      writes: readsNothing,
      sampling: readSampling,
      operation: (db) => listCategory(db, categories[uniformOf(categories)] ?? ''),
      // pgbench has no lists of words to draw from, but draws from scripts: one for each category.
      scripts: (url) =>
        Promise.all(
          categories.map(async (category, index) => {
            const statements = await captureStatements(url, (db) => listCategory(db, category))
            return pgbenchScript(statements, { prefix: `c${index}` })
          }),
        ),
    },
  ]
}

const uniformOf = (values: unknown[]) => Math.floor(Math.random() * values.length)

const listCategory = (db: Db, category: string) =>
  listProjects(db, { category }, { status: 'live', sort: 'popular' })

function byId(
  id: string,
  name: string,
  range: KeyRange,
  find: (db: Db, key: number) => Promise<unknown>,
): Workload {
  const keys = uniformKeys(range)
  return {
    id,
    name,
    writes: readsNothing,
    sampling: readSampling,
    operation: (db) => find(db, keys.draw()),
    scripts: async (url) => {
      const sent = await captureStatements(url, (db) => find(db, range.last))
      const statements = forOneKey(sent, range.last)
      if (statements.length !== 1) throw new Error(`${name} is not one statement for its key`)
      const variables = new Map([[`${range.last}`, 'id']])
      return [pgbenchScript(statements, { lines: keys.script('id'), variables })]
    },
  }
}

export function writeWorkloads(scratch: Scratch): Workload[] {
  const { tables, projects: last } = scratch
  const spread = spreadKeys({ first: 1, last })
  // Neither the newest nor the first.
  const one = oneKey(Math.ceil(last / 2))
  const everything = { pledges: true, projects: true }
  const insert = insertOnly(tables)
  const totals = updateTotals(tables)
  const comments = countComment(tables)
  return [
    writing(
      { id: 'pledges', name: 'spread pledges, 80/20', keys: spread, writes: everything },
      (db, values) => pledgeNaively(db, tables, values),
    ),
    writing(
      { id: 'pledges-one', name: 'pledges into one project', keys: one, writes: everything },
      (db, values) => pledgeNaively(db, tables, values),
    ),
    writing(
      {
        id: 'inserts',
        name: 'pledge rows alone, 80/20',
        keys: spread,
        writes: { pledges: true, projects: false },
      },
      (db, values) => insert(db).execute({ ...values }),
    ),
    writing(
      {
        id: 'totals',
        name: 'update of totals (indexed)',
        keys: spread,
        writes: { pledges: false, projects: true },
      },
      (db, { projectId, amount }) => totals(db).execute({ projectId, amount }),
    ),
    writing(
      {
        id: 'counter',
        name: 'update of a plain counter',
        keys: spread,
        writes: { pledges: false, projects: true },
      },
      (db, { projectId }) => comments(db).execute({ projectId }),
    ),
  ]
}

interface PledgeValues {
  projectId: number
  backerId: number
  amount: number
}

function writing(
  { keys, ...about }: { id: string; name: string; keys: KeySource; writes: Workload['writes'] },
  write: (db: Db, values: PledgeValues) => Promise<unknown>,
): Workload {
  const draw = { backer: uniformKeys(backers), amount: uniformKeys(amounts) }
  return {
    ...about,
    sampling: 1,
    operation: (db) =>
      write(db, {
        projectId: keys.draw(),
        backerId: draw.backer.draw(),
        amount: draw.amount.draw(),
      }),
    scripts: async (url) => {
      const projectId = keys.draw()
      const statements = await captureStatements(url, (db) => write(db, { projectId, ...probe }))
      const sent = new Set(statements.flatMap(({ parameters }) => parameters.map(String)))
      const drawn = [
        { value: `${projectId}`, variable: 'project', source: keys },
        { value: `${probe.backerId}`, variable: 'backer', source: draw.backer },
        { value: `${probe.amount}`, variable: 'amount', source: draw.amount },
      ].filter(({ value }) => sent.has(value))
      const lines = drawn.flatMap(({ variable, source }) => source.script(variable))
      const variables = new Map(drawn.map(({ value, variable }) => [value, variable]))
      return [pgbenchScript(statements, { lines, variables })]
    },
  }
}

const insertOnly = ({ pledges }: ScratchTables) =>
  prepared((db) =>
    db
      .insert(pledges)
      .values({
        projectId: sql.placeholder('projectId'),
        backerId: sql.placeholder('backerId'),
        amount: sql.placeholder('amount'),
        ...unchanging,
      })
      .prepare('bench_insert_pledge'),
  )

const updateTotals = (tables: ScratchTables) =>
  prepared((db) =>
    db
      .update(tables.projects)
      .set(raiseTotals(tables, sql.placeholder('amount')))
      .where(eq(tables.projects.id, sql.placeholder('projectId')))
      .prepare('bench_update_totals'),
  )

const countComment = ({ projects }: ScratchTables) =>
  prepared((db) =>
    db
      .update(projects)
      .set({ commentsCount: sql`${projects.commentsCount} + 1` })
      .where(eq(projects.id, sql.placeholder('projectId')))
      .prepare('bench_count_comment'),
  )
