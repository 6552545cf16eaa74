import { z } from 'zod'
import { ofProject } from '#features/projects/parts/json'
import { requireProject } from '#features/projects/reads/projects'
import type { Samples } from '#http/api'
import { address, id, idDigitsMax, integerDigitsMax, numberInput } from '#http/json'
import { ownEndpoint } from '#http/own-endpoint'
import { paths } from '#web/paths'
import { commentForm, postsPerPerson } from '../rules'
import { deleteComment, pinComment, postComment, unpinComment } from '../writes'

const ofComment = {
  params: ofProject.params.extend({
    comment: numberInput(idDigitsMax).describe('The comment’s id.'),
  }),
  missing: { ...ofProject.missing, comment: 'comment_not_found' },
  sample: ({ project }: Samples) => ({ id: project, comment: 1 }),
} as const

const newComment = z.strictObject({
  body: commentForm.shape.body,
  update: z
    .int()
    .min(1)
    .max(10 ** integerDigitsMax - 1)
    .optional()
    .describe('The number of an update, to comment on that.'),
  parent: id.optional().describe('The comment it answers.'),
})

export const ownCommentsApi = [
  ownEndpoint({
    id: 'postComment',
    method: 'post',
    path: '/projects/{id}/comments',
    summary: 'Comment on a project or one of its updates, or answer a comment',
    description: 'The same twice in a row stands there once.',
    scope: 'write',
    restriction: 'comment',
    rate: ['comment', postsPerPerson],
    ...ofProject,
    body: newComment,
    bodyExample: { body: 'How bright is it?' },
    answer: z.object({ id, url: address }),
    creates: true,
    handle: async ({ deps: { db }, viewer, params, body, url }) => {
      const project = await requireProject(db, params.id)
      const { update: updateNumber, parent } = body
      const said = { body: body.body, parent, updateNumber }
      const id = await postComment(db, viewer, project, said)
      const page = updateNumber
        ? paths.update(project, updateNumber)
        : paths.projectTab(project, 'comments')
      return { id, url: url(`${page}#comment-${id}`) }
    },
  }),

  ownEndpoint({
    id: 'deleteComment',
    method: 'delete',
    path: '/projects/{id}/comments/{comment}',
    summary: 'Take a comment of yours back',
    scope: 'write',
    ...ofComment,
    handle: async ({ deps: { db }, viewer, params }) => {
      const project = await requireProject(db, params.id)
      await deleteComment(db, viewer, { projectId: project.id, id: params.comment })
    },
  }),

  ownEndpoint({
    id: 'pinComment',
    method: 'put',
    path: '/projects/{id}/comments/{comment}/pin',
    summary: 'Show a comment on a project of yours before all others',
    scope: 'projects',
    ...ofComment,
    handle: ({ deps, viewer, params }) =>
      pinComment(deps.db, viewer, { projectId: params.id, id: params.comment }),
  }),

  ownEndpoint({
    id: 'unpinComment',
    method: 'delete',
    path: '/projects/{id}/comments/{comment}/pin',
    summary: 'Show it where it belongs again',
    scope: 'projects',
    ...ofComment,
    handle: ({ deps, viewer, params }) =>
      unpinComment(deps.db, viewer, { projectId: params.id, id: params.comment }),
  }),
]
