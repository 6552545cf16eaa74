import type { Context, MiddlewareHandler } from 'hono'
import { generateCookie, getCookie } from 'hono/cookie'
import { isSameForAll, positionHeader } from '#cache/keys'
import type { Db } from '#db/client'
import { primaryOnly } from '#db/replicas/marks'
import { markMs } from '#db/replicas/positions'
import type { Replicas } from '#db/replicas/router'
import { type AppEnv, isSecure } from './env'
import { recordingOf } from './keep'

// The page cache knows the first, and passes on whoever has it. Two, because an answer that was
// begun before a write may come after it, and must not take its mark away.
const cookieNames = ['written', 'seen'] as const
type CookieName = (typeof cookieNames)[number]
const lifeSeconds = markMs / 1000

const isRead = (c: Context<AppEnv>) => ['GET', 'HEAD', 'OPTIONS'].includes(c.req.method)

/**
 * Where a page that may be a little old is read: from a replica, if there is one that has all that
 * its reader has written and seen; otherwise, and for all that is no page, from the primary. Throws
 * AppError busy when replicas are lost and the primary has enough of their readers.
 */
export function readDb(c: Context<AppEnv>): Db {
  const deps = c.get('deps')
  if (!deps.replicas || !isRead(c)) return deps.db
  const { viewer, marks = [], reading: known } = c.var
  if (known) return known.db
  const recording = recordingOf(c)
  const reading = deps.replicas.choose({
    marks,
    atLeast: recording?.atLeast ?? 0n,
    reader: viewer && String(viewer.id),
  })
  if (recording && reading.replayed !== undefined) recording.replayed = reading.replayed
  c.set('reading', reading)
  return reading.db
}

/**
 * Everybody reads what they have written, and nobody who is signed in goes back in time: an answer
 * carries how far its reader has come, in a cookie or, for programs, in a header.
 */
export const readersPosition: MiddlewareHandler<AppEnv> = async (c, next) => {
  const { replicas } = c.get('deps')
  if (!replicas || isSameForAll(c.req.path)) return next()
  const isApi = c.req.path.startsWith('/api/')
  const marks = replicas.readMarks(isApi ? (c.req.header(positionHeader) ?? '') : tokensOf(c))
  c.set('marks', marks)
  await next()
  const { reading, viewer } = c.var
  reading?.release()
  const { status } = c.res
  const isMember = viewer !== undefined
  // A refusal to a stranger has changed nothing.
  const isDue = isRead(c)
    ? status < 500 && (isMember || marks.length > 0)
    : isMember || status < 400
  if (!isDue) return
  const token = await tokenFor(c, replicas)
  if (token === undefined) return
  if (isApi) return c.res.headers.set(positionHeader, token)
  c.res.headers.append('Set-Cookie', cookieFor(c, isRead(c) ? 'seen' : 'written', token))
  // It is for this reader, whatever the page is.
  c.res.headers.set('Cache-Control', 'private, no-store')
}

/** Undefined when the reader keeps what they have. */
async function tokenFor(c: Context<AppEnv>, replicas: Replicas): Promise<string | undefined> {
  try {
    const { reading } = c.var
    return replicas.sign(await (reading ? reading.mark() : replicas.markNow()))
  } catch {
    // The primary was lost just now: what was written is read from it for the next half minute.
    return isRead(c) ? undefined : replicas.sign(primaryOnly)
  }
}

const cookieName = (c: Context<AppEnv>, name: CookieName) => (isSecure(c) ? `__Host-${name}` : name)

const tokensOf = (c: Context<AppEnv>): string =>
  cookieNames.map((name) => getCookie(c, cookieName(c, name)) ?? '').join()

const cookieFor = (c: Context<AppEnv>, name: CookieName, token: string): string =>
  generateCookie(cookieName(c, name), token, {
    ...{ path: '/', httpOnly: true, sameSite: 'Lax', secure: isSecure(c), maxAge: lifeSeconds },
  })
