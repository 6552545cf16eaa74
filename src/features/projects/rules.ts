import { currencyExponent } from '#lib/money'
import { cutPage } from '#lib/page'
import { type Clock, timeLeft } from '#lib/time'

export type ProjectStatus =
  | 'draft'
  | 'submitted'
  | 'rejected'
  | 'live'
  | 'successful'
  | 'failed'
  | 'canceled'
  | 'suspended'

/** In lists, searches and feeds. */
export const listedStatuses = ['live', 'successful', 'failed', 'canceled'] as const
export type ListedStatus = (typeof listedStatuses)[number]

/** Every move of a project's life; what is not here does not happen. */
const transitions: Readonly<Record<ProjectStatus, readonly ProjectStatus[]>> = {
  draft: ['submitted'],
  // Back to draft by its creator or, with a note, by staff; live by its creator once approved.
  submitted: ['draft', 'rejected', 'live'],
  live: ['successful', 'failed', 'canceled', 'suspended'],
  rejected: [],
  successful: [],
  failed: [],
  canceled: [],
  suspended: [],
}

export const mayMove = (from: ProjectStatus, to: ProjectStatus): boolean =>
  transitions[from].includes(to)

export const isListed = (status: ProjectStatus): boolean =>
  listedStatuses.some((listed) => listed === status)

/** Those who back it find it whatever has become of it. */
export const hasLaunched = (status: ProjectStatus): boolean =>
  status !== 'draft' && status !== 'submitted' && status !== 'rejected'

/** What staff can hide: a project that runs is suspended instead, and says so on its page. */
export const mayBeHidden = (status: ProjectStatus): boolean =>
  status === 'successful' || status === 'failed' || status === 'canceled'

interface Shown {
  status: ProjectStatus
  hiddenAt: Date | null
}

/** What has once launched keeps its page, unless staff has hidden it; a suspended project's says so. */
export const hasPublicPage = ({ status, hiddenAt }: Shown): boolean =>
  hasLaunched(status) && hiddenAt === null
/** Whether it takes pledges, as far as a page can tell; the database's clock decides. */
export function isRunning(project: { status: ProjectStatus; endsAt: Date | null }, clock: Clock) {
  return (
    project.status === 'live' && project.endsAt !== null && timeLeft(project.endsAt, clock) !== null
  )
}

/** Whether it was successful and takes pledges all the same, as far as a page can tell. */
export function takesLatePledges(
  { status, lateUntil }: { status: ProjectStatus; lateUntil: Date | null },
  { now, until }: Clock,
): boolean {
  if (status !== 'successful' || lateUntil === null || lateUntil <= now) return false
  until?.(lateUntil.getTime())
  return true
}

/** Whether it can be backed: while it runs, or late. */
export const takesPledges = (
  project: { status: ProjectStatus; endsAt: Date | null; lateUntil: Date | null },
  clock: Clock,
): boolean => isRunning(project, clock) || takesLatePledges(project, clock)

export interface RewardStock {
  quantity: number | null
  backersCount: number
  /** Set aside at checkouts, and when the first of them comes free again. */
  heldCount: number
  heldUntil: Date | null
  opensAt: Date | null
  closesAt: Date | null
}

export type RewardState =
  | { kind: 'available' }
  | { kind: 'limited'; left: number; quantity: number }
  | { kind: 'gone' }
  /** All that are left are set aside for others. */
  | { kind: 'held' }
  | { kind: 'upcoming'; opensAt: Date }
  | { kind: 'closed'; closesAt: Date | null }

/** A reward as its reader sees it. Sold out wins over closed: it is the more telling of the two. */
export function rewardState(
  reward: RewardStock,
  projectRunning: boolean,
  { now, until }: Clock,
): RewardState {
  const { quantity, backersCount, heldCount, heldUntil, opensAt, closesAt } = reward
  if (quantity !== null && backersCount >= quantity) return { kind: 'gone' }
  if (!projectRunning) return { kind: 'closed', closesAt: null }
  for (const moment of [opensAt, closesAt, heldUntil])
    if (moment && moment > now) until?.(moment.getTime())
  if (opensAt && opensAt > now) return { kind: 'upcoming', opensAt }
  if (closesAt && closesAt <= now) return { kind: 'closed', closesAt }
  if (quantity === null) return { kind: 'available' }
  const left = quantity - backersCount - heldCount
  return left > 0 ? { kind: 'limited', left, quantity } : { kind: 'held' }
}

/** Of a kind. */
export const addOnsPerBackerMax = 10

/** How many of a reward one backer may take: one, or ten of an add-on, if it says nothing else. */
export const mostPerBacker = (reward: { isAddOn: boolean; perBackerMax: number | null }): number =>
  reward.perBackerMax ?? (reward.isAddOn ? addOnsPerBackerMax : 1)

const pledgeDollarsMin = 1
const pledgeDollarsMax = 10_000
/** Of currencies that are worth much more or less, about what a dollar is, in round numbers. */
const unitsPerDollar: Readonly<Record<string, number>> = {
  ...{ SEK: 10, NOK: 10, DKK: 7, PLN: 4, CZK: 20, MXN: 20, BRL: 5, HKD: 8 },
  ...{ JPY: 100, KRW: 1_000, KWD: 0.3 },
}

/** The least and the most somebody may pledge, in minor units of this currency. */
export function pledgeLimits(currency: string): { min: number; max: number } {
  const dollar = (unitsPerDollar[currency] ?? 1) * 10 ** currencyExponent(currency)
  return { min: pledgeDollarsMin * dollar, max: pledgeDollarsMax * dollar }
}

const hourMs = 3_600_000
const reminderHours = 48
const lastReminderHours = 0.25

/**
 * When a reminder rings: two days before the deadline; asked for later than that, in an hour, and
 * at the latest a quarter of an hour before the end.
 */
export function reminderTime(endsAt: Date, now: Date): Date {
  const wished = Math.max(endsAt.getTime() - reminderHours * hourMs, now.getTime() + hourMs)
  return new Date(Math.min(wished, endsAt.getTime() - lastReminderHours * hourMs))
}

/**
 * One page of rows found by walking at most `stepsMax` others, as far as is certain: up to the first
 * row at which a walk stopped, its `step` being `stepsMax`. It may be short, even empty, and have a
 * `next` all the same.
 */
export function cutWalk<Row extends { fits: boolean; step: number }, Next>(
  rows: Row[],
  rowsMax: number,
  stepsMax: number,
  nextOf: (last: Row) => Next,
): { page: Row[]; next: Next | null } {
  const stop = rows.findIndex(({ step }) => step === stepsMax)
  const fitting = (stop < 0 ? rows : rows.slice(0, stop + 1)).filter(({ fits }) => fits)
  const stopped = rows[stop]
  return stopped && fitting.length <= rowsMax
    ? { page: fitting, next: nextOf(stopped) }
    : cutPage(fitting, rowsMax, nextOf)
}
