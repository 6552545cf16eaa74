import type { Context } from 'hono'
import type { z } from 'zod'
import { findImage } from '#db/images'
import type { AppEnv } from '#http/env'
import { type ReadForm, readFormWithFiles } from '#http/forms'
import { limit } from '#http/rate-limit'
import { requireViewer } from '#http/session'
import { AppError } from '#lib/errors'
import { imageHash, keptName, removeName, type StoredImage, uploadsPerHour } from '../rules'
import { keepImage } from '../writes'
import { withRoomFor } from './room'

/**
 * What a form says of its picture: a new one, null to take away what was there, undefined to leave
 * things as they are.
 */
export type ReadUpload<Data> = ReadForm<Data> & { image?: StoredImage | null | undefined }

/**
 * Reads a form of text fields and one picture that may be left out, and keeps the picture. A wrong
 * one is an error of `field`, like any other. When only the text is wrong the picture is kept, and
 * `<PictureField>` brings it along the next time. Throws AppError sign_in_required,
 * too_many_requests, busy, too_large, invalid_input.
 */
export async function readUpload<Schema extends z.ZodType>(
  c: Context<AppEnv>,
  schema: Schema,
  field: string,
): Promise<ReadUpload<z.output<Schema>>> {
  requireViewer(c)
  return await withRoomFor(c.req.header('content-length'), async () => {
    const { files, ...form } = await readFormWithFiles(c, schema, field)
    try {
      return { ...form, image: await imageOf(c, files, form.values, field) }
    } catch (error) {
      const errors = { ...form.errors, [field]: sentenceOf(error) }
      return { values: form.values, errors }
    }
  })
}

async function imageOf(
  c: Context<AppEnv>,
  files: Blob[],
  values: Readonly<Record<string, string>>,
  field: string,
): Promise<StoredImage | null | undefined> {
  const [file, another] = files
  if (another) throw new AppError('invalid_input', { detail: 'Choose one picture, not several.' })
  if (file) return await takeIn(c, file)
  if (values[removeName(field)] === 'yes') return null
  const kept = imageHash.safeParse(values[keptName(field)])
  return kept.success ? await findImage(c.var.deps.db, kept.data) : undefined
}

async function takeIn(c: Context<AppEnv>, file: Blob): Promise<StoredImage> {
  const { id } = requireViewer(c)
  await limit(c, 'upload', String(id), uploadsPerHour)
  const { db, images } = c.var.deps
  return await keepImage(db, images, id, new Uint8Array(await file.arrayBuffer()))
}

/** What is wrong with the picture; other refusals are of the whole request. */
function sentenceOf(error: unknown): string {
  if (error instanceof AppError && error.code === 'invalid_input') return error.message
  throw error
}
