import { z } from 'zod'
import { endpoint, noInput } from '#http/api'
import { found } from '#http/input'
import { count, time, toTime } from '#http/json'
import { AppError } from '#lib/errors'
import { findPerson } from './reads/profiles'
import { ofPerson, personSummary, toPersonSummary } from './rules'

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

export const peopleApi = [
  endpoint({
    id: 'getPerson',
    path: '/people/{id}',
    summary: 'A person’s public profile',
    ...ofPerson,
    query: noInput,
    answer: person,
    handle: async ({ deps, params, url }) => {
      const row = found(await findPerson(deps.db, params.id), new AppError('person_not_found'))
      return { ...row, ...toPersonSummary(row, url), joinedAt: toTime(row.joinedAt) }
    },
  }),
]
