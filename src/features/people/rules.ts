import { z } from 'zod'
import { scopes } from '#db/schema/accounts'
import type { MakeAbsolute, Samples } from '#http/api'
import { idSchema } from '#http/input'
import { address, id, idDigitsMax, numberInput } from '#http/json'
import { isCommonPassword } from '#lib/common-passwords'
import { paths } from '#web/paths'

/** A person as other things name them in JSON: a creator, an author, a backer. */
export const personSummary = z
  .object({ id, name: z.string(), url: address, picture: address })
  .meta({ id: 'PersonSummary' })

export const toPersonSummary = (
  { id, name, image }: { id: number; name: string; image?: string | null },
  url: MakeAbsolute,
): z.input<typeof personSummary> => ({
  id,
  name,
  url: url(paths.person({ id })),
  picture: url(paths.avatar({ id, image })),
})

/** What endpoints at and below `/people/{id}` have in common. */
export const ofPerson = {
  params: z.strictObject({ id: numberInput(idDigitsMax).describe('The person’s number.') }),
  missing: { id: 'person_not_found' },
  sample: ({ person }: Samples) => ({ id: person }),
} as const

export const nameCharactersMax = 40
export const passwordCharactersMin = 8
export const passwordCharactersMax = 128
// RFC 5321 allows a path of 256 with its brackets.
const emailCharactersMax = 254
export const bioCharactersMax = 500
const placeCharactersMax = 80

const line = (charactersMax: number) =>
  z
    .string()
    .transform((text) => text.replace(/\s+/g, ' ').trim())
    .pipe(z.string().max(charactersMax, `May have ${charactersMax} characters at most.`))

export const displayName = line(nameCharactersMax).pipe(z.string().min(1, 'Please give a name.'))

/** In lower case, which is how it is looked up. */
export const emailAddress = z
  .string()
  .trim()
  .toLowerCase()
  .max(emailCharactersMax, 'Is too long for an e-mail address.')
  .pipe(z.email('Is no e-mail address: it should look like name@example.org.'))

/** Whatever one likes, long enough, and nothing that is tried first. Has to be parsed async. */
export const newPassword = z
  .string()
  .min(passwordCharactersMin, `Needs at least ${passwordCharactersMin} characters.`)
  .max(passwordCharactersMax, `May have ${passwordCharactersMax} characters at most.`)
  .refine(async (password) => !(await isCommonPassword(password)), {
    message: 'Is one of the most common passwords, which are tried first. Choose another.',
  })

/** One that is compared with what is there: it has no rules but a limit. */
export const givenPassword = z
  .string()
  .min(1, 'Please type your password.')
  .max(passwordCharactersMax, `May have ${passwordCharactersMax} characters at most.`)

export const joinForm = z.object({
  name: displayName,
  email: emailAddress,
  password: newPassword,
  next: z.string().optional(),
})
export const signInForm = z.object({
  email: emailAddress,
  password: givenPassword,
  next: z.string().optional(),
})
export const resetForm = z.object({ email: emailAddress })
export const newPasswordForm = z.object({ token: z.string().max(100), password: newPassword })
export const tokenForm = z.object({
  token: z.string().max(100),
  next: z.string().optional(),
})
export const passwordForm = z.object({ current: givenPassword, password: newPassword })
export const emailForm = z.object({ email: emailAddress, password: givenPassword })

export type Profile = z.output<typeof profileForm>
export const profileForm = z.object({
  name: displayName,
  bio: z.string().trim().max(bioCharactersMax, `May have ${bioCharactersMax} characters at most.`),
  city: line(placeCharactersMax),
  state: line(placeCharactersMax),
  country: line(placeCharactersMax),
})

/** A demo shows the mail that it cannot send: every link that was ever mailed is in it. */
export const showsOutbox = (config: { demo: boolean; smtpUrl: string | null }): boolean =>
  config.demo && config.smtpUrl === null

/** People on one page of those somebody follows or has blocked. */
export const tiesPageRows = 24

export const followsPerPerson = { times: 100, seconds: 3_600 }
/** The other is told each time. */
export const followsPerPair = { times: 5, seconds: 86_400 }

/** Where to go on after following or blocking somebody. */
export const nextForm = z.object({ next: z.string().optional() })

export const sessionForm = z.object({ session: z.string().max(100) })

export const recoveryCodesCount = 10

const code = z.string().trim().min(1, 'Please type the code.').max(40, 'Is longer than any code.')
export const codeForm = z.object({ code, next: z.string().optional() })
export const secondStepForm = z.object({
  secret: z.string().regex(/^[A-Z2-7]{32}$/, 'Is not the secret we gave.'),
  code,
  password: givenPassword,
})
export const turnOffForm = z.object({ password: givenPassword })

/** Wherever a password is asked for of somebody who is signed in. */
export const passwordTries = { times: 10, seconds: 900 }

export const accessTokensMax = 50
export const accessTokenNameCharactersMax = 60
export const accessTokenDays = ['30', '90', '365'] as const

const ticked = z.string().optional()
export const accessTokenForm = z
  .object({
    name: line(accessTokenNameCharactersMax).pipe(z.string().min(1, 'Please say what it is for.')),
    days: z.enum(accessTokenDays, 'Please choose one of these.').transform(Number),
    password: givenPassword,
    ...{ read: ticked, write: ticked, projects: ticked, messages: ticked, pledges: ticked },
  })
  .transform(({ name, days, password, ...given }) => ({
    ...{ name, days, password },
    scopes: scopes.filter((scope) => given[scope] !== undefined),
  }))
  .refine((token) => token.scopes.length > 0, {
    path: ['scopes'],
    message: 'Please choose at least one.',
  })
export const revokeForm = z.object({ token: idSchema })

/** `Firefox on Linux`: enough of what a browser says of itself to know one’s own again. */
export function browserName(userAgent: string): string {
  const first = (pairs: [RegExp, string][]) => pairs.find(([has]) => has.test(userAgent))?.[1]
  const browser = first([
    [/Edg\//, 'Edge'],
    [/OPR\//, 'Opera'],
    [/Firefox\//, 'Firefox'],
    [/Chrom(e|ium)\//, 'Chrome'],
    [/Safari\//, 'Safari'],
  ])
  const system = first([
    [/Android/, 'Android'],
    [/iPhone|iPad/, 'iOS'],
    [/Windows/, 'Windows'],
    [/Mac OS/, 'macOS'],
    [/Linux/, 'Linux'],
  ])
  return [browser ?? 'A browser', system].filter(Boolean).join(' on ')
}
