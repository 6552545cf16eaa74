import { Hono } from 'hono'
import { z } from 'zod'
import { requireProject } from '#features/projects/reads'
import { findUpdate } from '#features/updates/reads'
import { elsewhere } from '#http/canonical'
import type { AppEnv } from '#http/env'
import { found, numberAfter, parseProjectId, validQuery } from '#http/input'
import { keepBriefly } from '#http/keep'
import { renderPage } from '#http/render'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { CommentsPage, UpdatePage } from './pages'
import { listThreads } from './reads'

export const comments = new Hono<AppEnv>()

const query = validQuery(z.object({ after: numberAfter }))

comments.get('/projects/:project/comments', query, async (c) => {
  const { db } = c.var.deps
  const id = parseProjectId(c.req.param('project'))
  const { after } = c.req.valid('query')
  const [project, page] = await Promise.all([
    requireProject(db, id),
    listThreads(db, { projectId: id }, after),
  ])
  const moved = elsewhere(c, paths.projectTab(project, 'comments'))
  if (moved) return moved
  keepBriefly(c)
  return renderPage(c, <CommentsPage project={project} {...page} isFirstPage={!after} />)
})

// The pattern keeps the number small enough for Postgres; longer ones are no update's.
comments.get('/projects/:project/updates/:number{[1-9][0-9]{0,8}}', query, async (c) => {
  const { db } = c.var.deps
  const id = parseProjectId(c.req.param('project'))
  const { after } = c.req.valid('query')
  const number = Number(c.req.param('number'))
  const [project, { previous, next, ...around }, page] = await Promise.all([
    requireProject(db, id),
    findUpdate(db, id, number),
    listThreads(db, { projectId: id, updateNumber: number }, after),
  ])
  const update = found(around.update, new AppError('update_not_found'))
  const moved = elsewhere(c, paths.update(project, number))
  if (moved) return moved
  keepBriefly(c)
  return renderPage(
    c,
    <UpdatePage
      project={project}
      update={update}
      previous={previous}
      next={next}
      threads={page.threads}
      nextThread={page.next}
      isFirstPage={!after}
    />,
  )
})
