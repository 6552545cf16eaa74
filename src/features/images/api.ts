import { z } from 'zod'
import { noInput } from '#http/api'
import { address, count } from '#http/json'
import { ownEndpoint } from '#http/own-endpoint'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { knownPicture, pictureName } from './parts/json'
import { withRoomFor } from './parts/room'
import { markdownOf, uploadsPerHour } from './rules'
import { changePicture, keepImage } from './writes'

const uploaded = z
  .object({
    image: z.string().describe('What it is called wherever a picture is asked for.'),
    ...{ url: address, width: count, height: count },
    markdown: z.string().describe('What shows it in a story or an update.'),
  })
  .meta({ id: 'Picture' })

export const picturesApi = [
  ownEndpoint({
    id: 'uploadPicture',
    method: 'post',
    path: '/images',
    summary: 'Upload a picture',
    description:
      'JPEG, PNG, WebP or AVIF to 10 MB and 40 megapixels, as the body itself. The same picture is ' +
      'kept once; one that nothing uses is forgotten after a day.',
    scope: 'write',
    params: noInput,
    takesFile: true,
    answer: uploaded,
    creates: true,
    sample: () => ({}),
    handle: ({ deps: { db, images }, viewer, file, count, url }) =>
      withRoomFor(file.bytes, async () => {
        const bytes = await file.read()
        await count('upload', String(viewer.id), uploadsPerHour)
        const image = await keepImage(db, images, viewer.id, bytes).catch(asBody)
        const { hash, width, height } = image
        return {
          ...{ image: hash, width, height, url: url(paths.image(hash, 1024)) },
          markdown: markdownOf(image),
        }
      }),
  }),

  ownEndpoint({
    id: 'changePicture',
    method: 'put',
    path: '/me/picture',
    summary: 'Show a picture beside your name, or with null the drawn one',
    scope: 'write',
    params: noInput,
    body: z.strictObject({ image: pictureName }),
    bodyExample: { image: null },
    sample: () => ({}),
    handle: async ({ deps: { db }, viewer, body }) =>
      changePicture(db, viewer.id, await knownPicture(db, body.image)),
  }),
]

/** What is wrong with a picture is wrong with the body. */
function asBody(error: unknown): never {
  if (!(error instanceof AppError) || error.code !== 'invalid_input') throw error
  throw new AppError('invalid_body', { detail: error.message })
}
