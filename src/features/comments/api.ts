import { z } from 'zod'
import { personSummary, toPersonSummary } from '#features/people/rules'
import { ofProject } from '#features/projects/parts/json'
import { requireProject } from '#features/projects/reads/projects'
import { findUpdate } from '#features/updates/reads'
import { endpoint, type MakeAbsolute } from '#http/api'
import { found } from '#http/input'
import {
  address,
  count,
  id,
  idDigitsMax,
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
import { listThreads } from './reads'
import { repliesPerThreadMax } from './rules'

const comment = z
  .object({
    id,
    url: address,
    author: personSummary,
    body: z.string().nullable().describe('Null when staff has taken it down.'),
    createdAt: time,
  })
  .meta({ id: 'Comment' })

const thread = z
  .object({
    ...comment.shape,
    isPinned: z.boolean().describe('Pinned ones come first, on the first page.'),
    repliesCount: count,
    replies: z.array(comment).describe(`The first ${repliesPerThreadMax}, oldest first.`),
  })
  .meta({ id: 'Thread' })

interface CommentRow {
  id: number
  authorId: number
  authorName: string
  authorImage: string | null
  body: string | null
  createdAt: Date | string
}

const toComment = (row: CommentRow, page: string, url: MakeAbsolute): z.input<typeof comment> => ({
  id: row.id,
  url: url(`${page}#comment-${row.id}`),
  author: toPersonSummary({ id: row.authorId, name: row.authorName, image: row.authorImage }, url),
  body: row.body,
  createdAt: toTime(new Date(row.createdAt)),
})

export const commentsApi = [
  endpoint({
    id: 'listComments',
    path: '/projects/{id}/comments',
    summary: 'Comments on a project or one of its updates, newest thread first',
    ...ofProject,
    query: z.strictObject({
      update: numberInput(integerDigitsMax)
        .optional()
        .describe('The number of an update: comments on it, instead of on the project.'),
      after: numberAfter(idDigitsMax),
    }),
    answer: pageOf(thread),
    handle: async ({ deps: { db }, params, query, reader, url }) => {
      const number = query.update
      const key = { projectId: params.id, ...(number ? { updateNumber: number } : {}) }
      const [project, around, { threads, next }] = await Promise.all([
        requireProject(db, params.id),
        number ? findUpdate(db, params.id, number, { reader }) : undefined,
        listThreads(db, key, { reader, before: query.after }),
      ])
      if (around) found(around.update, new AppError('update_not_found'))
      const page = number ? paths.update(project, number) : paths.projectTab(project, 'comments')
      const data = threads.map((row) => ({
        ...toComment(row, page, url),
        isPinned: row.isPinned,
        repliesCount: row.repliesCount,
        replies: row.replies.map((reply) => toComment(reply, page, url)),
      }))
      return { data, next: toCursor(next) }
    },
  }),
]
