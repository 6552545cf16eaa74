import type { Context } from 'hono'
import { codingsOf } from '#cache/answer'
import { AppError } from '#lib/errors'
import type { AppEnv } from './env'

/** A file of the client, from memory, in the smallest coding its reader takes. */
export function staticAsset(c: Context<AppEnv>, name: string): Response {
  const asset = c.var.deps.assets.files.get(name)
  if (!asset) throw new AppError('not_found')
  const takes = codingsOf(c.req.raw)
  const coding = (['br', 'gzip'] as const).find((name) => asset[name] && takes[name])
  return c.body((coding ? asset[coding] : asset.identity) as Uint8Array<ArrayBuffer>, 200, {
    'Content-Type': asset.type,
    // The name carries a hash of the content.
    'Cache-Control': 'public, max-age=31536000, immutable',
    ...(asset.gzip ? { Vary: 'Accept-Encoding' } : {}),
    ...(coding ? { 'Content-Encoding': coding } : {}),
  })
}
