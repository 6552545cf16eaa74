import plan from './010-plan.sql' with { type: 'text' }
import slots from './020-slots.sql' with { type: 'text' }
import pledges from './030-pledges.sql' with { type: 'text' }
import hidden from './040-hidden.sql' with { type: 'text' }
import projects from './050-projects.sql' with { type: 'text' }
import people from './060-people.sql' with { type: 'text' }
import community from './070-community.sql' with { type: 'text' }
import { rangesOf, type Task } from './schedule'
import { build, link, type Piece, promote, proof } from './structure'

export interface BulkScale {
  people: number
  projects: number
  pledges: number
  /** FAQs, updates and comments, five of each for a listed project. */
  community: boolean
  /** The moment that counts as now: what ends later is live. */
  at: Date
}

/** Projects to a statement: small enough to stay in memory and to show progress. */
const projectsAtOnce = 50_000
/** A whole number of decks. */
const peopleAtOnce = 1 << 19

// Seconds on one core for a million rows, measured at ten million projects.
const cost = { plan: 4, pledges: 2.5, project: 45, person: 2.2, community: 60 }
const costOfIndex = { people: 0.6, pledges: 0.7, projects: 1, search: 8, other: 0.5 }
const costOfVacuum = 0.15
const costOfProof = 0.4

/** Everything that is done between the word lists and the counters, in the order of its urgency. */
export function bulkTasks(scale: BulkScale, pieces: Piece[]): Task[] {
  const values = valuesOf(scale)
  const rows = rowsOf(scale)
  const fill = (sql: string, range: { first: number; last: number }) =>
    fillIn(sql, { ...values, ...range })
  const load = (
    phase: string,
    after: string[],
    tables: string[],
    { sql, total, step, seconds }: { sql: string; total: number; step: number; seconds: number },
  ): Task[] =>
    rangesOf(total, step).map((range) => ({
      phase,
      after,
      uses: Object.fromEntries(tables.map((table) => [table, 'write' as const])),
      cost: ((range.last - range.first + 1) / 1e6) * seconds,
      sql: fill(sql, range),
    }))
  const ofProjects = { total: scale.projects, step: projectsAtOnce }
  const millions = (table: string) => (rows[table] ?? 0) / 1e6
  const { vacuum, indexesOf } = tableTasks(pieces, millions)
  const backing = ['keys of pledges', 'indexes of pledges']
  const made = scale.community ? ['updates', 'faqs', 'comments'] : []
  const loaded = ['people', 'projects', 'stories', 'rewards', 'pledges', ...made]
  const empty = [...new Set(pieces.map(({ table }) => table))].filter(
    (table) => !loaded.includes(table),
  )
  return [
    ...load('plan', [], [], { sql: plan, ...ofProjects, seconds: cost.plan }),
    {
      phase: 'slots',
      after: ['plan'],
      cost: scale.projects / 1e6,
      sql: `create index on plan using brin (id); analyze plan; ${fill(slots, { first: 0, last: 0 })}`,
    },
    ...load('pledges', ['slots'], ['pledges'], {
      sql: pledges,
      ...ofProjects,
      seconds: (cost.pledges * scale.pledges) / scale.projects,
    }),
    vacuum('pledges', 'pledges'),
    { phase: 'hidden', after: ['pledges'], cost: millions('pledges') * 0.2, sql: hidden },
    ...indexesOf('pledges'),
    ...load('people', ['hidden', ...backing], ['people'], {
      sql: people,
      total: scale.people,
      step: peopleAtOnce,
      seconds: cost.person,
    }),
    vacuum('people', 'people'),
    ...indexesOf('people'),
    ...load('projects', backing, ['projects', 'stories', 'rewards'], {
      sql: projects,
      ...ofProjects,
      seconds: cost.project,
    }),
    ...['projects', 'stories', 'rewards'].map((table) => vacuum(table, 'projects')),
    ...indexesOf('rewards', 'stories'),
    ...(scale.community
      ? load('community', backing, made, {
          sql: community,
          ...ofProjects,
          seconds: cost.community,
        })
      : []),
    ...made.map((table) => vacuum(table, 'community')),
    ...indexesOf(...made),
    ...empty.map((table) => vacuum(table, 'plan')),
    ...indexesOf(...empty),
    ...linksOf(pieces, millions),
    ...indexesOf('projects'),
  ]
}

function tableTasks(pieces: Piece[], millions: (table: string) => number) {
  const vacuum = (table: string, after: string): Task => ({
    phase: `vacuum of ${table}`,
    after: [after],
    uses: { [table]: 'vacuum' },
    cost: millions(table) * costOfVacuum,
    sql: `vacuum (analyze) ${table}`,
  })
  const indexesOf = (...tables: string[]) =>
    pieces
      .filter(({ kind, table }) => kind !== 'link' && tables.includes(table))
      .flatMap((piece) => indexTasks(piece, millions(piece.table)))
  return { vacuum, indexesOf }
}

/** Its index, and for a key what makes it one. */
function indexTasks(piece: Piece, millions: number): Task[] {
  const { kind, table } = piece
  const building = {
    uses: { [table]: 'index' as const },
    cost: millions * secondsOfIndex(piece),
    sql: build(piece),
  }
  if (kind === 'index') {
    // Projects have so many that links, which need the table for a moment, would never get it.
    const after = [
      `vacuum of ${table}`,
      ...(table === 'projects' ? ['links', 'proof of projects'] : []),
    ]
    return [{ phase: `indexes of ${table}`, after, ...building }]
  }
  return [
    { phase: `keys of ${table}`, after: [`vacuum of ${table}`], ...building },
    {
      phase: 'promotion',
      after: [`keys of ${table}`],
      uses: { [table]: 'alter' },
      cost: 0,
      sql: promote(piece),
    },
  ]
}

/** Foreign keys: added in no time, then proved by reading, which locks nobody out. */
function linksOf(pieces: Piece[], millions: (table: string) => number): Task[] {
  const links = pieces.filter(({ kind }) => kind === 'link')
  const added = links.map(
    (piece): Task => ({
      phase: 'links',
      after: ['promotion'],
      uses: { [piece.table]: 'alter', [piece.target ?? '']: 'alter' },
      cost: 0,
      sql: link(piece),
    }),
  )
  const proved = links.map(
    (piece): Task => ({
      phase: `proof of ${piece.table}`,
      after: ['links'],
      uses: { [piece.table]: 'vacuum' },
      cost: millions(piece.table) * costOfProof,
      sql: proof(piece),
    }),
  )
  return [...added, ...proved]
}

/** How many rows a table will have, about. */
export function rowsOf(scale: BulkScale): Record<string, number> {
  const { people, projects, pledges } = scale
  const each = scale.community ? projects * 5 : 0
  return {
    people,
    projects,
    pledges,
    stories: projects,
    rewards: projects * 2,
    updates: each,
    faqs: each,
    comments: Math.min(each, pledges),
  }
}

function secondsOfIndex({ table, definition }: Piece): number {
  if (definition.includes('gin')) return definition.includes('where') ? 0.3 : costOfIndex.search
  if (table === 'people' || table === 'pledges' || table === 'projects') return costOfIndex[table]
  return costOfIndex.other
}

/** The numbers that the SQL of this folder names with an `@`. */
export function valuesOf({ people, projects, pledges, community }: BulkScale) {
  // Who back often: a tenth of all, in rounds whose step has no factor in common with their number.
  const tenth = Math.max(1, Math.floor(people / 10))
  const often = tenth % 7919 === 0 ? tenth - 1 : tenth
  // Where there are enough people, newcomers back as they join. Where there are not, those who were
  // there before the first project do so in rounds.
  const roomy = pledges >= 3 * projects
  const newcomers = Math.max(1, Math.floor(people * (roomy ? 0.75 : 0.05)))
  return {
    people,
    projects,
    pledges,
    community,
    range: projectsAtOnce,
    often,
    newcomers,
    stride: roomy ? `${newcomers} / ${Math.ceil(pledges / 2)}` : `1 % ${newcomers}`,
    // The one that a hundredth of all pledges go to.
    viral: Math.max(1, Math.floor(projects * 0.6)),
  }
}

export function fillIn(sql: string, values: Record<string, unknown>): string {
  return sql.replaceAll(/@([a-z]+)/g, (_, name: string) => String(values[name]))
}
