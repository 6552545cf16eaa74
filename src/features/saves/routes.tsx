import { Hono } from 'hono'
import { z } from 'zod'
import { requireProject } from '#features/projects/reads/projects'
import type { AppEnv } from '#http/env'
import { numberAfter, parseProjectId, validQuery } from '#http/input'
import { renderPage } from '#http/render'
import { requireViewer } from '#http/session'
import { paths } from '#web/paths'
import { SavedPage } from './pages'
import { listSaved } from './reads'
import { save, unsave } from './writes'

export const saves = new Hono<AppEnv>()

const query = validQuery(z.object({ after: numberAfter }))

saves.get('/saved', query, async (c) => {
  const { id } = requireViewer(c)
  const { after } = c.req.valid('query')
  const { page, next } = await listSaved(c.var.deps.db, id, after)
  return renderPage(c, <SavedPage projects={page} next={next} isFirstPage={!after} />)
})

saves.post('/projects/:project/save', async (c) => {
  const viewer = requireViewer(c)
  const { db } = c.var.deps
  const project = await requireProject(db, parseProjectId(c.req.param('project')))
  await save(db, { personId: viewer.id, projectId: project.id })
  return c.redirect(paths.project(project), 303)
})

saves.post('/projects/:project/unsave', async (c) => {
  const viewer = requireViewer(c)
  const { db } = c.var.deps
  const project = await requireProject(db, parseProjectId(c.req.param('project')))
  await unsave(db, { personId: viewer.id, projectId: project.id })
  return c.redirect(paths.project(project), 303)
})
