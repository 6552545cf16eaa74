import { gzipSync } from 'node:zlib'
import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import type { AppEnv } from './env'

/** Whether an Accept-Encoding header takes this coding, by name and not at weight 0. */
export function accepts(header: string | undefined, coding: string): boolean {
  return (header ?? '').split(',').some((part) => {
    const [name, weight] = part
      .trim()
      .toLowerCase()
      .split(/\s*;\s*q\s*=\s*/)
    return name === coding && Number(weight ?? 1) > 0
  })
}

// Below this a packet holds it either way.
const compressBytesMin = 1_000
// Level 4 is within 5 % of level 6 on our pages at 60 % of the time.
const gzipLevel = 4

/** A finished body, compressed when the reader takes gzip. */
export function compressed(
  c: Context<AppEnv>,
  body: string,
  contentType: string,
  status: ContentfulStatusCode = 200,
): Response {
  const headers = { 'Content-Type': contentType, Vary: 'Accept-Encoding' }
  if (body.length < compressBytesMin || !accepts(c.req.header('accept-encoding'), 'gzip')) {
    return c.body(body, status, headers)
  }
  return c.body(gzipSync(body, { level: gzipLevel }), status, {
    ...headers,
    'Content-Encoding': 'gzip',
  })
}
