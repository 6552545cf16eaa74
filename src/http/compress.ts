import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { codingsOf } from '#cache/answer'
import { compressBytesMin, gzip } from '#lib/compression'
import type { AppEnv } from './env'
import { eventOf } from './keep'

/** A finished body, compressed when the reader takes gzip. */
export function compressed(
  c: Context<AppEnv>,
  body: string,
  contentType: string,
  status: ContentfulStatusCode = 200,
): Response {
  const headers = { 'Content-Type': contentType, Vary: 'Accept-Encoding' }
  const event = eventOf(c)
  if (body.length < compressBytesMin || !codingsOf(c.req.raw).gzip) {
    if (event) event.bytes = Buffer.byteLength(body)
    return c.body(body, status, headers)
  }
  const bytes = gzip(body)
  c.get('timing')?.lap('compress')
  if (event) event.bytes = bytes.length
  return c.body(bytes, status, { ...headers, 'Content-Encoding': 'gzip' })
}
