import type { Context } from 'hono'
import { compressed } from './compress'
import type { AppEnv } from './env'
import { keepUntilChanged } from './keep'

// A day, and a week while it is fetched anew: a newer program may draw the same picture better.
const cacheControl = 'public, max-age=86400, stale-while-revalidate=604800'

/** A picture drawn by a pure function of its address. */
export function picture(c: Context<AppEnv>, svg: string): Response {
  c.header('Cache-Control', cacheControl)
  // Nothing changes it but another program.
  keepUntilChanged(c, [])
  return compressed(c, svg, 'image/svg+xml')
}
