import { z } from 'zod'
import { givenPassword } from '#features/people/rules'

/** Rows of a file that are in memory at a time; the longest have a story. */
export const chunkRows = 200

/** Every download reads all that a person ever did. */
export const downloadsPerPerson = { times: 3, seconds: 3600 }

/** What has to be typed, so that no slip of the finger deletes an account. */
export const confirmation = 'delete my account'

/** What those who have left are called. */
export const formerName = 'Former member'

export const downloadForm = z.object({ password: givenPassword })

export const deleteForm = z.object({
  password: givenPassword,
  confirmation: z
    .string()
    .trim()
    .toLowerCase()
    .refine((text) => text === confirmation, `Please type “${confirmation}”.`),
})
