import type { Context } from 'hono'
import type { AppEnv } from './env'

/**
 * The way to the one address that a page is linked and kept under; undefined where that was asked
 * for. `path` is it without a query, which stays as it is.
 */
export function elsewhere(c: Context<AppEnv>, path: string): Response | undefined {
  const { pathname, search } = new URL(c.req.url)
  if (pathname === path) return undefined
  // Not for good: titles change, and a browser would keep two that point at each other.
  c.header('Cache-Control', 'public, max-age=300')
  return c.redirect(path + search, 301)
}
