import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { AppEnv } from '#http/env'
import { readForm } from '#http/forms'
import { found, parseProjectId, validQuery } from '#http/input'
import { limit } from '#http/rate-limit'
import { renderPage } from '#http/render'
import { requireUnrestricted, requireViewer } from '#http/session'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { InvitationPage, PeoplePage, PersonPage } from '../pages/people-pages'
import { findInvitation, listCollaborators } from '../reads/people'
import { collaboratorForm, invitationsPerPerson, inviteForm, whoForm } from '../rules/people'
import {
  acceptInvitation,
  changeCollaborator,
  invite,
  leaveProject,
  removeCollaborator,
  withdrawInvitation,
} from '../writes/people'
import { openDraft } from './open'

export const editPeople = new Hono<AppEnv>()

const root = '/projects/:project/edit/people'
const personPath = `${root}/:person{[1-9][0-9]{0,14}}`

const doneSentences: Record<string, string> = {
  // The same whether there is somebody or not.
  invited:
    'If this is somebody with an account here, they are asked now. Once they agree they stand here.',
  withdrawn: 'If there was an invitation without an answer, it is taken back.',
  saved: 'Saved.',
  removed: 'They no longer help with this project.',
}

editPeople.get(root, validQuery(z.object({ done: z.string().optional() })), (c) =>
  peoplePage(c, { done: doneSentences[c.req.valid('query').done ?? ''] }),
)

editPeople.post(root, async (c) => {
  const { draft } = await openDraft(c, 'creator')
  const viewer = requireUnrestricted(c, 'message')
  const { values, data, errors } = await readForm(c, inviteForm)
  if (errors) return peoplePage(c, { invitation: { values, errors } }, 422)
  await limit(c, 'invitation', String(viewer.id), invitationsPerPerson)
  const { who, ...part } = data
  await invite(c.var.deps.db, viewer, { projectId: draft.id, who, part })
  return c.redirect(doneAt(draft, 'invited'), 303)
})

editPeople.post('/projects/:project/edit/withdraw-invitation', async (c) => {
  const { viewer, draft } = await openDraft(c, 'creator')
  const { values, data, errors } = await readForm(c, whoForm)
  if (errors) return peoplePage(c, { withdrawal: { values, errors } }, 422)
  await withdrawInvitation(c.var.deps.db, viewer, { projectId: draft.id, ...data })
  return c.redirect(doneAt(draft, 'withdrawn'), 303)
})

editPeople.get(personPath, async (c) => {
  const { draft, person } = await openPerson(c)
  return renderPage(c, <PersonPage draft={draft} person={person} />)
})

editPeople.post(personPath, async (c) => {
  const { viewer, draft, person } = await openPerson(c)
  const { values, data, errors } = await readForm(c, collaboratorForm)
  if (errors) {
    const filled = { values, errors }
    return renderPage(c, <PersonPage draft={draft} person={person} filled={filled} />, 422)
  }
  const helper = { projectId: draft.id, personId: person.id }
  await changeCollaborator(c.var.deps.db, viewer, helper, data)
  return c.redirect(doneAt(draft, 'saved'), 303)
})

editPeople.post(`${personPath}/remove`, async (c) => {
  const { viewer, draft } = await openDraft(c, 'creator')
  const personId = Number(c.req.param('person'))
  await removeCollaborator(c.var.deps.db, viewer, { projectId: draft.id, personId })
  return c.redirect(doneAt(draft, 'removed'), 303)
})

editPeople.get('/projects/:project/invitation', async (c) => {
  const { id } = requireViewer(c)
  const projectId = parseProjectId(c.req.param('project'))
  const invitation = await findInvitation(c.var.deps.db, id, projectId)
  const own = found(invitation, new AppError('project_not_found'))
  return renderPage(c, <InvitationPage invitation={own} />)
})

editPeople.post('/projects/:project/invitation/accept', async (c) => {
  const viewer = requireViewer(c)
  const projectId = parseProjectId(c.req.param('project'))
  await acceptInvitation(c.var.deps.db, viewer, { projectId })
  return c.redirect(paths.making(), 303)
})

editPeople.post('/projects/:project/invitation/leave', async (c) => {
  const viewer = requireViewer(c)
  const projectId = parseProjectId(c.req.param('project'))
  await leaveProject(c.var.deps.db, viewer, { projectId })
  return c.redirect(paths.making(), 303)
})

const doneAt = (project: { id: number }, done: string) =>
  `${paths.edit(project, 'people')}?done=${done}`

/** Somebody who helps, for the creator. */
async function openPerson(c: Context<AppEnv>) {
  const projectId = parseProjectId(c.req.param('project') ?? '')
  const [opened, collaborators] = await Promise.all([
    openDraft(c, 'creator'),
    listCollaborators(c.var.deps.db, projectId),
  ])
  const personId = Number(c.req.param('person'))
  const person = collaborators.find(({ id }) => id === personId)
  return { ...opened, person: found(person, new AppError('person_not_found')) }
}

async function peoplePage(
  c: Context<AppEnv>,
  given: Omit<Parameters<typeof PeoplePage>[0], 'draft' | 'collaborators'>,
  status: 200 | 422 = 200,
): Promise<Response> {
  const projectId = parseProjectId(c.req.param('project') ?? '')
  const [{ draft }, collaborators] = await Promise.all([
    openDraft(c, 'creator'),
    listCollaborators(c.var.deps.db, projectId),
  ])
  return renderPage(c, <PeoplePage {...{ draft, collaborators }} {...given} />, status)
}
