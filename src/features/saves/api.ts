import { z } from 'zod'
import { ofProject, projectSummary, toProjectSummary } from '#features/projects/parts/json'
import { requireProject } from '#features/projects/reads/projects'
import { noInput } from '#http/api'
import { idDigitsMax, numberAfter, pageOf, toCursor } from '#http/json'
import { ownEndpoint } from '#http/own-endpoint'
import { listSaved } from './reads'
import { save, unsave } from './writes'

export const savesApi = [
  ownEndpoint({
    id: 'listSaved',
    method: 'get',
    path: '/me/saved',
    summary: 'Projects you have saved, the newest first',
    scope: 'read',
    params: noInput,
    query: z.strictObject({ after: numberAfter(idDigitsMax) }),
    answer: pageOf(projectSummary),
    sample: () => ({}),
    handle: async ({ deps, viewer, query, url }) => {
      const { page, next } = await listSaved(deps.db, viewer.id, query.after)
      return { data: page.map((row) => toProjectSummary(row, url)), next: toCursor(next) }
    },
  }),

  ownEndpoint({
    id: 'saveProject',
    method: 'put',
    path: '/projects/{id}/save',
    summary: 'Save a project, to be reminded before it ends',
    scope: 'write',
    ...ofProject,
    handle: async ({ deps: { db }, viewer, params }) => {
      const project = await requireProject(db, params.id)
      await save(db, { personId: viewer.id, projectId: project.id })
    },
  }),

  ownEndpoint({
    id: 'unsaveProject',
    method: 'delete',
    path: '/projects/{id}/save',
    summary: 'Forget a saved project',
    scope: 'write',
    ...ofProject,
    handle: async ({ deps: { db }, viewer, params }) => {
      const project = await requireProject(db, params.id)
      await unsave(db, { personId: viewer.id, projectId: project.id })
    },
  }),
]
