import type { Context, MiddlewareHandler, Next } from 'hono'
import type { AppEnv, Timing } from './env'

/**
 * Tells whoever asks by a cookie, which a browser sends for every page: a parameter would be
 * another address, and the page cache has to look at cookies anyway.
 */
export const serverTiming: MiddlewareHandler<AppEnv> = (c, next) =>
  /(?:^|;\s*)server-timing=1(?:;|$)/.test(c.req.header('cookie') ?? '') ? timed(c, next) : next()

async function timed(c: Context<AppEnv>, next: Next): Promise<void> {
  const timing = startTiming()
  c.set('timing', timing)
  await next()
  c.res.headers.set('Server-Timing', timing.header())
  c.res.headers.set('Cache-Control', 'private, no-store')
}

function startTiming(): Timing {
  const startedAt = performance.now()
  const laps: string[] = []
  let lastAt = startedAt
  const entry = (name: string, ms: number) => `${name};dur=${ms.toFixed(1)}`
  return {
    lap: (part) => {
      const now = performance.now()
      laps.push(entry(part, now - lastAt))
      lastAt = now
    },
    header: () => [...laps, entry('total', performance.now() - startedAt)].join(', '),
  }
}
