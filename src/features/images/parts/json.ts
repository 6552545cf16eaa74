import type { Db } from '#db/client'
import { findImage } from '#db/images'
import { AppError } from '#lib/errors'
import { imageHash } from '../rules'

/** A picture in a body, by what `uploadPicture` calls it. */
export const pictureName = imageHash
  .nullable()
  .describe('What `uploadPicture` has called it; null for none.')
  .meta({ examples: ['0123456789abcdef0123456789abcdef'] })

/** The same, once it is known that there is such a picture. Throws AppError invalid_body. */
export async function knownPicture(db: Db, hash: string | null): Promise<string | null> {
  if (hash === null || (await findImage(db, hash))) return hash
  const detail = '“image”: There is no such picture, or it is forgotten: upload it again.'
  throw new AppError('invalid_body', { field: 'image', detail })
}
