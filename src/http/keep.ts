import type { Context } from 'hono'
import type { Recording } from '#cache/recording'
import type { RequestEvent } from '#observability/request-event'
import type { AppEnv } from './env'

/** What the page cache wants to know of the answer being made; undefined when nobody keeps it. */
export const recordingOf = (c: Context<AppEnv>): Recording | undefined =>
  // Hono has no environment where none is given.
  (c.env as AppEnv['Bindings'] | undefined)?.recording

/** What is told of the request when it has been answered; undefined where nobody tells. */
export const eventOf = (c: Context<AppEnv>): RequestEvent | undefined =>
  (c.env as AppEnv['Bindings'] | undefined)?.event

/**
 * Lets everybody who is not signed in have this answer until one of the tags is announced as
 * changed. They must cover all that is in it, but for what it says of now.
 */
export function keepUntilChanged(c: Context<AppEnv>, tags: readonly string[]): void {
  const recording = recordingOf(c)
  if (recording) recording.keep = { tags, tagged: true }
}

/** Counts a visit: of each who is given the kept answer, or of whoever gets one of their own. */
export function countVisit(c: Context<AppEnv>, projectId: number): void {
  const recording = recordingOf(c)
  if (recording) recording.visitOf = projectId
  else c.var.deps.visits.count(projectId, c.req.raw.headers, c.var.viewer?.id)
}

/** Takes it back: what is being made is not whole. */
export function doNotKeep(c: Context<AppEnv>): void {
  delete recordingOf(c)?.keep
}

/** Lets everybody who is not signed in have this answer for a second. */
export function keepBriefly(c: Context<AppEnv>): void {
  const recording = recordingOf(c)
  if (recording) recording.keep = { tags: [], tagged: false }
}
