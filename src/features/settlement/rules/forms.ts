import { z } from 'zod'
import { idSchema } from '#http/input'
import { parseMoney } from '#lib/money'
import { readMoment } from '#lib/time'
import { moments } from './dates'

export const reasonCharactersMax = 500

/** What a refund is asked for by; amounts are read in the currency of the project. */
export const refundForm = (currency: string) =>
  z.object({
    pledge: idSchema,
    /** Which refund of this pledge it is, so that sending it twice does it once. */
    number: idSchema,
    amount: z.string().transform((text, context) => {
      const { minor, problem } = parseMoney(text, currency)
      if (minor !== undefined && minor > 0) return minor
      context.addIssue(problem ?? 'Must be above zero.')
      return z.NEVER
    }),
    reason: z
      .string()
      .trim()
      .min(1, 'Please give a reason: your backer is told.')
      .max(reasonCharactersMax, `May have ${reasonCharactersMax} characters.`),
  })

/** Opens late pledges until a moment, or closes them. */
export const lateForm = z.discriminatedUnion('when', [
  z.object({ when: z.literal('now') }),
  z.object({
    when: z.literal('later'),
    until: z.string().transform((text, context) => {
      const moment = readMoment(text)
      if (moment) return moment
      context.addIssue('Is not a moment: write it like 2027-03-31T18:00.')
      return z.NEVER
    }),
  }),
])

export const mendForm = z.object({ card: z.string().pipe(idSchema) })

export const clockForm = z.object({ moment: z.enum(moments) })

/** Each asks a provider for something. */
export const mendsPerPerson = { times: 20, seconds: 3600 }
export const refundsPerPerson = { times: 300, seconds: 3600 }
