import { z } from 'zod'
import { ofProject } from '#features/projects/parts/json'
import { requireAccess } from '#features/projects/reads/access'
import { readAsForm } from '#http/api-input'
import { time } from '#http/json'
import { ownEndpoint } from '#http/own-endpoint'
import { actsPerPerson } from '../rules'
import { cancelForm } from '../rules/forms'
import {
  cancelProject,
  deleteDraft,
  launchProject,
  scheduleLaunch,
  submitProject,
  withdrawProject,
} from '../writes/lifecycle'

const act = { scope: 'projects', rate: ['act', actsPerPerson], ...ofProject } as const

/** What is done to a project as a whole, by its creator alone. */
export const actsApi = [
  ownEndpoint({
    id: 'submitProject',
    method: 'post',
    path: '/projects/{id}/submit',
    summary: 'Hand a draft to our staff',
    ...act,
    restriction: 'submit',
    body: z.strictObject({
      withoutRewards: z.boolean().default(false).describe('That it is meant to offer none.'),
    }),
    bodyExample: { withoutRewards: true },
    handle: ({ deps: { db, now }, viewer, params, body }) =>
      submitProject(db, viewer, { projectId: params.id, ...body, now: now() }),
  }),

  ownEndpoint({
    id: 'withdrawProject',
    method: 'post',
    path: '/projects/{id}/withdraw',
    summary: 'Take a project out of the review, to change it',
    ...act,
    handle: ({ deps, viewer, params }) =>
      withdrawProject(deps.db, viewer, { projectId: params.id }),
  }),

  ownEndpoint({
    id: 'launchProject',
    method: 'post',
    path: '/projects/{id}/launch',
    summary: 'Launch an approved project now',
    ...act,
    restriction: 'submit',
    handle: ({ deps, viewer, params }) => launchProject(deps.db, viewer, { projectId: params.id }),
  }),

  ownEndpoint({
    id: 'scheduleLaunch',
    method: 'put',
    path: '/projects/{id}/launch',
    summary: 'Set when an approved project launches by itself',
    ...act,
    restriction: 'submit',
    body: z.strictObject({ at: time.nullable().describe('Null: not by itself.') }),
    bodyExample: { at: '2027-03-31T18:00:00.000Z' },
    handle: ({ deps, viewer, params, body: { at } }) =>
      scheduleLaunch(deps.db, viewer, { projectId: params.id, at: at ? new Date(at) : null }),
  }),

  ownEndpoint({
    id: 'cancelProject',
    method: 'post',
    path: '/projects/{id}/cancel',
    summary: 'End a live project before its time, for good',
    ...act,
    body: z.strictObject({ reason: z.string().describe('What your backers are told.') }),
    bodyExample: { reason: 'The factory has burned down.' },
    handle: async ({ deps: { db }, viewer, params, body }) => {
      await requireAccess(db, viewer, params.id, 'creator')
      const { reason } = await readAsForm(cancelForm, { ...body, sure: 'yes' })
      await cancelProject(db, viewer, { projectId: params.id, reason })
    },
  }),

  ownEndpoint({
    id: 'deleteDraft',
    method: 'delete',
    path: '/projects/{id}/draft',
    summary: 'Throw a draft away, with all that is in it',
    ...act,
    handle: ({ deps, viewer, params }) => deleteDraft(deps.db, viewer, { projectId: params.id }),
  }),
]
