import { z } from 'zod'
import { permissions } from '#db/schema/making'
import { ofProject } from '#features/projects/parts/json'
import { requireAccess } from '#features/projects/reads/access'
import { noInput, type Samples } from '#http/api'
import { readAsForm } from '#http/api-input'
import { address, id, idDigitsMax, numberInput, pageOf } from '#http/json'
import { ownEndpoint } from '#http/own-endpoint'
import { paths } from '#web/paths'
import { listCollaborators, listInvitations } from '../reads/people'
import { collaboratorForm, invitationsPerPerson, inviteForm, whoForm } from '../rules/people'
import {
  acceptInvitation,
  changeCollaborator,
  invite,
  leaveProject,
  removeCollaborator,
  withdrawInvitation,
} from '../writes/people'

const may = z.array(z.enum(permissions))

const collaborator = z
  .object({
    ...{ id, url: address, name: z.string(), permissions: may },
    title: z.string().describe('What they are called beside the project.'),
  })
  .meta({ id: 'Collaborator' })

const invitation = z
  .object({
    project: z.object({ id, title: z.string(), creator: z.string() }),
    ...{ url: address, title: z.string(), permissions: may },
  })
  .meta({ id: 'Invitation' })

const part = z.strictObject({ title: z.string().default(''), permissions: may })
const who = z.string().describe('An e-mail address, or somebody’s number here.')
const example = { title: 'Illustrator', permissions: ['edit' as const] }

/** As the boxes of the form are ticked. */
const toValues = ({ permissions, title }: z.output<typeof part>) => ({
  ...{ title },
  ...Object.fromEntries(permissions.map((permission) => [permission, 'yes'])),
})

const ofCollaborator = {
  params: ofProject.params.extend({ person: numberInput(idDigitsMax).describe('Their number.') }),
  missing: { ...ofProject.missing, person: 'person_not_found' },
  sample: ({ project, person }: Samples) => ({ id: project, person }),
} as const

/** What the creator alone does. */
const collaborators = [
  ownEndpoint({
    id: 'listCollaborators',
    method: 'get',
    path: '/projects/{id}/collaborators',
    summary: 'Who helps with a project, and with what',
    scope: 'projects',
    ...ofProject,
    answer: pageOf(collaborator),
    handle: async ({ deps: { db }, viewer, params, url }) => {
      await requireAccess(db, viewer, params.id, 'creator')
      const rows = await listCollaborators(db, params.id)
      const data = rows.map(({ id, name, title, permissions }) => ({
        ...{ id, name, title, permissions, url: url(paths.person({ id })) },
      }))
      return { data, next: null }
    },
  }),

  ownEndpoint({
    id: 'changeCollaborator',
    method: 'put',
    path: '/projects/{id}/collaborators/{person}',
    summary: 'Change what somebody who helps is called and may do',
    scope: 'projects',
    ...ofCollaborator,
    body: part,
    bodyExample: example,
    handle: async ({ deps: { db }, viewer, params, body }) => {
      await requireAccess(db, viewer, params.id, 'creator')
      const data = await readAsForm(collaboratorForm, toValues(body))
      await changeCollaborator(db, viewer, { projectId: params.id, personId: params.person }, data)
    },
  }),

  ownEndpoint({
    id: 'removeCollaborator',
    method: 'delete',
    path: '/projects/{id}/collaborators/{person}',
    summary: 'Send somebody away who helps',
    scope: 'projects',
    ...ofCollaborator,
    handle: ({ deps, viewer, params: { id, person } }) =>
      removeCollaborator(deps.db, viewer, { projectId: id, personId: person }),
  }),

  ownEndpoint({
    id: 'inviteCollaborator',
    method: 'post',
    path: '/projects/{id}/invitations',
    summary: 'Ask somebody to help',
    description: 'The answer is the same whether there is such a person or not.',
    scope: 'projects',
    restriction: 'message',
    ...ofProject,
    body: part.extend({ who }),
    bodyExample: { who: 'ana@example.com', ...example },
    handle: async ({ deps: { db }, viewer, params, body, count }) => {
      await requireAccess(db, viewer, params.id, 'creator')
      const data = await readAsForm(inviteForm, { who: body.who, ...toValues(body) })
      await count('invitation', String(viewer.id), invitationsPerPerson)
      const { who, ...part } = data
      await invite(db, viewer, { projectId: params.id, who, part })
    },
  }),

  ownEndpoint({
    id: 'withdrawInvitation',
    method: 'delete',
    path: '/projects/{id}/invitations',
    summary: 'Take an invitation back that nobody has answered',
    scope: 'projects',
    ...ofProject,
    query: z.strictObject({ who }),
    handle: async ({ deps: { db }, viewer, params, query }) => {
      await requireAccess(db, viewer, params.id, 'creator')
      const { who } = await readAsForm(whoForm, query)
      await withdrawInvitation(db, viewer, { projectId: params.id, who })
    },
  }),
]

export const collaboratorsApi = [
  ...collaborators,
  ownEndpoint({
    id: 'listInvitations',
    method: 'get',
    path: '/me/invitations',
    summary: 'Projects you are asked to help with',
    scope: 'projects',
    params: noInput,
    answer: pageOf(invitation),
    sample: () => ({}),
    handle: async ({ deps, viewer, url }) => {
      const rows = await listInvitations(deps.db, viewer.id)
      const data = rows.map(({ id, projectTitle, creatorName, title, permissions }) => ({
        project: { id, title: projectTitle, creator: creatorName },
        ...{ title, permissions, url: url(paths.invitation({ id })) },
      }))
      return { data, next: null }
    },
  }),

  ownEndpoint({
    id: 'acceptInvitation',
    method: 'put',
    path: '/projects/{id}/invitation',
    summary: 'Agree to help',
    scope: 'projects',
    ...ofProject,
    handle: ({ deps, viewer, params }) =>
      acceptInvitation(deps.db, viewer, { projectId: params.id }),
  }),

  ownEndpoint({
    id: 'leaveProject',
    method: 'delete',
    path: '/projects/{id}/invitation',
    summary: 'Say no to an invitation, or help no longer',
    scope: 'projects',
    ...ofProject,
    handle: ({ deps, viewer, params }) => leaveProject(deps.db, viewer, { projectId: params.id }),
  }),
]
