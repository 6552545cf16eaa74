import type { Context, MiddlewareHandler, Next } from 'hono'
import { startTiming, type Timing } from '#observability/request-event'
import type { AppEnv } from './env'
import { eventOf } from './keep'

/**
 * Tells whoever asks by a cookie, which a browser sends for every page: a parameter would be
 * another address, and the page cache has to look at cookies anyway.
 */
export const serverTiming: MiddlewareHandler<AppEnv> = (c, next) => {
  const timing = eventOf(c)?.timing
  if (/(?:^|;\s*)server-timing=1(?:;|$)/.test(c.req.header('cookie') ?? '')) {
    return tell(c, next, timing ?? startTiming())
  }
  if (timing) c.set('timing', timing)
  return next()
}

async function tell(c: Context<AppEnv>, next: Next, timing: Timing): Promise<void> {
  c.set('timing', timing)
  await next()
  c.res.headers.set('Server-Timing', headerOf(timing))
  c.res.headers.set('Cache-Control', 'private, no-store')
}

/** All laps and the whole, in milliseconds. */
function headerOf({ startedAt, laps }: Timing): string {
  const entry = (name: string, ms: number) => `${name};dur=${ms.toFixed(1)}`
  const parts = laps.map(({ part, from, to }) => entry(part, to - from))
  return [...parts, entry('total', performance.now() - startedAt)].join(', ')
}
