import type { Context } from 'hono'
import { getCookie, setCookie } from 'hono/cookie'
import { findGuest, type Guest } from '#db/guests'
import { AppError } from '#lib/errors'
import { hashToken } from '#lib/tokens'
import { type AppEnv, isSecure } from './env'

// Both names are known to the page cache, which passes on whoever has one.
const plainName = 'guest'
const secureName = '__Host-guest'
const cookieDays = 90
const tokenCharactersMax = 100

const cookieName = (c: Context<AppEnv>) => (isSecure(c) ? secureName : plainName)

/** Whoever may back a project: a member, or a guest who has proved an address. */
export interface Backer extends Guest {
  isGuest: boolean
}

/**
 * Lets a browser in as the guest a link was mailed to; undefined when the link works no more. It is
 * no session: it opens what a guest has pledged, and nothing else.
 */
export async function enterAsGuest(c: Context<AppEnv>, token: string): Promise<Guest | undefined> {
  const guest = await findGuest(c.var.deps.db, hashToken(token.slice(0, tokenCharactersMax)))
  if (!guest) return undefined
  setCookie(c, cookieName(c), token, {
    ...{ path: '/', httpOnly: true, sameSite: 'Lax', maxAge: cookieDays * 24 * 3600 },
    secure: isSecure(c),
  })
  return guest
}

/** The token of the link a guest has come by. */
export function guestToken(c: Context<AppEnv>): string | undefined {
  const token = getCookie(c, cookieName(c))
  return token && token.length <= tokenCharactersMax ? token : undefined
}

/** Who is backing: the member who is signed in, or else a guest. Their pages are for them alone. */
export async function findBacker(c: Context<AppEnv>): Promise<Backer | undefined> {
  c.header('Cache-Control', 'private, no-store')
  const { viewer } = c.var
  if (viewer) return { id: viewer.id, name: viewer.name, email: viewer.email, isGuest: false }
  const token = guestToken(c)
  const guest = token ? await findGuest(c.var.deps.db, hashToken(token)) : undefined
  return guest && { ...guest, isGuest: true }
}

/** The same. Throws AppError sign_in_required, which leads to the form and back. */
export async function requireBacker(c: Context<AppEnv>): Promise<Backer> {
  const backer = await findBacker(c)
  if (!backer) throw new AppError('sign_in_required')
  return backer
}
