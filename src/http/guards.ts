import type { Context, Hono, MiddlewareHandler } from 'hono'
import { AppError } from '#lib/errors'
import type { AppEnv } from './env'
import { urlCharactersMax } from './input'

/**
 * Refuses addresses that no page has: too long, or with a NUL, which Postgres has no text for.
 * Leads to one address for one page.
 */
export const saneAddress: MiddlewareHandler<AppEnv> = async (c, next) => {
  const url = c.req.url
  if (url.length > urlCharactersMax) throw new AppError('uri_too_long')
  if (url.includes('%00')) {
    throw new AppError('invalid_input', { detail: 'An address may not contain a NUL character.' })
  }
  const { path } = c.req
  return path !== '/' && path.endsWith('/') ? withoutSlash(c) : next()
}

/** By path alone, for the host is whatever the request says it is. */
function withoutSlash(c: Context<AppEnv>): Response {
  const { pathname, search } = new URL(c.req.url)
  // Two slashes at the beginning would name another host.
  return c.redirect(`/${pathname.replace(/^\/+|\/+$/g, '')}${search}`, 301)
}

/**
 * The route that a path leads to, such as `/projects/:project`; undefined where there is none. What
 * its parameters must look like is left out.
 */
export function routeTemplate(app: Hono<AppEnv>, method: string, path: string): string | undefined {
  const handlers = app.router.match(method, path)[0]
  const found = handlers.find(([[, route]]) => route.method === method)
  return found?.[0][1].path.replace(/\{.*?\}(?=[/?]|$)/g, '')
}

const methods = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE']

/** The methods a path answers to, middleware aside; empty when there is no such path. */
export function allowedMethods(app: Hono<AppEnv>, path: string): string[] {
  const allowed = methods.filter((method) =>
    app.router.match(method, path)[0].some(([[, route]]) => route.method === method),
  )
  return allowed.includes('GET') ? [...allowed, 'HEAD'] : allowed
}
