import type { Db } from '#db/client'
import { claimGatewayEvent, dropGatewayEvent, gatewaySecret } from '#db/test-gateway'
import { signBody } from './signature'
import { signatureHeader } from './test-gateway'

const answerDeadlineMs = 10_000
/** The lease grows with each try: the last is made after about an hour. */
const triesMax = 15

export interface ToldResult {
  ref: string
  /** Undefined when it was taken note of. */
  problem?: string
}

/**
 * What the test gateway does of its own accord: tells one event that is due, by a signed webhook as
 * Stripe would. Undefined when there was none; what nobody takes note of is told again, later.
 */
export async function tellGatewayEvent(
  db: Db,
  post: (body: string, headers: Record<string, string>) => Promise<Response>,
): Promise<ToldResult | undefined> {
  const event = await claimGatewayEvent(db)
  if (!event) return undefined
  const { ref, data } = event
  const body = JSON.stringify({ ref, kind: data['kind'], object: data['object'] })
  const signature = signBody(await gatewaySecret(db), body, new Date())
  const problem = await problemOf(post(body, { [signatureHeader]: signature }))
  if (problem === undefined || Number(data['tries']) >= triesMax) await dropGatewayEvent(db, ref)
  return problem === undefined ? { ref } : { ref, problem }
}

async function problemOf(answer: Promise<Response>): Promise<string | undefined> {
  try {
    const { ok, status } = await answer
    return ok ? undefined : `the answer was ${status}`
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

/** Posts to a page of the site at its own address, as somebody outside would. */
export const postTo =
  (address: string) =>
  (body: string, headers: Record<string, string>): Promise<Response> =>
    fetch(address, {
      ...{ method: 'POST', body, headers, redirect: 'manual' },
      signal: AbortSignal.timeout(answerDeadlineMs),
    })
