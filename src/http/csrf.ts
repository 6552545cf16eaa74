import type { Hono, MiddlewareHandler } from 'hono'
import { AppError } from '#lib/errors'
import type { AppEnv } from './env'
import { allowedMethods } from './guards'

const safeMethods = ['GET', 'HEAD', 'OPTIONS']

/**
 * Refuses what another site makes a reader's browser send. Browsers say where a request comes from
 * (`Sec-Fetch-Site`, in older ones `Origin`), and no script can make them say otherwise; what says
 * neither is no browser's form. What nobody answers is not refused here.
 */
export const sameSiteOnly =
  (app: Hono<AppEnv>): MiddlewareHandler<AppEnv> =>
  async (c, next) => {
    const { method, path, raw } = c.req
    const isSafe = safeMethods.includes(method) || isOwn(raw.headers, c.var.deps.config.baseUrl)
    if (isSafe || !allowedMethods(app, path).includes(method)) return next()
    throw new AppError('cross_site')
  }

function isOwn(headers: Headers, baseUrl: string): boolean {
  const site = headers.get('sec-fetch-site')
  if (site !== null) return site === 'same-origin'
  return headers.get('origin') === new URL(baseUrl).origin
}
