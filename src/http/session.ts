import type { Context, MiddlewareHandler } from 'hono'
import { deleteCookie, getCookie, setCookie } from 'hono/cookie'
import { isSameForAll } from '#cache/keys'
import { listRestrictions, type Restriction } from '#db/restrictions'
import type { RestrictionKind } from '#db/schema/trust'
import { endSession, findViewer, openSession, sessionDays, type Viewer } from '#db/sessions'
import { AppError } from '#lib/errors'
import { formatMoment } from '#lib/time'
import { hashToken, newToken } from '#lib/tokens'
import { paths } from '#web/paths'
import { type AppEnv, isSecure } from './env'

// Both names are known to the page cache, which passes on whoever has one.
const plainName = 'session'
const secureName = '__Host-session'
const dayS = 24 * 3600
const userAgentCharactersMax = 300
const tokenCharactersMax = 100

const cookieName = (c: Context<AppEnv>) => (isSecure(c) ? secureName : plainName)

/** Finds out who is asking; what a signed-in reader gets is for nobody else. */
export const session: MiddlewareHandler<AppEnv> = async (c, next) => {
  // A cookie does nothing in the API: no other site can make a browser act there.
  const isForCookies = !isSameForAll(c.req.path) && !c.req.path.startsWith('/api/')
  const token = isForCookies ? tokenOf(c) : undefined
  if (token === undefined) return next()
  const viewer = await findViewer(c.var.deps.db, hashToken(token))
  if (viewer) c.set('viewer', viewer)
  await next()
  c.res.headers.set('Cache-Control', 'private, no-store')
}

function tokenOf(c: Context<AppEnv>): string | undefined {
  const token = getCookie(c, cookieName(c))
  return token && token.length <= tokenCharactersMax ? token : undefined
}

/** The session of this request, as it is kept. */
export function sessionHash(c: Context<AppEnv>): Uint8Array | undefined {
  const token = tokenOf(c)
  return token === undefined ? undefined : hashToken(token)
}

const attributes = (c: Context<AppEnv>) =>
  ({ path: '/', httpOnly: true, sameSite: 'Lax', secure: isSecure(c) }) as const

/**
 * Signs a person in, in this browser; whoever was signed in there before no longer is. While it is
 * `pending` only the way to the second step is open.
 */
export async function signIn(
  c: Context<AppEnv>,
  personId: number,
  { pending = false } = {},
): Promise<void> {
  const { db } = c.var.deps
  const before = sessionHash(c)
  const { token, hash } = newToken()
  const userAgent = (c.req.header('user-agent') ?? '').slice(0, userAgentCharactersMax)
  await db.transaction(async (tx) => {
    if (before) await endSession(tx, before)
    await openSession(tx, { tokenHash: hash, personId, userAgent, pending })
  })
  setCookie(c, cookieName(c), token, { ...attributes(c), maxAge: sessionDays * dayS })
}

export async function signOut(c: Context<AppEnv>): Promise<void> {
  const hash = sessionHash(c)
  if (hash) await endSession(c.var.deps.db, hash)
  deleteCookie(c, cookieName(c), attributes(c))
}

/** Who is signed in. Throws AppError sign_in_required, which leads to the form and back. */
export function requireViewer(c: Context<AppEnv>): Viewer {
  const { viewer } = c.var
  if (viewer) return viewer
  throw new AppError('sign_in_required')
}

/** Who is signed in and may still do this. Throws AppError sign_in_required or restricted. */
export function requireUnrestricted(c: Context<AppEnv>, kind: RestrictionKind): Viewer {
  const viewer = requireViewer(c)
  if (!viewer.restrictions.includes(kind)) return viewer
  throw new AppError('restricted', {
    explain: async () => {
      const all = await listRestrictions(c.var.deps.db, viewer.id)
      const taken = all.find((restriction) => restriction.kind === kind)
      return taken && tellRestriction(taken)
    },
  })
}

const takenSentences: Record<RestrictionKind, string> = {
  comment: 'You may not write comments',
  message: 'You may not send messages',
  submit: 'You may not submit or launch projects',
  pledge: 'You may not back projects',
  report: 'You may not report anything',
}

/** What somebody may not do, until when, and why. */
export function tellRestriction({ kind, until, reason }: Omit<Restriction, 'createdAt'>): string {
  const end = until ? `until ${formatMoment(until)}` : 'until our staff allows it again'
  return `${takenSentences[kind]} ${end}. The reason: ${reason}`
}

/**
 * Who is signed in and belongs to staff. Throws AppError sign_in_required or, as others need not
 * know what there is, not_found.
 */
export function requireStaff(c: Context<AppEnv>): Viewer {
  const viewer = requireViewer(c)
  if (viewer.role !== 'staff') throw new AppError('not_found')
  return viewer
}

/** A path of this site to go on to, from a field anybody may have filled in. */
export function nextPath(text: string | undefined): string {
  const isPath = text !== undefined && /^\/(?![/\\])[\x21-\x7e]{0,1000}$/.test(text)
  return isPath ? text : paths.home()
}
