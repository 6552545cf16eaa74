/** From the settlement on, pledges that could not be charged may be mended. */
export const retryDays = 7
/** Whoever has not paid is told so often. */
export const reminderHours = 48
/** After the deadline: most that goes wrong with a charge has been heard of by then. */
export const payoutDays = 14

/** After the end; late pledges are open no longer. */
export const lateDaysMax = 90

/** What there is to wait for, in the order in which it comes. */
export const moments = ['end', 'reminder', 'lastTry', 'payout'] as const
export type Moment = (typeof moments)[number]

interface Standing {
  status: string
  settledAt: Date | null
  closedAt: Date | null
  payoutDueAt: Date | null
}

/** Which of them a project is still before, as its dates tell. */
export function momentsAhead(project: Standing, now: Date): Moment[] {
  if (project.status === 'live') return ['end']
  if (project.settledAt === null || project.payoutDueAt === null) return []
  return [
    ...(project.closedAt === null ? (['reminder', 'lastTry'] as const) : []),
    ...(project.payoutDueAt > now ? (['payout'] as const) : []),
  ]
}
