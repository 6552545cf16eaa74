import { z } from 'zod'
import { audiences } from '#db/schema/making'
import { personSummary, toPersonSummary } from '#features/people/rules'
import { ofProject } from '#features/projects/parts/json'
import { type Project, requireProject } from '#features/projects/reads/projects'
import { endpoint, type MakeAbsolute, noInput, type Samples } from '#http/api'
import { found } from '#http/input'
import {
  address,
  count,
  integerDigitsMax,
  numberAfter,
  numberInput,
  pageOf,
  time,
  toCursor,
  toTime,
} from '#http/json'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { findUpdate, listUpdates, type Update } from './reads'

const update = z
  .object({
    number: z.int().positive().describe('Updates of a project are numbered from 1.'),
    url: address,
    title: z.string(),
    body: z
      .string()
      .nullable()
      .describe('Markdown. Null when it is for backers only, or staff has taken it down.'),
    audience: z.enum(audiences),
    author: personSummary,
    publishedAt: time,
    likesCount: count,
    commentsCount: count,
  })
  .meta({ id: 'Update' })

const toUpdate = (row: Update, project: Project, url: MakeAbsolute): z.input<typeof update> => ({
  number: row.number,
  url: url(paths.update(project, row.number)),
  title: row.title,
  body: row.body,
  audience: row.audience,
  author: toPersonSummary(
    { id: row.authorId ?? project.creatorId, name: row.authorName ?? project.creatorName },
    url,
  ),
  publishedAt: toTime(row.publishedAt),
  likesCount: row.likesCount,
  commentsCount: row.commentsCount,
})

export const updatesApi = [
  endpoint({
    id: 'listUpdates',
    path: '/projects/{id}/updates',
    summary: 'What a creator has posted, newest first',
    ...ofProject,
    query: z.strictObject({ after: numberAfter(integerDigitsMax) }),
    answer: pageOf(update),
    handle: async ({ deps, params, query, reader, url }) => {
      const [project, page] = await Promise.all([
        requireProject(deps.db, params.id),
        listUpdates(deps.db, params.id, { reader, before: query.after }),
      ])
      const data = page.updates.map((row) => toUpdate(row, project, url))
      return { data, next: toCursor(page.next) }
    },
  }),

  endpoint({
    id: 'getUpdate',
    path: '/projects/{id}/updates/{number}',
    summary: 'One update',
    params: ofProject.params.extend({
      number: numberInput(integerDigitsMax).describe('The update’s number within its project.'),
    }),
    missing: { ...ofProject.missing, number: 'update_not_found' },
    query: noInput,
    answer: update,
    sample: (samples: Samples) => ({ id: samples.project, number: samples.update }),
    handle: async ({ deps, params, reader, url }) => {
      const [project, { update }] = await Promise.all([
        requireProject(deps.db, params.id),
        findUpdate(deps.db, params.id, params.number, { reader }),
      ])
      return toUpdate(found(update, new AppError('update_not_found')), project, url)
    },
  }),
]
