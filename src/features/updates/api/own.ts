import { z } from 'zod'
import { audiences } from '#db/schema/making'
import { ofProject } from '#features/projects/parts/json'
import { requireProject } from '#features/projects/reads/projects'
import type { Samples } from '#http/api'
import { found } from '#http/input'
import {
  address,
  id,
  idDigitsMax,
  integerDigitsMax,
  numberInput,
  pageOf,
  time,
  toTime,
} from '#http/json'
import { ownEndpoint } from '#http/own-endpoint'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { type Draft, findDraft, findEdition, listDrafts } from '../reads'
import { draftForm, editForm, likesPerPerson, publishedPerPerson } from '../rules'
import { beginDraft, deleteDraft, publishDraft, requireWriter, saveDraft } from '../writes/drafts'
import { editUpdate, likeUpdate, unlikeUpdate } from '../writes/published'

const ofUpdate = {
  params: ofProject.params.extend({
    number: numberInput(integerDigitsMax).describe('The update’s number within its project.'),
  }),
  missing: { ...ofProject.missing, number: 'update_not_found' },
  sample: ({ project, update }: Samples) => ({ id: project, number: update }),
} as const

const ofDraft = {
  params: ofProject.params.extend({ draft: numberInput(idDigitsMax).describe('The draft’s id.') }),
  missing: { ...ofProject.missing, draft: 'update_not_found' },
  sample: ({ project }: Samples) => ({ id: project, draft: 1 }),
} as const

const version = z.int().min(1).describe('The one you have read; nobody’s changes are lost.')
const versioned = z.object({ id, version })

const draftSummary = z
  .object({ id, version, title: z.string(), audience: z.enum(audiences), updatedAt: time })
  .meta({ id: 'UpdateDraftSummary' })

const draft = z
  .object({ ...draftSummary.shape, body: z.string().describe('Markdown.') })
  .meta({ id: 'UpdateDraft' })

type DraftRow = Omit<Draft, 'body'>
const toSummary = ({ id, version, title, audience, updatedAt }: DraftRow) => ({
  ...{ id, version, title, audience, updatedAt: toTime(updatedAt) },
})

const { title, body, audience } = draftForm.shape
const draftBody = z.strictObject({ title, body, audience })
const bodyExample = { title: 'It glows', body: 'The first **prototype** works.' }

const drafts = [
  ownEndpoint({
    id: 'listUpdateDrafts',
    method: 'get',
    path: '/projects/{id}/update-drafts',
    summary: 'Updates of a project that are not published yet',
    scope: 'projects',
    ...ofProject,
    answer: pageOf(draftSummary),
    handle: async ({ deps: { db }, viewer, params }) => {
      await requireWriter(db, viewer, params.id)
      return { data: (await listDrafts(db, params.id)).map(toSummary), next: null }
    },
  }),

  ownEndpoint({
    id: 'getUpdateDraft',
    method: 'get',
    path: '/projects/{id}/update-drafts/{draft}',
    summary: 'One of them',
    scope: 'projects',
    ...ofDraft,
    answer: draft,
    handle: async ({ deps: { db }, viewer, params }) => {
      await requireWriter(db, viewer, params.id)
      const row = found(
        await findDraft(db, params.id, params.draft),
        new AppError('update_not_found'),
      )
      return { ...toSummary(row), body: row.body }
    },
  }),

  ownEndpoint({
    id: 'beginUpdate',
    method: 'post',
    path: '/projects/{id}/update-drafts',
    summary: 'Begin an update',
    scope: 'projects',
    ...ofProject,
    body: draftBody,
    bodyExample: { ...bodyExample, audience: 'everyone' },
    answer: versioned,
    creates: true,
    handle: async ({ deps: { db }, viewer, params, body }) => {
      const draftId = await beginDraft(db, viewer, params.id, body)
      const made = found(await findDraft(db, params.id, draftId), new AppError('update_not_found'))
      return { id: draftId, version: made.version }
    },
  }),

  ownEndpoint({
    id: 'changeUpdateDraft',
    method: 'put',
    path: '/projects/{id}/update-drafts/{draft}',
    summary: 'Change an update before it is published',
    scope: 'projects',
    ...ofDraft,
    body: draftBody.extend({ version }),
    bodyExample: { ...bodyExample, audience: 'backers', version: 1 },
    answer: versioned,
    handle: async ({ deps, viewer, params, body: { version, ...text } }) => {
      const key = { projectId: params.id, id: params.draft, version }
      return { id: params.draft, version: await saveDraft(deps.db, viewer, key, text) }
    },
  }),

  ownEndpoint({
    id: 'deleteUpdateDraft',
    method: 'delete',
    path: '/projects/{id}/update-drafts/{draft}',
    summary: 'Throw an update away before it is published',
    scope: 'projects',
    ...ofDraft,
    handle: ({ deps, viewer, params }) =>
      deleteDraft(deps.db, viewer, { projectId: params.id, id: params.draft }),
  }),

  ownEndpoint({
    id: 'publishUpdate',
    method: 'post',
    path: '/projects/{id}/update-drafts/{draft}/publish',
    summary: 'Publish an update',
    scope: 'projects',
    rate: ['publish', publishedPerPerson],
    ...ofDraft,
    body: z.strictObject({ version }),
    bodyExample: { version: 2 },
    answer: z.object({ number: z.int(), url: address }),
    creates: true,
    handle: async ({ deps: { db }, viewer, params, body, url }) => {
      const { project } = await requireWriter(db, viewer, params.id)
      const key = { projectId: params.id, id: params.draft, ...body }
      const number = await publishDraft(db, viewer, key)
      return { number, url: url(paths.update(project, number)) }
    },
  }),
]

const finished = z.strictObject({ title: editForm.shape.title, body: editForm.shape.body })

export const ownUpdatesApi = [
  ...drafts,
  ownEndpoint({
    id: 'changeUpdate',
    method: 'put',
    path: '/projects/{id}/updates/{number}',
    summary: 'Change an update within half an hour after it was published',
    scope: 'projects',
    ...ofUpdate,
    body: finished,
    bodyExample,
    handle: async ({ deps: { db }, viewer, params, body }) => {
      const key = { projectId: params.id, number: params.number }
      await requireWriter(db, viewer, key.projectId)
      const { edition } = found(await findEdition(db, key), new AppError('update_not_found'))
      await editUpdate(db, viewer, key, { ...body, edition })
    },
  }),

  ownEndpoint({
    id: 'likeUpdate',
    method: 'put',
    path: '/projects/{id}/updates/{number}/like',
    summary: 'Like an update',
    scope: 'write',
    rate: ['like', likesPerPerson],
    ...ofUpdate,
    handle: async ({ deps: { db }, viewer, params: { id, number } }) => {
      const project = await requireProject(db, id)
      await likeUpdate(db, viewer, { projectId: project.id, number })
    },
  }),

  ownEndpoint({
    id: 'unlikeUpdate',
    method: 'delete',
    path: '/projects/{id}/updates/{number}/like',
    summary: 'Like it no more',
    scope: 'write',
    rate: ['like', likesPerPerson],
    ...ofUpdate,
    handle: async ({ deps: { db }, viewer, params: { id, number } }) => {
      const project = await requireProject(db, id)
      await unlikeUpdate(db, viewer, { projectId: project.id, number })
    },
  }),
]
