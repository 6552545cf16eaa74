import { z } from 'zod'
import { personSummary, toPersonSummary } from '#features/people/rules'
import { noInput } from '#http/api'
import { address, id, idDigitsMax, numberAfter, pageOf, time, toCursor, toTime } from '#http/json'
import { ownEndpoint } from '#http/own-endpoint'
import { paths } from '#web/paths'
import { listActivities } from './reads/activities'
import { markSeen } from './writes/preferences'

const activity = z
  .object({
    id,
    kind: z.string().meta({ examples: ['comment_posted'] }),
    isNew: z.boolean().describe('Not seen yet.'),
    createdAt: time,
    actor: personSummary.nullable().describe('Who did it; null when the clock did.'),
    project: z.object({ id, title: z.string(), url: address }).nullable(),
    update: z.int().nullable().describe('The number of the update it is about.'),
    comment: id.nullable(),
    message: id.nullable(),
    reason: z.string(),
  })
  .meta({ id: 'Activity' })

export const activityApi = [
  ownEndpoint({
    id: 'listActivity',
    method: 'get',
    path: '/me/activity',
    summary: 'What has happened for you, the latest first',
    description: 'Reading marks nothing as seen.',
    scope: 'read',
    params: noInput,
    query: z.strictObject({ after: numberAfter(idDigitsMax) }),
    answer: pageOf(activity),
    sample: () => ({}),
    handle: async ({ deps, viewer, query, url }) => {
      const { page, next } = await listActivities(deps.db, viewer.id, query.after)
      const data = page.map(({ project, actor, ...row }) => ({
        ...{ id: row.id, kind: row.kind, isNew: row.isNew, createdAt: toTime(row.createdAt) },
        actor: actor && toPersonSummary(actor, url),
        project: project && {
          ...{ id: project.id, title: project.title, url: url(paths.project(project)) },
        },
        update: row.update?.number ?? row.comment?.updateNumber ?? null,
        comment: row.comment?.id ?? null,
        message: row.message?.id ?? null,
        reason: row.reason,
      }))
      return { data, next: toCursor(next) }
    },
  }),

  ownEndpoint({
    id: 'markActivitySeen',
    method: 'put',
    path: '/me/activity/seen',
    summary: 'Mark what has happened as seen, up to one event',
    scope: 'write',
    params: noInput,
    body: z.strictObject({ upTo: id.describe('The id of the latest one you have seen.') }),
    bodyExample: { upTo: 42 },
    sample: () => ({}),
    handle: ({ deps, viewer, body }) => markSeen(deps.db, viewer.id, body.upTo),
  }),
]
