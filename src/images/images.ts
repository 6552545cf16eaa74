import { join } from 'node:path'
import type { BucketConfig } from '#config'
import { type ImageCodec, openCodec } from './codec'
import { type ImageStorage, openImageStorage } from './storage'

/** What makes and keeps uploaded pictures. */
export interface Images {
  make: ImageCodec
  storage: ImageStorage
}

export function openImages(bucket: BucketConfig | null, compiled: boolean): Images {
  const program = compiled ? [] : [join(import.meta.dir, '..', 'main.ts')]
  return {
    make: openCodec([process.execPath, ...program, 'picture']),
    storage: openImageStorage(bucket),
  }
}
