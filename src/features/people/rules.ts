import { z } from 'zod'
import type { MakeAbsolute } from '#http/api'
import { address, id } from '#http/json'
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
