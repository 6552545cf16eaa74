import type { Context } from 'hono'
import { AppError } from '#lib/errors'
import { accepts } from '#lib/negotiation'
import type { AppEnv } from './env'

/** A file of the client, from memory, in the smallest coding its reader takes. */
export function staticAsset(c: Context<AppEnv>, name: string): Response {
  const asset = c.var.deps.assets.files.get(name)
  if (!asset) throw new AppError('not_found')
  const header = c.req.header('accept-encoding')
  const coding = (['br', 'gzip'] as const).find((name) => asset[name] && accepts(header, name))
  return c.body((coding ? asset[coding] : asset.identity) as Uint8Array<ArrayBuffer>, 200, {
    'Content-Type': asset.type,
    // The name carries a hash of the content.
    'Cache-Control': 'public, max-age=31536000, immutable',
    ...(asset.gzip ? { Vary: 'Accept-Encoding' } : {}),
    ...(coding ? { 'Content-Encoding': coding } : {}),
  })
}
