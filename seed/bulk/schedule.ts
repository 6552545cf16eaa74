import type postgres from 'postgres'

/** How a task uses a table, as Postgres locks it. */
export type Use = 'read' | 'write' | 'vacuum' | 'index' | 'alter'

// Who must not meet on one table: https://www.postgresql.org/docs/current/explicit-locking.html
const conflicts: Record<Use, Use[]> = {
  read: [],
  write: ['index', 'alter'],
  vacuum: ['vacuum', 'index', 'alter'],
  index: ['write', 'vacuum', 'alter'],
  alter: ['write', 'vacuum', 'index', 'alter'],
}

export interface Task {
  /** Tasks of one phase may run at the same time; others wait for all of it. */
  phase: string
  /** Phases that must be over before this one begins. */
  after: string[]
  /** How it uses which tables: a connection never waits for another's lock. */
  uses?: Record<string, Use>
  /** Seconds on one core, as measured: for order of magnitude and the time left. */
  cost: number
  sql: string
}

export interface Outlook {
  phase: string
  /** Share of the whole work that is done, 0 to 1. */
  fraction: number
}

const tickMs = 500

/**
 * Runs the tasks on the connections, each as soon as it can, earlier ones in the list first. When
 * one fails, no other begins and its error is thrown after the running ones have ended.
 */
export async function runTasks(
  tasks: Task[],
  connections: postgres.ReservedSql[],
  onProgress: (outlook: Outlook) => void,
): Promise<void> {
  const waiting = [...tasks]
  const running = new Map<Task, number>()
  const ended = Promise.withResolvers<void>()
  const free = [...connections]
  const whole = tasks.reduce((sum, { cost }) => sum + cost, 0)
  let done = 0
  let failure: unknown
  const startedAt = performance.now()
  const report = () => {
    // What is still running counts by the pace so far, and never as finished.
    const pace = done / Math.max(1, performance.now() - startedAt) / connections.length
    const partial = [...running].reduce(
      (sum, [{ cost }, since]) => sum + Math.min(cost * 0.95, (performance.now() - since) * pace),
      0,
    )
    const phases = new Set([...running.keys()].map(({ phase }) => phase))
    if (phases.size > 0) {
      onProgress({ phase: [...phases].join(' and '), fraction: (done + partial) / whole })
    }
  }
  const isReady = (task: Task) =>
    [...waiting, ...running.keys()].every(({ phase }) => !task.after.includes(phase)) &&
    [...running.keys()].every((other) => !meet(task, other))
  const next = () => {
    while (failure === undefined && free.length > 0) {
      const index = waiting.findIndex(isReady)
      if (index === -1) break
      const [task] = waiting.splice(index, 1) as [Task]
      const connection = free.pop() as postgres.ReservedSql
      running.set(task, performance.now())
      void run(task, connection)
    }
    if (running.size === 0) ended.resolve()
  }
  const run = async (task: Task, connection: postgres.ReservedSql) => {
    try {
      await connection.unsafe(task.sql)
      done += task.cost
    } catch (error) {
      failure ??= error
    }
    running.delete(task)
    free.push(connection)
    next()
  }
  const timer = setInterval(report, tickMs)
  next()
  await ended.promise
  clearInterval(timer)
  if (failure !== undefined) throw failure
  if (waiting.length > 0) throw new Error(`no task could begin of: ${waiting[0]?.phase}`)
}

const meet = (one: Task, other: Task) =>
  Object.entries(one.uses ?? {}).some(([table, use]) => {
    const theirs = other.uses?.[table]
    return theirs !== undefined && conflicts[use].includes(theirs)
  })

/** The whole numbers from 1 to `total` in ranges that end at multiples of `step`. */
export function rangesOf(total: number, step: number): { first: number; last: number }[] {
  return Array.from({ length: Math.ceil(total / step) }, (_, index) => ({
    first: index * step + 1,
    last: Math.min(total, (index + 1) * step),
  }))
}
