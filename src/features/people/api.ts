import { z } from 'zod'
import type { Db } from '#db/client'
import { roles } from '#db/schema/accounts'
import { restrictionKinds } from '#db/schema/trust'
import type { Viewer } from '#db/sessions'
import { endpoint, type MakeAbsolute, noInput } from '#http/api'
import { found } from '#http/input'
import { count, definedOf, time, toTime } from '#http/json'
import { ownEndpoint } from '#http/own-endpoint'
import { AppError } from '#lib/errors'
import { findOwnAccount } from './reads/accounts'
import { findPerson } from './reads/profiles'
import { ofPerson, personSummary, profileForm, toPersonSummary } from './rules'
import { changeProfile } from './writes/profile'

const person = z
  .object({
    ...personSummary.shape,
    bio: z.string(),
    city: z.string(),
    state: z.string(),
    country: z.string(),
    joinedAt: time,
    projectsCount: count.describe('Projects created.'),
    pledgesCount: count.describe('Projects backed.'),
  })
  .meta({ id: 'Person' })

const me = z
  .object({
    ...personSummary.shape,
    email: z.string(),
    role: z.enum(roles),
    bio: z.string(),
    city: z.string(),
    state: z.string(),
    country: z.string(),
    unseenActivity: count.describe('Events on the activity page, up to a hundred.'),
    restrictions: z.array(z.enum(restrictionKinds)).describe('What you may not do for now.'),
  })
  .meta({ id: 'Me' })

const profileBody = z.strictObject(profileForm.shape).partial()

async function toMe(db: Db, viewer: Viewer, url: MakeAbsolute): Promise<z.input<typeof me>> {
  const account = found(await findOwnAccount(db, viewer.id), new AppError('invalid_token'))
  const { name, email, bio, city, state, country } = account
  const { role, restrictions, unseen } = viewer
  const summary = toPersonSummary({ id: viewer.id, name }, url)
  const profile = { email, bio, city, state, country }
  return { ...summary, ...profile, role, restrictions, unseenActivity: unseen }
}

export const peopleApi = [
  ownEndpoint({
    id: 'getMe',
    method: 'get',
    path: '/me',
    summary: 'Who you are',
    scope: 'read',
    params: noInput,
    answer: me,
    sample: () => ({}),
    handle: ({ deps, viewer, url }) => toMe(deps.db, viewer, url),
  }),

  ownEndpoint({
    id: 'changeMe',
    method: 'patch',
    path: '/me',
    summary: 'Change what others see of you',
    description: 'What is left out stays as it is.',
    scope: 'write',
    params: noInput,
    body: profileBody,
    bodyExample: { bio: 'I make lamps.' },
    answer: me,
    sample: () => ({}),
    handle: async ({ deps: { db }, viewer, body, url }) => {
      const account = found(await findOwnAccount(db, viewer.id), new AppError('invalid_token'))
      const { name, bio, city, state, country } = account
      await changeProfile(db, viewer.id, { name, bio, city, state, country, ...definedOf(body) })
      return toMe(db, viewer, url)
    },
  }),

  endpoint({
    id: 'getPerson',
    path: '/people/{id}',
    summary: 'A person’s public profile',
    ...ofPerson,
    query: noInput,
    answer: person,
    handle: async ({ deps, params, url }) => {
      const row = found(await findPerson(deps.db, params.id), new AppError('person_not_found'))
      const { image, joinedAt, ...shown } = row
      return { ...shown, ...toPersonSummary({ ...row, image }, url), joinedAt: toTime(joinedAt) }
    },
  }),
]
