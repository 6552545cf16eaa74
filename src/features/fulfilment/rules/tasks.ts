import type { BackersFilter, FulfilmentStatus } from './backers'

/** Something that is done with all backers of a project. */
export interface Task {
  projectId: number
  id: number
  kind: 'mark' | 'survey'
  /** Null where guests are mailed a survey. */
  mark: { status: FulfilmentStatus; filter: BackersFilter } | null
  /** Pledges up to this one are done. */
  reached: number
}

/** Pledges of a project in the order in which they came. */
export interface Stretch {
  projectId: number
  /** The pledge after which it begins. */
  after: number
  limit: number
}

/** What one step has come to: pledges looked at, the last one, and how many it was done with. */
export interface Step {
  walked: number
  last: number
  done: number
}

/** Looked at in one step, which is one transaction: nobody else waits for long. */
export const pledgesPerStep = { mark: 1_000, survey: 200 } as const
/** Of one project, not finished. */
export const openTasksMax = 10
/** Whoever looks sees what was done in the last hour. */
export const shownMinutes = 60
