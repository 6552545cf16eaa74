import { z } from 'zod'
import { personSummary, toPersonSummary } from '#features/people/rules'
import { ofProject } from '#features/projects/parts/json'
import { requireProject } from '#features/projects/reads/projects'
import { endpoint, noInput } from '#http/api'
import { address, count, idDigitsMax, numberAfter, pageOf, toCursor } from '#http/json'
import { paths } from '#web/paths'
import { countedPledgesMax, findCommunity, listBackers } from './reads'

const community = z
  .object({
    url: address,
    total: count.describe('Backers, also those who stay anonymous.'),
    counted: count.describe(
      'Of these, the latest, whom all further numbers are about: everybody, unless a project has ' +
        `more than ${countedPledgesMax} pledges.`,
    ),
    new: count.describe('Who backed their first project with this one.'),
    unnamed: count.describe('Those who do not show their name.'),
    returning: count,
    cities: z
      .array(z.object({ city: z.string(), country: z.string(), backers: count }))
      .describe('The ten with the most backers.'),
    countries: z
      .array(z.object({ country: z.string(), backers: count }))
      .describe('The ten with the most backers.'),
  })
  .meta({ id: 'Community' })

const backer = z
  .object({
    ...personSummary.shape,
    city: z.string(),
    pledgesCount: count.describe('Projects this person has backed.'),
  })
  .meta({ id: 'Backer' })

export const communityApi = [
  endpoint({
    id: 'getCommunity',
    path: '/projects/{id}/community',
    summary: 'Who is behind a project, in numbers',
    ...ofProject,
    query: noInput,
    answer: community,
    handle: async ({ deps, params, url }) => {
      const [project, numbers] = await Promise.all([
        requireProject(deps.db, params.id),
        findCommunity(deps.db, params.id),
      ])
      return {
        ...numbers,
        url: url(paths.projectTab(project, 'community')),
        total: project.backersCount,
        new: numbers.counted - numbers.returning,
      }
    },
  }),

  endpoint({
    id: 'listBackers',
    path: '/projects/{id}/backers',
    summary: 'Backers who show their name, first come first',
    ...ofProject,
    query: z.strictObject({ after: numberAfter(idDigitsMax) }),
    answer: pageOf(backer),
    handle: async ({ deps, params, query, url }) => {
      const [, { backers, next }] = await Promise.all([
        requireProject(deps.db, params.id),
        listBackers(deps.db, params.id, query.after),
      ])
      const data = backers.map((row) => ({
        ...toPersonSummary(row, url),
        city: row.city,
        pledgesCount: row.pledgesCount,
      }))
      return { data, next: toCursor(next) }
    },
  }),
]
