import { z } from 'zod'

/** Threads on one page; every thread shows its first replies. */
export const threadsPageRows = 12
export const repliesPerThreadMax = 100
/** Of a project: more would push what is new off the page. */
export const pinnedThreadsMax = 3

export const postsPerPerson = { times: 20, seconds: 600 }

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

/** Why somebody who could otherwise comment cannot. */
export const blockedSentence =
  'The creator of this project has blocked you, so you cannot comment here.'
export const restrictedSentence = 'Our staff has taken commenting from your account for now.'
