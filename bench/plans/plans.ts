import type { Db } from '#db/client'
import { requireCurrentSchema } from '#db/migrations'
import { searchProjects } from '#features/discover/reads/search'
import { suggest } from '#features/discover/reads/suggestions'
import { databaseScale, type Report } from '../report'
import { findKeys } from './keys'
import type { PlanRead } from './limits'
import { measureReads, measureSpeed, type Speed } from './measure'
import { siteReads } from './reads'
import { findSearchTexts, type SearchTexts, searchReads, suggestionReads } from './search'
import { openPlanSession } from './session'
import {
  compareKeysets,
  type Findings,
  failures,
  type Keyset,
  toMarkdown,
  toRows,
  toText,
} from './tables'

/** Of the 95th of a hundred texts, at ten million projects. */
const p95MsMax: Record<string, number> = { search: 50, suggestions: 20 }
// Thirteen rows may lie together on page 1 and apart further down; who walks reads hundreds.
const keysetRatioMax = 1.5
const keysetSlackBuffers = 26

const timedRuns = 5

/** Of so few the planner rightly scans and sorts what it would not at scale. */
const fewProjects = 100_000
const strictHint = 'In a database as small as this a scan may be the best plan: use --strict.'

export interface PlansBench {
  text: string
  markdown: string
  rows: object[]
  notes: string[]
  /** Sentences about what is not as it should be. */
  wrong: string[]
  summary: string
  scale: Report['scale']
  postgres: string
}

export interface PlansOptions {
  strict: boolean
  /** Whether times are held against their budgets. */
  check: boolean
  /** `fraction` of the whole is done, from 0 to 1. */
  onProgress(what: string, fraction: number): void
}

/** Every read of the site, with keys found in the database. */
export async function findReads(db: Db, texts: SearchTexts): Promise<PlanRead[]> {
  const searches = [...(await searchReads(db, texts)), ...suggestionReads(texts)]
  return await siteReads(db, await findKeys(db), searches)
}

/** Runs every read, judges its plans, and times search; `url` is the database's of `db`. */
export async function benchPlansOf(
  db: Db,
  url: string,
  { strict, check, onProgress }: PlansOptions,
): Promise<PlansBench> {
  const session = await openPlanSession(url, { strict })
  try {
    await requireCurrentSchema(db)
    onProgress('finding keys', 0)
    const texts = await findSearchTexts(db)
    const all = await findReads(db, texts)
    // Search takes about as long as everything else.
    const readsShare = 0.7
    const reads = await measureReads(session, all, {
      strict,
      timedRuns,
      onProgress: (done, read) => onProgress(read.read, (readsShare * done) / all.length),
    })
    onProgress('searching', readsShare)
    const speeds = [await measureSpeed(session.db, 'search', texts.queries, searchProjects)]
    speeds.push(await measureSpeed(session.db, 'suggestions', texts.prefixes, suggest))
    onProgress('done', 1)
    const keysets = compareKeysets(reads)
    const wrong = [
      ...failures(reads),
      ...keysets.flatMap(keysetProblem),
      ...(check ? speeds.flatMap(speedProblem) : []),
    ]
    const from = await origin(db)
    const small = from.scale.projects < fewProjects
    return { ...present({ reads, keysets, speeds, wrong }, strict, small), ...from }
  } finally {
    await session.close()
  }
}

function keysetProblem({ sort, worst }: Keyset): string[] {
  const { list, firstBuffers, deepBuffers } = worst
  if (deepBuffers <= keysetRatioMax * firstBuffers + keysetSlackBuffers) return []
  return [
    `The deep page of ${list} by ${sort} reads ${deepBuffers} buffers, its page 1 ` +
      `${firstBuffers}: the way to it is walked.`,
  ]
}

function speedProblem({ what, p95Ms, slowest }: Speed): string[] {
  const budget = p95MsMax[what] ?? Number.POSITIVE_INFINITY
  if (p95Ms <= budget) return []
  return [
    `The p95 of ${what} is ${p95Ms.toFixed(1)} ms, its budget ${budget} ms; the slowest is ` +
      `“${slowest}”.`,
  ]
}

function present(findings: Findings, strict: boolean, small: boolean) {
  const { reads, wrong } = findings
  const hint = small && !strict && wrong.length > 0 ? ` ${strictHint}` : ''
  const statements = reads.reduce((sum, each) => sum + each.statements, 0)
  return {
    text: toText(findings),
    markdown: toMarkdown(findings),
    rows: toRows(findings),
    wrong,
    summary:
      `${reads.length} reads, ${statements} statements: ` +
      (wrong.length === 0 ? 'every plan is bounded.' : `${wrong.length} things wrong.${hint}`),
    notes: [
      'Plans as executed, taken by auto_explain from the session that ran them; buffers are pages ' +
        'of 8 kB from memory or disk. Rows, buffers and times of one read are those of all its ' +
        'statements together; each statement is judged by itself.',
      'Times are medians of hot runs at the client on one connection, without auto_explain.',
      ...(strict
        ? ['Strict: the planner was told to leave scans and sorts, and times mean nothing.']
        : []),
    ],
  }
}

async function origin(db: Db) {
  const [row] = await db.$client<{ version: string }[]>`
    select current_setting('server_version') as version`
  return { scale: await databaseScale(db), postgres: row?.version ?? 'unknown' }
}
