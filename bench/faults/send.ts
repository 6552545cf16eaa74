import { Agent, type IncomingHttpHeaders, request } from 'node:http'
import type { Address } from '#server/ask'

export interface Answer {
  status: number
  headers: IncomingHttpHeaders
  body: string
}

export interface Question {
  method: 'GET' | 'POST' | 'PUT' | 'DELETE'
  path: string
  headers?: Readonly<Record<string, string>>
  body?: string
}

/** Longer than a pledge is tried for. */
const usualPatienceMs = 15_000

const agent = new Agent({ keepAlive: true, maxSockets: Number.POSITIVE_INFINITY })

/**
 * Sends it once; undefined when no whole answer came. Whoever has no more patience breaks off the
 * connection.
 */
export function send(
  address: Address,
  { method, path, headers = {}, body }: Question,
  patienceMs = usualPatienceMs,
): Promise<Answer | undefined> {
  return new Promise((resolve) => {
    const signal = AbortSignal.timeout(patienceMs)
    const call = request({ ...address, method, path, headers, agent, signal }, (response) => {
      let said = ''
      response.setEncoding('utf8')
      response.on('data', (part: string) => {
        said += part
      })
      response.on('end', () => {
        const { statusCode: status = 0, headers } = response
        resolve(response.complete ? { status, headers, body: said } : undefined)
      })
      response.on('error', () => resolve(undefined))
      response.on('close', () => resolve(undefined))
    })
    call.on('error', () => resolve(undefined))
    call.end(body)
  })
}
