import { request } from 'node:http'

const askDeadlineMs = 2000
const answerCharactersMax = 16_384

export type Address = { host: string; port: number } | { socketPath: string }

export interface Answer {
  status: number
  body: string
}

/**
 * One GET on a connection of its own. Rejects with the system's error (`code`) or, after two
 * seconds, with ABORT_ERR. Not `fetch`: that would go through HTTP_PROXY even to this machine.
 */
export function ask(
  address: Address,
  path: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(askDeadlineMs)
    const call = request({ ...address, path, headers, agent: false, signal }, (response) => {
      let body = ''
      response.setEncoding('utf8')
      response.on('data', (chunk: string) => {
        body = (body + chunk).slice(0, answerCharactersMax)
      })
      response.on('end', () => resolve({ status: response.statusCode ?? 0, body }))
      response.on('error', reject)
    })
    call.on('error', reject)
    call.end()
  })
}

/** Where a listener on `host` can be reached from this machine: a wildcard is not an address. */
export function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  return host === '::' ? '::1' : host
}
