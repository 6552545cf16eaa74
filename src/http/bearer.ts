import type { Context, MiddlewareHandler } from 'hono'
import { findTokenHolder, type Scope, tokenPrefix } from '#db/access-tokens'
import type { Viewer } from '#db/sessions'
import { AppError } from '#lib/errors'
import { hashToken } from '#lib/tokens'
import type { AppEnv } from './env'

const realm = 'Bearer realm="Jumpstarter"'
const tokenCharactersMax = 100

/**
 * Finds out for whom a program asks. Throws AppError invalid_token; without a token it asks for
 * nobody. Other schemes are a proxy’s, not ours.
 */
export const bearer: MiddlewareHandler<AppEnv> = async (c, next) => {
  const [, token] = /^Bearer\b *(.*)$/i.exec(c.req.header('authorization') ?? '') ?? []
  if (token === undefined) return next()
  // Before anything can fail: what goes wrong is for nobody else either.
  c.header('Cache-Control', 'private, no-store')
  const isOurs = token.startsWith(tokenPrefix) && token.length <= tokenCharactersMax
  const holder = isOurs ? await findTokenHolder(c.var.deps.db, hashToken(token)) : undefined
  if (!holder) {
    c.header('WWW-Authenticate', `${realm}, error="invalid_token"`)
    throw new AppError('invalid_token')
  }
  c.set('viewer', holder.viewer)
  c.set('scopes', holder.scopes)
  await next()
  c.res.headers.set('Cache-Control', 'private, no-store')
}

/** For whom a program asks that may do this. Throws AppError token_required, insufficient_scope. */
export function requireScope(c: Context<AppEnv>, scope: Scope): Viewer {
  const { viewer, scopes = [] } = c.var
  if (!viewer) {
    c.header('WWW-Authenticate', realm)
    throw new AppError('token_required')
  }
  if (scopes.includes(scope)) return viewer
  c.header('WWW-Authenticate', `${realm}, error="insufficient_scope", scope="${scope}"`)
  throw new AppError('insufficient_scope', {
    detail: `This needs a token with the scope “${scope}”.`,
  })
}
