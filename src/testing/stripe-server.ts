import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { signBody } from '#payments/signature'
import { type Answer, openAccount } from './stripe-account'
import { apiVersion, checkCall, readFields } from './stripe-description'

/** A stand-in for Stripe: takes what its published description takes, and notes all else. */

export const secretKey = 'sk_test_ours'
export const webhookSecret = 'whsec_ours'
const keyCharactersMax = 255

/** What becomes of the next call that changes something. */
type Trouble =
  /** Done, and never answered. */
  | 'lost after'
  /** Neither done nor answered. */
  | 'lost before'
  /** Done, and the connection breaks in the middle of the answer. */
  | 'broken'
  | 429
  | 500

export async function startStripe() {
  const account = openAccount()
  const answered = new Map<string, { asked: string; answer: Answer }>()
  const calls: string[] = []
  let problems: string[] = []
  let troubles: Trouble[] = []

  const answerTo = (request: IncomingMessage, body: string): Answer => {
    const url = new URL(request.url ?? '/', 'http://stripe')
    const method = request.method ?? ''
    const fields = readFields(method === 'GET' ? url.search : body)
    const { call, problems: wrong } = checkCall(method, url.pathname, fields)
    calls.push(call ?? `${method} ${url.pathname}`)
    if (request.headers.authorization !== `Bearer ${secretKey}`) {
      problems.push(`${call}: the key is wrong`)
      const message = `Invalid API Key provided: ${request.headers.authorization?.slice(7)}`
      return { status: 401, body: { error: { type: 'invalid_request_error', message } } }
    }
    if (request.headers['stripe-version'] !== apiVersion) wrong.push(`${call}: another version`)
    const key = String(request.headers['idempotency-key'] ?? '')
    if (method === 'POST' && (key === '' || key.length > keyCharactersMax)) {
      wrong.push(`${call}: no idempotency key`)
    }
    problems.push(...wrong)
    if (wrong.length > 0 || !call) {
      const error = { type: 'invalid_request_error', code: 'parameter_unknown', message: wrong[0] }
      return { status: 400, body: { error } }
    }
    if (method === 'GET') return account.ask(call, fields, url.pathname)
    return once(key, `${url.pathname} ${body}`, () => account.ask(call, fields, url.pathname))
  }

  const once = (key: string, asked: string, ask: () => Answer): Answer => {
    const before = answered.get(key)
    if (before && before.asked !== asked) {
      const message = 'Keys for idempotent requests can only be used with the same parameters.'
      return { status: 400, body: { error: { type: 'idempotency_error', message } } }
    }
    // What was said then, not what has become of it since.
    const answer = before?.answer ?? (structuredClone(ask()) as Answer)
    answered.set(key, { asked, answer })
    return answer
  }

  const server = createServer(async (request, response) => {
    let body = ''
    for await (const chunk of request) body += chunk
    const trouble = request.method === 'POST' ? troubles.shift() : undefined
    if (trouble === 'lost before') return
    if (typeof trouble === 'number') {
      const error = { type: trouble === 429 ? 'rate_limit_error' : 'api_error', message: 'Later.' }
      return send(response, { status: trouble, body: { error } })
    }
    const answer = answerTo(request, body)
    if (trouble === 'broken') {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': 1000 })
      return response.write('{', () => request.socket.destroy())
    }
    if (trouble !== 'lost after') send(response, answer)
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return {
    config: {
      ...{ provider: 'stripe' as const, secretKey, webhookSecret },
      apiBase: `http://127.0.0.1:${port}`,
    },
    account,
    calls,
    trouble: (...next: Trouble[]) => {
      troubles = next
    },
    /** What was not as described since the last time. */
    takeProblems: () => {
      const taken = problems
      problems = []
      return taken
    },
    /** As after a day: keys are forgotten. */
    forgetKeys: () => answered.clear(),
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}

function send(response: ServerResponse, { status, body }: Answer): void {
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(body))
}

let events = 0

/** A webhook as Stripe sends it. */
export function stripeEvent(
  type: string,
  object: unknown,
  { id = `evt_test${++events}`, at = new Date(), secret = webhookSecret } = {},
): { body: string; headers: Record<string, string> } {
  const created = Math.floor(at.getTime() / 1000)
  const event = { id, object: 'event', api_version: apiVersion, created, type, data: { object } }
  const body = JSON.stringify(event)
  return { body, headers: { 'stripe-signature': signBody(secret, body, at) } }
}
