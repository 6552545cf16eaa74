import { type Context, Hono } from 'hono'
import type { AppEnv } from '#http/env'
import { readForm } from '#http/forms'
import { limit } from '#http/rate-limit'
import { renderPage } from '#http/render'
import { requireUnrestricted, requireViewer } from '#http/session'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { MakingPage } from '../pages/making-page'
import { NewProjectPage } from '../pages/new-page'
import type { Filled } from '../parts/form'
import { listCategoryChoices } from '../reads/drafts'
import { listMaking } from '../reads/making'
import { listInvitations } from '../reads/people'
import { newPerPerson } from '../rules'
import { newProjectForm } from '../rules/forms'
import { createProject } from '../writes/drafts'

/** Before the routes of projects: `new` is no project's number. */
export const making = new Hono<AppEnv>()

making.get('/making', async (c) => {
  const { id } = requireViewer(c)
  const { db } = c.var.deps
  const [made, invitations] = await Promise.all([listMaking(db, id), listInvitations(db, id)])
  const done = c.req.query('done') === 'deleted' ? 'The draft is deleted.' : undefined
  return renderPage(c, <MakingPage made={made} invitations={invitations} done={done} />)
})

making.get('/start', (c) => {
  requireUnrestricted(c, 'submit')
  return newPage(c)
})

making.post('/start', async (c) => {
  const viewer = requireUnrestricted(c, 'submit')
  const { values, data, errors } = await readForm(c, newProjectForm)
  if (errors) return newPage(c, { values, errors })
  await limit(c, 'new project', String(viewer.id), newPerPerson)
  try {
    const id = await createProject(c.var.deps.db, viewer, data)
    return c.redirect(paths.edit({ id }), 303)
  } catch (error) {
    if (!(error instanceof AppError) || !error.detail) throw error
    if (error.field) return newPage(c, { values, errors: { [error.field]: error.detail } })
    return newPage(c, { values }, error)
  }
})

async function newPage(c: Context<AppEnv>, filled?: Filled, refusal?: AppError): Promise<Response> {
  const choices = await listCategoryChoices(c.var.deps.db)
  const status = refusal?.status ?? (filled ? 422 : 200)
  return renderPage(
    c,
    <NewProjectPage choices={choices} filled={filled} problem={refusal?.detail} />,
    status,
  )
}
