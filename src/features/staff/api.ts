import { z } from 'zod'
import { reportedKinds } from '#db/schema/trust'
import { noInput } from '#http/api'
import { readAsForm } from '#http/api-input'
import { found } from '#http/input'
import { id } from '#http/json'
import { ownEndpoint } from '#http/own-endpoint'
import { AppError } from '#lib/errors'
import { reasonsFor, reportForm, reportReasons, reportsPerPerson, toThingKey } from './rules'
import { fileReport } from './writes/reports'

const reasonNames = Object.keys(reportReasons) as (keyof typeof reportReasons)[]

const reportBody = z.strictObject({
  kind: z.enum(reportedKinds),
  project: id.optional().describe('The project it stands in; left out for a person.'),
  subject: id
    .optional()
    .describe('The number of the update, comment, message or person; left out for a project.'),
  member: id.optional().describe('Whose conversation, for a message.'),
  reason: z
    .enum(reasonNames)
    .describe(`Not each fits everything: a message takes ${reasonsFor.message.join(', ')}.`),
  details: z.string().optional().describe('Has to be there for `other`.'),
})

/** What anybody may do; the rest of what staff does is done by people. */
export const reportsApi = [
  ownEndpoint({
    id: 'fileReport',
    method: 'post',
    path: '/reports',
    summary: 'Report something that should not be here',
    scope: 'write',
    restriction: 'report',
    rate: ['report', reportsPerPerson],
    params: noInput,
    body: reportBody,
    bodyExample: { kind: 'project', project: 1, reason: 'spam' },
    answer: z.object({ id }),
    creates: true,
    sample: () => ({}),
    handle: async ({ deps, viewer, body: { reason, details, ...thing } }) => {
      const key = found(
        toThingKey(thing),
        new AppError('invalid_body', { detail: 'This does not say what it is about.' }),
      )
      const report = await readAsForm(reportForm(key.kind), { reason, details })
      return { id: await fileReport(deps.db, viewer, key, report) }
    },
  }),
]
