import { z } from 'zod'
import type { MakeAbsolute, Samples } from '#http/api'
import { address, id, idDigitsMax, numberInput } from '#http/json'
import { paths } from '#web/paths'

/** A person as other things name them in JSON: a creator, an author, a backer. */
export const personSummary = z
  .object({ id, name: z.string(), url: address, picture: address })
  .meta({ id: 'PersonSummary' })

export const toPersonSummary = (
  { id, name }: { id: number; name: string },
  url: MakeAbsolute,
): z.input<typeof personSummary> => ({
  id,
  name,
  url: url(paths.person({ id })),
  picture: url(paths.avatar({ id })),
})

/** What endpoints at and below `/people/{id}` have in common. */
export const ofPerson = {
  params: z.strictObject({ id: numberInput(idDigitsMax).describe('The person’s number.') }),
  missing: { id: 'person_not_found' },
  sample: ({ person }: Samples) => ({ id: person }),
} as const
