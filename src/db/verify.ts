import { availableParallelism } from 'node:os'
import { usableMemory } from '#lib/memory'
import type { Db } from './client'
import { community, pledges } from './verify/children'
import { filing, keys, people, searchWordsCheck } from './verify/keys'
import { ledger } from './verify/ledger'
import type { Pass } from './verify/pass'
import { settlement } from './verify/settlement'
import { type Allowance, type Found, foundMax, planSteps, runStep, type Step } from './verify/steps'

/** What is stored against what the rows say, for one subject that disagrees. */
export interface Disagreement {
  subject: string
  stored: string
  counted: string
}

export interface CheckResult {
  name: string
  /** How many disagree, and the first few of them. */
  count: number
  first: Disagreement[]
}

export interface VerifyProgress {
  what: string
  /** Done of the whole, from 0 to 1. */
  fraction: number
  /** Rows to read in all, as far as the statistics know. */
  rows: number
}

export interface VerifyOptions {
  /** What Postgres may take for hashes and sorts; a quarter of this machine's when not given. */
  memoryBytes?: number
  /** Rows read for one range of ids; as many as the memory holds when not given. */
  rowsPerRange?: number
  onProgress?: (progress: VerifyProgress) => void
}

/** In the order of the answer. */
export const passes: readonly Pass[] = [
  ...[pledges, ledger, settlement],
  ...[community, keys, filing, people],
]
export const checksCount = passes.flatMap(({ checks }) => checks).length

/** Of a hash table or sort, with room for what Postgres adds to a row. */
const bytesPerRow = 150
/** Hash tables and sorts that a statement holds at once. */
const hashesPerStatement = 3
const workMemBytesMin = 16 * 2 ** 20
const wordsShownMax = 10

/**
 * Recomputes every count, total and key from the rows, and yields what each check found. Changes
 * nothing. A statement sees a counter and its rows as of one moment, so the site may go on working.
 * The work is shared among the connections of the pool, one a core.
 */
export async function* verifyCounters(
  db: Db,
  { memoryBytes = usableMemory() / 4, rowsPerRange, onProgress }: VerifyOptions = {},
): AsyncGenerator<CheckResult> {
  const cores = availableParallelism()
  const lanes = Math.min(cores, db.$client.options.max)
  const workers = Math.floor(cores / lanes) - 1
  const share = memoryBytes / lanes / (workers + 1) / hashesPerStatement
  const allowance: Allowance = { workMemBytes: Math.max(share, workMemBytesMin), workers }
  const rowsInMemory = (allowance.workMemBytes / bytesPerRow) * hashesPerStatement
  const steps = await planSteps(db, passes, rowsPerRange ?? rowsInMemory)
  const work = startWork(steps, lanes, (step) => runStep(db, step, allowance), onProgress)
  try {
    for (const pass of passes) {
      const found = await work.foundBy(pass)
      yield* pass.checks.map((name) => combine(name, found))
    }
  } finally {
    await work.end()
  }
}

/** Runs the steps in order, `lanes` at a time. */
function startWork(
  steps: readonly Step[],
  lanes: number,
  run: (step: Step) => Promise<Found[]>,
  onProgress: VerifyOptions['onProgress'],
) {
  const results = steps.map(() => Promise.withResolvers<Found[]>())
  for (const { promise } of results) promise.catch(() => {})
  const finished = new Set<Step>()
  let next = 0
  const report = () => onProgress?.(progressOf(steps, finished))
  const lane = async () => {
    while (next < steps.length) {
      const index = next++
      const step = steps[index] as Step
      try {
        results[index]?.resolve(await run(step))
      } catch (error) {
        next = steps.length
        for (const { reject } of results) reject(error)
      }
      finished.add(step)
      report()
    }
  }
  report()
  const ended = Promise.all(Array.from({ length: lanes }, lane))
  return {
    /** In the order of the ranges. */
    foundBy: async (pass: Pass): Promise<Found[][]> => {
      const own = results.filter((_, index) => steps[index]?.pass === pass)
      return await Promise.all(own.map(({ promise }) => promise))
    },
    /** Starts nothing more; settles when nothing runs. */
    end: async () => {
      next = steps.length
      await ended
    },
  }
}

function progressOf(steps: readonly Step[], finished: ReadonlySet<Step>): VerifyProgress {
  const sum = (of: Iterable<Step>, value: (step: Step) => number) =>
    [...of].reduce((all, step) => all + value(step), 0)
  const cost = ({ pass, rows }: Step) => pass.rowCost * (rows + 1)
  return {
    what: steps.find((step) => !finished.has(step))?.pass.what ?? 'all of it',
    fraction: sum(finished, cost) / sum(steps, cost),
    rows: sum(steps, ({ rows }) => rows),
  }
}

/** Of one check what the ranges have found, each its first few and how many there are. */
function combine(name: string, ranges: readonly Found[][]): CheckResult {
  const own = ranges.map((found) => found.filter((row) => row.name === name))
  return {
    name,
    count: own.reduce((sum, [first]) => sum + Number(first?.total ?? 0), 0),
    first: own.flat().slice(0, foundMax).map(disagreement),
  }
}

function disagreement({ name, subject, stored, counted }: Found): Disagreement {
  if (name !== searchWordsCheck) return { subject, stored, counted }
  return { subject, stored: wordsMissing(stored, counted), counted: wordsMissing(counted, stored) }
}

/** Of two texts of a tsvector, some hundred words each, what only the first has. */
function wordsMissing(words: string, others: string): string {
  const known = new Set(others.split(' '))
  const only = words.split(' ').filter((word) => !known.has(word))
  const shown = only.slice(0, wordsShownMax).join(' ')
  if (only.length > wordsShownMax) return `${shown} and ${only.length - wordsShownMax} more`
  return shown || 'fewer words'
}
