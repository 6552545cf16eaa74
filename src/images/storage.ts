import { S3Client } from 'bun'
import type { BucketConfig } from '#config'
import type { Db } from '#db/client'
import {
  findImage,
  findImageFile,
  forgetUnusedImages,
  type ImageRow,
  insertImage,
} from '#db/images'
import { errorCode } from '#lib/errors'
import { imageWidths } from '#lib/image-widths'

export interface ImageFile {
  width: number
  data: Uint8Array
}

/** Where the files of pictures are kept. A hash stands for its content, so nothing ever changes. */
export interface ImageStorage {
  /** Keeps a picture with all its files, or throws. */
  keep(db: Db, image: ImageRow, files: readonly ImageFile[]): Promise<void>
  /** The widest file up to a width, as WebP; undefined when there is no such picture. */
  find(db: Db, hash: string, width: number): Promise<Uint8Array<ArrayBuffer> | undefined>
  /** Forgets some of those that nothing has used for a day; returns 0 when there are none left. */
  forget(db: Db): Promise<number>
}

export const openImageStorage = (bucket: BucketConfig | null): ImageStorage =>
  bucket === null ? inDatabase : inBucket(bucket)

const inDatabase: ImageStorage = {
  keep: insertImage,
  find: findImageFile,
  forget: (db) => forgetUnusedImages(db, async () => {}),
}

function inBucket({ bucket, prefix, region, endpoint, ...keys }: BucketConfig): ImageStorage {
  const client = new S3Client({ bucket, region, ...(endpoint ? { endpoint } : {}), ...keys })
  const object = (hash: string, width: number) => client.file(`${prefix}${hash}/${width}.webp`)
  return {
    keep: async (db, image, files) => {
      for (const { width, data } of files) {
        await object(image.hash, width).write(new Uint8Array(data), { type: 'image/webp' })
      }
      await insertImage(db, image, [])
    },
    find: async (db, hash, width) => {
      const image = await findImage(db, hash)
      if (!image) return undefined
      try {
        return new Uint8Array(await object(hash, keptWidth(image.width, width)).arrayBuffer())
      } catch (error) {
        // From the time before there was a bucket.
        if (errorCode(error) === 'NoSuchKey') return await findImageFile(db, hash, width)
        throw error
      }
    },
    // Its row goes last, and whoever brings it again meanwhile waits for that.
    forget: (db) =>
      forgetUnusedImages(db, async ({ hash, width: widest }) => {
        for (const width of [...imageWidths.filter((each) => each < widest), widest]) {
          await object(hash, width).delete()
        }
      }),
  }
}

/** The width whose file answers for another. */
const keptWidth = (widest: number, width: number) =>
  width >= widest ? widest : (imageWidths.findLast((each) => each <= width) ?? widest)
