import { z } from 'zod'
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
    body: z.string().describe('Markdown.'),
    publishedAt: time,
    likesCount: count,
    commentsCount: count,
  })
  .meta({ id: 'Update' })

const toUpdate = (row: Update, project: Project, url: MakeAbsolute): z.input<typeof update> => ({
  ...row,
  url: url(paths.update(project, row.number)),
  publishedAt: toTime(row.publishedAt),
})

export const updatesApi = [
  endpoint({
    id: 'listUpdates',
    path: '/projects/{id}/updates',
    summary: 'What a creator has posted, newest first',
    ...ofProject,
    query: z.strictObject({ after: numberAfter(integerDigitsMax) }),
    answer: pageOf(update),
    handle: async ({ deps, params, query, url }) => {
      const [project, page] = await Promise.all([
        requireProject(deps.db, params.id),
        listUpdates(deps.db, params.id, query.after),
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
    handle: async ({ deps, params, url }) => {
      const [project, { update }] = await Promise.all([
        requireProject(deps.db, params.id),
        findUpdate(deps.db, params.id, params.number),
      ])
      return toUpdate(found(update, new AppError('update_not_found')), project, url)
    },
  }),
]
