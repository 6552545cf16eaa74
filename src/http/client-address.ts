import type { Context } from 'hono'
import type { AppEnv } from './env'

/**
 * The address of whoever asked, behind the proxies that are trusted. Undefined when nobody did, as
 * for a page made anew in the background, or when they are gone and it is not known any more. Of a
 * page that is kept it is whoever asked first, so that nothing on the page may depend on it.
 */
export const clientAddress = (c: Context<AppEnv>): string | undefined =>
  // Hono has no environment where none is given.
  (c.env as AppEnv['Bindings'] | undefined)?.client?.()
