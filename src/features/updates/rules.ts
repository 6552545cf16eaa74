import { z } from 'zod'
import { audiences } from '#db/schema/making'

export const titleCharactersMax = 60
export const bodyCharactersMax = 20_000
/** Of one project, so that their page is a page. */
export const draftsMax = 50
/** After it is published; then what people have read and answered stays as it is. */
export const editMinutes = 30

export const publishedPerPerson = { times: 20, seconds: 3600 }
export const likesPerPerson = { times: 120, seconds: 600 }

/** In place of the title of an update that staff has hidden. */
export const takenDown = 'Taken down by staff'

const atMost = (charactersMax: number) => `May have ${charactersMax} characters at most.`

const title = z
  .string()
  .transform((text) => text.replace(/\s+/g, ' ').trim())
  .pipe(z.string().max(titleCharactersMax, atMost(titleCharactersMax)))
const body = z.string().trim().max(bodyCharactersMax, atMost(bodyCharactersMax))

/** What has been typed so far may still be nothing. */
export const draftForm = z.object({
  title,
  body,
  audience: z.enum(audiences, 'Please choose who may read it.'),
  /** Of the draft that was opened; 0 is none. */
  version: z.coerce.number().int().catch(0),
})

/** The draft as it was seen when the button was pressed. */
export const publishForm = draftForm.pick({ version: true })

const finished = z.object({
  title: title.pipe(z.string().min(1, 'Please give it a title.')),
  body: body.pipe(z.string().min(1, 'Please write something first.')),
})

/** What a draft still lacks before it can be published: field → sentence; undefined for nothing. */
export function missingIn(draft: { title: string; body: string }) {
  const { error } = finished.safeParse(draft)
  return error && Object.fromEntries(error.issues.map(({ path, message }) => [path[0], message]))
}

export const editForm = finished.extend({
  /** When it was last changed, as the form was told; empty for never. */
  edition: z.string().max(40).catch('none'),
})

export type DraftText = Omit<z.output<typeof draftForm>, 'version'>
