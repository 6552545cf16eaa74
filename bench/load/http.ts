import { request } from 'node:http'
import type { Address } from '#server/ask'

export interface Answer {
  status: number
  headers: Record<string, string>
  /** As it came over the wire. */
  body: Uint8Array
}

const deadlineMs = 30_000

/** One GET on a connection of its own. Not `fetch`: that would go through HTTP_PROXY even here. */
export function get(
  address: Address,
  path: string,
  headers: Record<string, string> = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const signal = AbortSignal.timeout(deadlineMs)
    const call = request({ ...address, path, headers, agent: false, signal }, (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.on('end', () => {
        const fields = Object.entries(response.headers).map(([name, value]) => [name, `${value}`])
        const status = response.statusCode ?? 0
        resolve({ status, headers: Object.fromEntries(fields), body: Buffer.concat(parts) })
      })
      response.on('error', reject)
    })
    call.on('error', reject)
    call.end()
  })
}

/** The text of an answer, whichever way it is coded. */
export function textOf({ headers, body }: Answer): string {
  const bytes = new Uint8Array(body)
  const coding = headers['content-encoding']
  const plain = coding === 'gzip' ? Bun.gunzipSync(bytes) : bytes
  return new TextDecoder().decode(plain)
}
