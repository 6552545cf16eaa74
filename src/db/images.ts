import { and, eq, sql } from 'drizzle-orm'
import type { Db } from './client'
import { prepared } from './prepared'
import { imageFiles, images } from './schema/images'

export type ImageRow = typeof images.$inferInsert

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
      .onConflictDoNothing()
      .returning({ hash: images.hash })
    if (added.length === 0 || files.length === 0) return
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
