import type { Context } from 'hono'
import { countAgainst, type RateLimit } from '#db/rate-limits'
import { AppError } from '#lib/errors'
import { hashToken } from '#lib/tokens'
import { clientAddress } from './client-address'
import type { AppEnv } from './env'

/**
 * Counts one more of `what` for whoever asks; throws AppError too_many_requests, which says when to
 * come back. `who` is an address or an account; only its hash is kept.
 */
export async function limit(
  c: Context<AppEnv>,
  what: string,
  who: string,
  rate: RateLimit,
): Promise<void> {
  const wait = await countAgainst(c.var.deps.db, keyOf(what, who), rate)
  if (wait === 0) return
  c.header('Retry-After', String(wait))
  throw new AppError('too_many_requests', {
    detail: `Too many tries. Please wait ${wait < 90 ? `${wait} seconds` : `${Math.ceil(wait / 60)} minutes`}.`,
  })
}

const delayMs = 2_000

/** The same without a refusal: beyond the limit each try takes two seconds longer. */
export async function delayBeyond(
  c: Context<AppEnv>,
  what: string,
  who: string,
  rate: RateLimit,
): Promise<void> {
  if ((await countAgainst(c.var.deps.db, keyOf(what, who), rate)) > 0) await Bun.sleep(delayMs)
}

const keyOf = (what: string, who: string) =>
  `${what}:${Buffer.from(hashToken(who)).toString('base64url')}`

/** Whom to count against when nobody has signed in. */
export const addressOf = (c: Context<AppEnv>): string => clientAddress(c) ?? 'unknown'
