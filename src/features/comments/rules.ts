import { z } from 'zod'

/** Threads on one page; every thread shows its first replies. */
export const threadsPageRows = 12
export const repliesPerThreadMax = 100

export const bodyCharactersMax = 5_000

export const commentForm = z.object({
  body: z
    .string()
    .trim()
    .min(1, 'Please write something first.')
    .max(bodyCharactersMax, `May have ${bodyCharactersMax} characters at most.`),
  /** The comment it answers. */
  parent: z.coerce
    .number()
    .int()
    .positive()
    .optional()
    .or(z.literal('').transform(() => undefined)),
})
