import { apiRoot } from '#http/api'
import type { Address } from '#server/ask'
import type { Operation, Verb, Wish } from './history'
import { type Answer, send } from './send'

/** Somebody with a token and a card. */
export interface Backer {
  id: number
  token: string
  card: number
}

/** Where operations are sent, and what is counted of their answers. */
export interface Site {
  /** Another one after a restart. */
  address: Address
  /** How long the next attempt waits for its answer before it breaks off; usually undefined. */
  patienceMs(): number | undefined
  /** By status; 0 is no answer. */
  answers: Map<number, number>
  signal: AbortSignal
}

const methods: Record<Verb, 'POST' | 'PUT' | 'DELETE'> = {
  ...{ place: 'POST', change: 'PUT', cancel: 'DELETE' },
}
const retryPauseMs = 150
/** Whoever has broken off asks again at once. */
const unansweredPauseMs = 10
/** Longer than any outage here lasts. */
const giveUpMs = 60_000
/** It was not done, but it may be sent again. */
const tooMany = 429

/** Sends it with its key until it is known what came of it; returns the last answer. */
export async function carryOut(
  operation: Operation,
  backer: Backer,
  site: Site,
): Promise<Answer | undefined> {
  const giveUpAt = performance.now() + giveUpMs
  for (;;) {
    site.signal.throwIfAborted()
    const answer = await attempt(operation, backer, site, site.patienceMs())
    if (answer && isDefinite(answer.status)) {
      conclude(operation, answer)
      return answer
    }
    if (performance.now() > giveUpAt) return undefined
    await Bun.sleep(answer ? retryPauseMs : unansweredPauseMs)
  }
}

/** Sends it once, and keeps what is known after that; returns the answer. */
export async function attempt(
  operation: Operation,
  backer: Backer,
  site: Site,
  patienceMs?: number,
): Promise<Answer | undefined> {
  const { verb, wish, key, projectId } = operation
  operation.attempts++
  const answer = await send(
    site.address,
    {
      method: methods[verb],
      path: pledgePath(projectId),
      headers: { ...headersOf(backer), 'idempotency-key': key },
      ...(wish === null ? {} : { body: bodyOf(wish, backer) }),
    },
    patienceMs,
  )
  const status = answer?.status ?? 0
  site.answers.set(status, (site.answers.get(status) ?? 0) + 1)
  operation.status = status
  if (!isDefinite(status) && status !== tooMany) operation.unheard++
  return answer
}

export const pledgePath = (projectId: number) => `${apiRoot}/projects/${projectId}/pledge`

export const headersOf = ({ token }: Backer) => ({
  authorization: `Bearer ${token}`,
  'content-type': 'application/json',
})

const bodyOf = (wish: Wish, { card }: Backer) => JSON.stringify({ ...wish, card })

const isDefinite = (status: number) => status >= 200 && status < 500 && status !== tooMany

/** Writes down what was answered in the end. */
function conclude(operation: Operation, { status, body }: Answer): void {
  if (status >= 300) {
    const { type } = JSON.parse(body) as { type?: string }
    operation.code = String(type).replace('urn:jumpstarter:', '')
    const mayStillCome = operation.repeats === null && operation.unheard > 0
    operation.outcome = mayStillCome ? 'unknown' : 'refused'
    return
  }
  operation.outcome = 'ok'
  if (operation.verb === 'cancel') return
  const { id, total } = JSON.parse(body) as { id: number; total: { amount: number } }
  operation.pledgeId = id
  operation.total = total.amount
}
