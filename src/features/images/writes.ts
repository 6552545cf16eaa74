import { eq } from 'drizzle-orm'
import { tags } from '#cache/recording'
import { announceChange } from '#db/changes'
import type { Db } from '#db/client'
import { wantImage } from '#db/images'
import { people } from '#db/schema/projects'
import type { Images } from '#images/images'
import { hashOf, type StoredImage } from './rules'

/**
 * Keeps an uploaded picture, remade, in all its widths; the same one is kept once. Throws AppError
 * invalid_input, with a sentence, for what is not taken, and busy.
 */
export async function keepImage(
  db: Db,
  images: Images,
  uploaderId: number,
  bytes: Uint8Array,
): Promise<StoredImage> {
  const { width, height, files } = await images.make(bytes)
  const hash = hashOf(files.at(-1)?.data ?? new Uint8Array())
  const image = { hash, width, height }
  if (!(await wantImage(db, hash))) {
    await images.storage.keep(db, { ...image, uploaderId }, files)
  }
  return image
}

/** Shows a picture beside a person's name, or with null the drawn one again. */
export async function changePicture(db: Db, personId: number, hash: string | null): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.update(people).set({ image: hash }).where(eq(people.id, personId))
    await announceChange(tx, [tags.person(personId)])
  })
}
