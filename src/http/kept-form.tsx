import type { Context } from 'hono'
import { z } from 'zod'
import { countAgainst } from '#db/rate-limits'
import { hashToken } from '#lib/tokens'
import { keepFields } from '#web/components/kept-fields'
import { SignedOutPage } from '#web/signed-out-page'
import { clientAddress } from './client-address'
import type { AppEnv } from './env'
import { readFormWithFiles } from './forms'
import { renderPage } from './render'

// Somebody who types, as many as an office has.
const keptPerAddress = { times: 60, seconds: 600 }
/** What nobody wants to find in a page. */
const secret = /password|secret|code|token|current/i

/**
 * The answer to a form of somebody who is not signed in, or no longer: a page that signs them in
 * and holds what they wrote, to be sent after it. Undefined when they wrote nothing.
 */
export async function keepForm(c: Context<AppEnv>): Promise<Response | undefined> {
  if (c.req.header('accept') === 'application/json') {
    return c.json({ problem: 'You are not signed in any more.' }, 401)
  }
  const key = `kept form:${hashToken(clientAddress(c) ?? 'unknown').toHex()}`
  if ((await countAgainst(c.var.deps.db, key, keptPerAddress)) > 0) return undefined
  const { values } = await readFormWithFiles(c, z.looseObject({}), '')
  const written = Object.entries(values).filter(([name, text]) => text !== '' && !secret.test(name))
  if (written.length === 0) return undefined
  const { pathname, search } = new URL(c.req.url)
  c.header('Cache-Control', 'private, no-store')
  const kept = keepFields(pathname + search, Object.fromEntries(written))
  return renderPage(c, <SignedOutPage values={kept} />, 401)
}
