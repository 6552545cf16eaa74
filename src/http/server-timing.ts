import type { Context, MiddlewareHandler, Next } from 'hono'
import type { AppEnv, Timing } from './env'

/** Tells whoever asks with `X-Server-Timing: 1`: a parameter would be another address. */
export const serverTiming: MiddlewareHandler<AppEnv> = (c, next) =>
  c.req.header('x-server-timing') === '1' ? timed(c, next) : next()

async function timed(c: Context<AppEnv>, next: Next): Promise<void> {
  const timing = startTiming()
  c.set('timing', timing)
  await next()
  c.res.headers.set('Server-Timing', timing.header())
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
