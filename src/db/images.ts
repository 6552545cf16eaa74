import { and, eq, inArray, isNotNull, sql } from 'drizzle-orm'
import type { Db } from './client'
import { prepared } from './prepared'
import { imageFiles, images, imageUses } from './schema/images'

export type ImageRow = typeof images.$inferInsert

/** Whoever wants a picture that nothing uses yet has their day for it, however old it is. */
const unusedAnew = sql`case when ${images.unusedSince} is not null then clock_timestamp() end`

/** Keeps a picture and those of its files that are kept here. The same picture is kept once. */
export async function insertImage(
  db: Db,
  image: ImageRow,
  files: readonly { width: number; data: Uint8Array }[],
): Promise<void> {
  await db.transaction(async (tx) => {
    const added = await tx
      .insert(images)
      .values(image)
      .onConflictDoUpdate({ target: images.hash, set: { unusedSince: unusedAnew } })
      .returning({ isNew: sql<boolean>`xmax = 0` })
    if (!added[0]?.isNew || files.length === 0) return
    await tx.insert(imageFiles).values(files.map((file) => ({ hash: image.hash, ...file })))
  })
}

const imageByHash = prepared((db) =>
  db
    .select({ hash: images.hash, width: images.width, height: images.height })
    .from(images)
    .where(eq(images.hash, sql.placeholder('hash')))
    .prepare('image_by_hash'),
)

/** Size of a picture, in pixels of its largest file. */
export async function findImage(db: Db, hash: string) {
  const [image] = await imageByHash(db).execute({ hash })
  return image
}

// The widest that is not too wide; of a picture narrower than that there is only one.
const fileOf = prepared((db) =>
  db
    .select({ data: imageFiles.data })
    .from(imageFiles)
    .where(
      and(
        eq(imageFiles.hash, sql.placeholder('hash')),
        sql`${imageFiles.width} <= ${sql.placeholder('width')}`,
      ),
    )
    .orderBy(sql`${imageFiles.width} desc`)
    .limit(1)
    .prepare('image_file'),
)

/** The file of a picture for a width, which none of them may exceed. */
export async function findImageFile(db: Db, hash: string, width: number) {
  const [file] = await fileOf(db).execute({ hash, width })
  return file && new Uint8Array(file.data)
}

/** Whether this very picture is kept already; if so it stays for another day. */
export async function wantImage(db: Db, hash: string): Promise<boolean> {
  const known = await db
    .update(images)
    .set({ unusedSince: unusedAnew })
    .where(eq(images.hash, hash))
    .returning({ hash: images.hash })
  return known.length > 0
}

/** Pictures forgotten in one transaction. */
const forgottenAtOnce = 20
const hasUse = sql`exists (select from ${imageUses} u where u.hash = ${images.hash})`

/**
 * Forgets some pictures that nothing has used for a day, after `drop` has done away with the files
 * that are not here; returns how many it has looked at, none when there are none left.
 */
export async function forgetUnusedImages(
  db: Db,
  drop: (image: { hash: string; width: number }) => Promise<void>,
): Promise<number> {
  return await db.transaction(async (tx) => {
    const old = await tx
      .select({ hash: images.hash })
      .from(images)
      .where(sql`${images.unusedSince} < now() - interval '1 day'`)
      .orderBy(images.unusedSince)
      .limit(forgottenAtOnce)
      .for('update', { skipLocked: true })
    if (old.length === 0) return 0
    const these = inArray(
      images.hash,
      old.map(({ hash }) => hash),
    )
    // Nothing can begin to use them now; others may show what one thing has let go of.
    await tx.update(images).set({ unusedSince: null }).where(and(these, hasUse))
    const unused = await tx
      .select({ hash: images.hash, width: images.width })
      .from(images)
      .where(and(these, isNotNull(images.unusedSince)))
    for (const image of unused) await drop(image)
    const hashes = unused.map(({ hash }) => hash)
    if (hashes.length > 0) {
      await tx.delete(imageFiles).where(inArray(imageFiles.hash, hashes))
      await tx.delete(images).where(inArray(images.hash, hashes))
    }
    return old.length
  })
}
