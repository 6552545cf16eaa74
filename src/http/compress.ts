import type { Context } from 'hono'
import type { ContentfulStatusCode } from 'hono/utils/http-status'
import { codingsOf } from '#cache/answer'
import { compressBytesMin, gzip } from '#lib/compression'
import type { AppEnv } from './env'

/** A finished body, compressed when the reader takes gzip. */
export function compressed(
  c: Context<AppEnv>,
  body: string,
  contentType: string,
  status: ContentfulStatusCode = 200,
): Response {
  const headers = { 'Content-Type': contentType, Vary: 'Accept-Encoding' }
  if (body.length < compressBytesMin || !codingsOf(c.req.raw).gzip) {
    return c.body(body, status, headers)
  }
  const bytes = gzip(body)
  c.get('timing')?.lap('compress')
  return c.body(bytes, status, { ...headers, 'Content-Encoding': 'gzip' })
}
