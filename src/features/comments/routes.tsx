import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { requireProject } from '#features/projects/reads/projects'
import { findUpdate } from '#features/updates/reads'
import { elsewhere } from '#http/canonical'
import type { AppEnv } from '#http/env'
import { readForm } from '#http/forms'
import { found, numberAfter, parseProjectId, validQuery } from '#http/input'
import { keepBriefly } from '#http/keep'
import { limit } from '#http/rate-limit'
import { renderPage } from '#http/render'
import { requireViewer } from '#http/session'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { CommentsPage, UpdatePage } from './pages'
import type { Writing } from './parts'
import { listThreads } from './reads'
import { commentForm } from './rules'
import { deleteComment, mayComment, postComment } from './writes'

export const comments = new Hono<AppEnv>()

const query = validQuery(z.object({ after: numberAfter }))
const postsPerPerson = { times: 20, seconds: 600 }
// The pattern keeps the number small enough for Postgres; longer ones are no update's.
const updatePath = '/projects/:project/updates/:number{[1-9][0-9]{0,8}}'
const commentPath = '/projects/:project/comments/:comment{[1-9][0-9]{0,14}}'

comments.get('/projects/:project/comments', query, (c) =>
  commentsPage(c, c.req.valid('query').after),
)

comments.get(updatePath, query, (c) => updatePage(c, c.req.valid('query').after))

comments.post('/projects/:project/comments', async (c) => {
  const { project, values, data, errors } = await readPost(c)
  if (errors) return commentsPage(c, undefined, { values, errors })
  const id = await postComment(c.var.deps.db, requireViewer(c), project, data)
  return c.redirect(`${paths.projectTab(project, 'comments')}#comment-${id}`, 303)
})

comments.post(updatePath, async (c) => {
  const { project, values, data, errors } = await readPost(c)
  if (errors) return updatePage(c, undefined, { values, errors })
  const updateNumber = Number(c.req.param('number'))
  const { update } = await findUpdate(c.var.deps.db, project.id, updateNumber)
  found(update, new AppError('update_not_found'))
  const said = { ...data, updateNumber }
  const id = await postComment(c.var.deps.db, requireViewer(c), project, said)
  return c.redirect(`${paths.update(project, updateNumber)}#comment-${id}`, 303)
})

comments.post(`${commentPath}/delete`, async (c) => {
  const viewer = requireViewer(c)
  const { db } = c.var.deps
  const project = await requireProject(db, parseProjectId(c.req.param('project')))
  const id = Number(c.req.param('comment'))
  await deleteComment(db, viewer, { projectId: project.id, id })
  return c.redirect(paths.projectTab(project, 'comments'), 303)
})

type Typed = Pick<Writing, 'values' | 'errors'>

async function readPost(c: Context<AppEnv>) {
  const viewer = requireViewer(c)
  const project = await requireProject(c.var.deps.db, parseProjectId(c.req.param('project') ?? ''))
  const form = await readForm(c, commentForm)
  if (form.data) await limit(c, 'comment', String(viewer.id), postsPerPerson)
  return { project, ...form }
}

async function commentsPage(c: Context<AppEnv>, after?: number, typed?: Typed): Promise<Response> {
  const { db } = c.var.deps
  const id = parseProjectId(c.req.param('project') ?? '')
  const [project, page] = await Promise.all([
    requireProject(db, id),
    listThreads(db, { projectId: id }, after),
  ])
  const path = paths.projectTab(project, 'comments')
  const moved = typed ? undefined : elsewhere(c, path)
  if (moved) return moved
  keepBriefly(c)
  const writing = await writingOf(c, project, path, typed)
  return renderPage(
    c,
    <CommentsPage project={project} {...page} isFirstPage={!after} writing={writing} />,
    typed ? 422 : 200,
  )
}

async function updatePage(c: Context<AppEnv>, after?: number, typed?: Typed): Promise<Response> {
  const { db } = c.var.deps
  const id = parseProjectId(c.req.param('project') ?? '')
  const number = Number(c.req.param('number'))
  const [project, { previous, next, ...around }, page] = await Promise.all([
    requireProject(db, id),
    findUpdate(db, id, number),
    listThreads(db, { projectId: id, updateNumber: number }, after),
  ])
  const update = found(around.update, new AppError('update_not_found'))
  const path = paths.update(project, number)
  const moved = typed ? undefined : elsewhere(c, path)
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
      writing={await writingOf(c, project, path, typed)}
    />,
    typed ? 422 : 200,
  )
}

/** The form, for whoever may use it. */
async function writingOf(
  c: Context<AppEnv>,
  project: { id: number; creatorId: number },
  action: string,
  typed: Typed | undefined,
): Promise<Writing | undefined> {
  const { viewer, deps } = c.var
  if (!viewer || !(await mayComment(deps.db, viewer, project))) return undefined
  return { action, ...typed }
}
