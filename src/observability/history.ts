import { type FamilyName, families, fineBounds, type Report } from './families'

const minuteMs = 60_000
const keptMinutes = 60

/** What was served in one minute, or in so much of it as is over. */
export interface Minute {
  /** Its beginning, in milliseconds since 1970. */
  at: number
  seconds: number
  requests: number
  /** Told to come back, because more was asked than could be answered. */
  refused: number
  /** Null where there was nothing to measure. */
  p50Ms: number | null
  p99Ms: number | null
  /** Share of the answers that came from memory, 0 to 1. */
  hitRate: number | null
  /** Of a statement, on average. */
  databaseMs: number | null
  statements: number
  workers: WorkerMinute[]
}

export interface WorkerMinute {
  worker: number
  /** 99 of a hundred turns of its event loop came less late. */
  delayMs: number | null
  memoryBytes: number
}

/** The last hour, the oldest minute first. */
export interface Performance {
  minutes: Minute[]
  /** All of it. */
  hour: Omit<Minute, 'workers'>
}

interface Snapshot {
  at: number
  report: Report
}

/** Remembers an hour of figures. */
export interface History {
  /** To be called at least once a minute. */
  take(report: Report, at: number): void
  /** The hour up to the figures given. */
  performance(report: Report, at: number): Performance
}

export function createHistory(startedAt: number): History {
  let snapshots: Snapshot[] = [{ at: startedAt, report: [] }]
  return {
    take: (report, at) => {
      if (at - (snapshots.at(-1)?.at ?? 0) < minuteMs) return
      snapshots = [...snapshots, { at, report }].slice(-keptMinutes)
    },
    performance: (report, at) => {
      const marks = [...snapshots, { at, report }]
      const minutes = marks.slice(1).map((to, index) => between(marks[index] as Snapshot, to))
      const { workers: _, ...hour } = between(marks[0] as Snapshot, { at, report })
      return { minutes, hour }
    },
  }
}

function between(from: Snapshot, to: Snapshot): Minute {
  const gained = (name: FamilyName, is?: (labels: string[]) => boolean) =>
    minus(sumOf(to.report, name, is), sumOf(from.report, name, is))
  const fine = gained('request_fine')
  const database = gained('db_client_operation_duration_seconds')
  const statements = numberIn(database)
  const isHit = ([result = '']: string[]) => /^(hit|stale)$/.test(result)
  const [hits = 0] = gained('jumpstarter_page_cache_requests', isHit)
  const [refused = 0] = gained('jumpstarter_refused_requests')
  const [answered = 0] = gained('jumpstarter_page_cache_requests')
  const memory = to.report.filter(([name]) => name === 'process_memory_usage_bytes')
  return {
    at: from.at,
    seconds: (to.at - from.at) / 1000,
    requests: numberIn(gained('http_server_request_duration_seconds')),
    refused,
    p50Ms: quantileMs(fine, fineBounds, 0.5),
    p99Ms: quantileMs(fine, fineBounds, 0.99),
    hitRate: answered === 0 ? null : hits / answered,
    databaseMs: statements === 0 ? null : ((database.at(-1) ?? 0) / statements) * 1000,
    statements,
    workers: memory
      .map(([, [worker = ''], [memoryBytes = 0]]) => {
        const delays = gained('jumpstarter_event_loop_delay_seconds', ([own]) => own === worker)
        const { bounds = [] } = families.jumpstarter_event_loop_delay_seconds
        return { worker: Number(worker), delayMs: quantileMs(delays, bounds, 0.99), memoryBytes }
      })
      .toSorted((a, b) => a.worker - b.worker),
  }
}

function sumOf(report: Report, name: FamilyName, is = (_: string[]) => true): number[] {
  const sums: number[] = []
  for (const [family, labels, values] of report) {
    if (family !== name || !is(labels)) continue
    for (const [place, value] of values.entries()) sums[place] = (sums[place] ?? 0) + value
  }
  return sums
}

const minus = (later: number[], earlier: number[]) =>
  later.map((value, place) => value - (earlier[place] ?? 0))

/** Of a histogram: all but the last, which is the sum of what was observed. */
const numberIn = (values: number[]) => values.slice(0, -1).reduce((sum, each) => sum + each, 0)

/** Between the bounds of its bucket in proportion; null where nothing was observed. */
export function quantileMs(values: number[], bounds: readonly number[], share: number) {
  const wanted = numberIn(values) * share
  if (wanted === 0) return null
  let below = 0
  for (const [place, bound] of bounds.entries()) {
    const inside = values[place] ?? 0
    if (below + inside >= wanted) {
      const from = bounds[place - 1] ?? 0
      return (from + ((bound - from) * (wanted - below)) / inside) * 1000
    }
    below += inside
  }
  return (bounds.at(-1) ?? 0) * 1000
}
