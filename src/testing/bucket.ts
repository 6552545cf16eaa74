import { createHash, createHmac } from 'node:crypto'

/** A storage that speaks as much of S3 as keeping, fetching and deleting objects takes. */
export interface TestBucket {
  url: string
  accessKeyId: string
  secretAccessKey: string
  /** Path with its bucket → object. */
  objects: Map<string, { type: string | null; bytes: Uint8Array }>
  stop(): Promise<void>
}

const hmac = (key: string | Buffer, text: string) => createHmac('sha256', key).update(text).digest()
const sha256 = (bytes: string | Uint8Array) => createHash('sha256').update(bytes).digest('hex')

/** Takes only what is signed as AWS wants it (Signature Version 4), like the real ones. */
export function startBucket(): TestBucket {
  const accessKeyId = 'AKIATEST'
  const secretAccessKey = 'geheim/geheim'
  const objects: TestBucket['objects'] = new Map()
  const server = Bun.serve({
    port: 0,
    fetch: async (request) => {
      const { pathname } = new URL(request.url)
      const body = await request.bytes()
      if (!isSigned(request, body, { accessKeyId, secretAccessKey })) {
        return refusal(403, 'SignatureDoesNotMatch')
      }
      if (request.method === 'PUT') {
        objects.set(pathname, { type: request.headers.get('content-type'), bytes: body })
        return new Response(null, { headers: { etag: `"${sha256(body)}"` } })
      }
      if (request.method === 'DELETE') {
        objects.delete(pathname)
        return new Response(null, { status: 204 })
      }
      const object = objects.get(pathname)
      if (!object) return refusal(404, 'NoSuchKey')
      return new Response(new Uint8Array(object.bytes))
    },
  })
  const stop = () => server.stop(true)
  return { url: `http://localhost:${server.port}`, accessKeyId, secretAccessKey, objects, stop }
}

const refusal = (status: number, code: string) =>
  new Response(`<?xml version="1.0"?><Error><Code>${code}</Code><Message>No.</Message></Error>`, {
    status,
    headers: { 'content-type': 'application/xml' },
  })

interface Keys {
  accessKeyId: string
  secretAccessKey: string
}

function isSigned(request: Request, body: Uint8Array, keys: Keys): boolean {
  const header = request.headers.get('authorization') ?? ''
  const match =
    /^AWS4-HMAC-SHA256 Credential=([^/]+)\/([^,]+), ?SignedHeaders=([^,]+), ?Signature=(\w+)$/.exec(
      header,
    )
  const [, id, scope = '', signed = '', signature] = match ?? []
  const payload = request.headers.get('x-amz-content-sha256') ?? ''
  if (id !== keys.accessKeyId) return false
  if (payload !== 'UNSIGNED-PAYLOAD' && payload !== sha256(body)) return false
  const { pathname, searchParams } = new URL(request.url)
  searchParams.sort()
  const headers = signed
    .split(';')
    .map((name) => `${name}:${(request.headers.get(name) ?? '').trim()}\n`)
    .join('')
  const asked = [request.method, pathname, searchParams, headers, signed, payload].join('\n')
  const moment = request.headers.get('x-amz-date') ?? ''
  const toSign = ['AWS4-HMAC-SHA256', moment, scope, sha256(asked)].join('\n')
  const key = scope
    .split('/')
    .reduce((key, part) => hmac(key, part), Buffer.from(`AWS4${keys.secretAccessKey}`))
  return hmac(key, toSign).toString('hex') === signature
}
