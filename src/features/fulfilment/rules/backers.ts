import { z } from 'zod'
import { pledgeStatuses } from '#db/schema/backing'
import { fulfilmentStatuses } from '#db/schema/fulfilment'
import { blank, idSchema, numberAfter, searchCharactersMax } from '#http/input'
import { countryNamed } from '#lib/countries'

export const backersPageRows = 50
/** Pledges looked at for one page, and for its sums: what is seldom is found over several pages. */
export const walkedPledgesMax = 10_000
/** Of a file, in memory at once. */
export const chunkRowsMax = 1_000
export const trackingCharactersMax = 200
/** A file of a million backers keeps the database busy for a while. */
export const filesPerPerson = { times: 30, seconds: 3600 }

export type FulfilmentStatus = (typeof fulfilmentStatuses)[number]

export const fulfilmentNames: Record<FulfilmentStatus, string> = {
  none: 'Not begun',
  preparing: 'Being prepared',
  sent: 'Sent',
  received: 'Received',
}

/** What its makers may say of it; that it has come only its backer knows. */
export const givenStatuses = ['none', 'preparing', 'sent'] as const

const filterFields = {
  /** `none`: without a reward. */
  reward: blank(z.literal('none').or(idSchema)),
  status: blank(z.enum(pledgeStatuses)),
  country: blank(
    z
      .string()
      .max(searchCharactersMax)
      .transform((text) => countryNamed(text) ?? text),
  ),
  answered: blank(z.enum(['yes', 'no'])),
  fulfilment: blank(z.enum(fulfilmentStatuses)),
}

export const backersFilter = z.object(filterFields)
export type BackersFilter = z.output<typeof backersFilter>

export const backersQuery = z.object({ ...filterFields, after: numberAfter, marked: numberAfter })

/** Those who are ticked, `pledge-17`, or all whom the filter finds. */
export const markForm = z
  .object({ mark: z.enum(givenStatuses, 'Please say what to mark them as.') })
  .catchall(z.string())
  .transform(({ mark, all, ...typed }) => ({
    status: mark,
    filter: all === undefined ? undefined : backersFilter.safeParse(typed).data,
    pledgeIds: Object.keys(typed).flatMap((name) => {
      const [, id] = /^pledge-([1-9]\d{0,14})$/.exec(name) ?? []
      return id ? [Number(id)] : []
    }),
  }))

export const fulfilmentForm = z.object({
  status: z.enum(givenStatuses, 'Please choose one of these.'),
  tracking: z
    .string()
    .trim()
    .max(trackingCharactersMax, `May have ${trackingCharactersMax} characters at most.`)
    .default(''),
})
