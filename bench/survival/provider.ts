import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'

/** A payment provider that speaks as much of Stripe as charging a card takes; every card pays. */
export interface Provider {
  port: number
  /** By customer, how often they have been charged. */
  charged: ReadonlyMap<string, number>
  close(): Promise<void>
}

interface Intent {
  id: string
  customer: string
  metadata: { key: string }
}

export async function startProvider(): Promise<Provider> {
  const intents = new Map<string, Intent>()
  const charged = new Map<string, number>()

  /** The same for the same key, however often it comes. */
  const charge = (key: string, fields: URLSearchParams): Intent => {
    const known = intents.get(key)
    if (known) return known
    const customer = fields.get('customer') ?? ''
    const metadata = { key: fields.get('metadata[key]') ?? '' }
    const intent = { id: `pi_${intents.size + 1}`, customer, metadata }
    intents.set(key, intent)
    charged.set(customer, (charged.get(customer) ?? 0) + 1)
    return intent
  }
  const answer = (request: IncomingMessage, body: string): object => {
    const url = new URL(request.url ?? '/', 'http://provider')
    if (request.method === 'POST') {
      const key = String(request.headers['idempotency-key'])
      return paid(charge(key, new URLSearchParams(body)))
    }
    const customer = url.searchParams.get('customer')
    const found = [...intents.values()].filter((each) => each.customer === customer)
    return { object: 'list', data: found.map(paid), has_more: false, url: url.pathname }
  }
  const server = createServer(async (request: IncomingMessage, response: ServerResponse) => {
    let body = ''
    for await (const part of request) body += part
    response.writeHead(200, { 'content-type': 'application/json' })
    response.end(JSON.stringify(answer(request, body)))
  })
  const { promise, resolve } = Promise.withResolvers<void>()
  server.listen(0, '127.0.0.1', resolve)
  await promise
  const address = server.address()
  return {
    port: address !== null && typeof address === 'object' ? address.port : 0,
    charged,
    close: async () => {
      server.closeAllConnections()
      const closed = Promise.withResolvers<unknown>()
      server.close(closed.resolve)
      await closed.promise
    },
  }
}

const paid = (intent: Intent) => ({ ...intent, object: 'payment_intent', status: 'succeeded' })
