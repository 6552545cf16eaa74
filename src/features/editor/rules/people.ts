import { z } from 'zod'
import { type Permission, permissions } from '#db/schema/making'
import { emailAddress } from '#features/people/rules'

export const collaboratorsMax = 20
export const titleCharactersMax = 40
export const whoCharactersMax = 300
export const invitationsPerPerson = { times: 20, seconds: 24 * 3600 }

/** What each permission lets somebody do. */
export const permissionNames: Readonly<Record<Permission, { label: string; hint: string }>> = {
  edit: { label: 'Edit', hint: 'The texts, the pictures, the rewards and the questions.' },
  community: {
    label: 'Community',
    hint: 'Updates, questions, comments and messages of the project.',
  },
  numbers: { label: 'Numbers', hint: 'The dashboard, and its figures as a file.' },
}

const ticked = z
  .string()
  .optional()
  .transform((value) => value === 'yes')

const partFields = {
  title: z
    .string()
    .default('')
    .transform((text) => text.replace(/\s+/g, ' ').trim())
    .pipe(z.string().max(titleCharactersMax, `May have ${titleCharactersMax} characters at most.`)),
  edit: ticked,
  community: ticked,
  numbers: ticked,
}

type Part = z.output<z.ZodObject<typeof partFields>>

function partOf({ title, ...given }: Part, context: z.RefinementCtx) {
  const chosen = permissions.filter((permission) => given[permission])
  if (chosen.length === 0) {
    const message = 'Please choose at least one.'
    context.addIssue({ code: 'custom', path: ['permissions'], message })
  }
  return { title, permissions: chosen }
}

/** What somebody is called in a project, and what they may do in it. */
export type CollaboratorPart = z.output<typeof collaboratorForm>
export const collaboratorForm = z.object(partFields).transform(partOf)

/** Whom somebody means: by the address of their account, or by their number here. */
export type Invited = { email: string } | { personId: number }

const who = z
  .string()
  .default('')
  .transform((typed, context): Invited => {
    const text = typed.trim().slice(0, whoCharactersMax)
    const number = /^(?:\S*\/people\/)?([1-9]\d{0,14})$/.exec(text)?.[1]
    if (number !== undefined) return { personId: Number(number) }
    const { data, error } = emailAddress.safeParse(text)
    if (data !== undefined) return { email: data }
    const message = /@/.test(text)
      ? (error?.issues[0]?.message ?? '')
      : 'Please give an e-mail address, or the address of somebody’s page here.'
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  })

export const whoForm = z.object({ who })
export const inviteForm = z
  .object({ who, ...partFields })
  .transform(({ who, ...part }, context) => ({ who, ...partOf(part, context) }))
