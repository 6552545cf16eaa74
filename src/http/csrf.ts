import type { Hono, MiddlewareHandler } from 'hono'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import type { AppEnv } from './env'
import { allowedMethods } from './guards'

const safeMethods = ['GET', 'HEAD', 'OPTIONS']

/**
 * Refuses what another site makes a reader's browser send. Browsers say where a request comes from
 * (`Sec-Fetch-Site`, in older ones `Origin`), and no script can make them say otherwise; what says
 * neither is no browser's form. What nobody answers is not refused here. Mailboxes end mails for
 * their owners from where they are: the key in the address is their proof. Programs have a token:
 * the API takes no cookie, so no browser can be made to act there. Payment providers sign what they
 * tell.
 */
export const sameSiteOnly =
  (app: Hono<AppEnv>): MiddlewareHandler<AppEnv> =>
  async (c, next) => {
    const { method, path, raw } = c.req
    const isForPrograms = path === paths.unsubscribe() || /^\/(api|webhooks)\//.test(path)
    const isHarmless = isForPrograms || safeMethods.includes(method)
    const isSafe = isHarmless || isOwn(raw.headers, c.var.deps.config.baseUrl)
    if (isSafe || !allowedMethods(app, path).includes(method)) return next()
    throw new AppError('cross_site')
  }

function isOwn(headers: Headers, baseUrl: string): boolean {
  const site = headers.get('sec-fetch-site')
  if (site !== null) return site === 'same-origin'
  return headers.get('origin') === new URL(baseUrl).origin
}
