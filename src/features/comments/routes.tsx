import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { requireProject } from '#features/projects/reads/projects'
import { findStanding, findUpdate, type Standing } from '#features/updates/reads'
import { elsewhere } from '#http/canonical'
import type { AppEnv } from '#http/env'
import { readForm } from '#http/forms'
import { found, numberAfter, parseProjectId, validQuery } from '#http/input'
import { keepBriefly } from '#http/keep'
import { limit } from '#http/rate-limit'
import { readDb } from '#http/reading'
import { renderPage } from '#http/render'
import { requireUnrestricted, requireViewer } from '#http/session'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { CommentsPage, UpdatePage } from './pages'
import type { Writing } from './parts'
import { listThreads } from './reads'
import { blockedSentence, commentForm, postsPerPerson, restrictedSentence } from './rules'
import { deleteComment, pinComment, postComment, unpinComment } from './writes'

export const comments = new Hono<AppEnv>()

const query = validQuery(z.object({ after: numberAfter }))
// The pattern keeps the number small enough for Postgres; longer ones are no update's.
const updatePath = '/projects/:project/updates/:number{[1-9][0-9]{0,8}}'
const commentPath = '/projects/:project/comments/:comment{[1-9][0-9]{0,14}}'

comments.get('/projects/:project/comments', query, (c) =>
  commentsPage(c, c.req.valid('query').after),
)

comments.get(updatePath, query, (c) => updatePage(c, c.req.valid('query').after))

comments.post('/projects/:project/comments', async (c) => {
  const { viewer, project, values, data, errors } = await readPost(c)
  if (errors) return commentsPage(c, undefined, { values, errors })
  const id = await postComment(c.var.deps.db, viewer, project, data)
  return c.redirect(`${paths.projectTab(project, 'comments')}#comment-${id}`, 303)
})

comments.post(updatePath, async (c) => {
  const { viewer, project, values, data, errors } = await readPost(c)
  if (errors) return updatePage(c, undefined, { values, errors })
  const updateNumber = Number(c.req.param('number'))
  const id = await postComment(c.var.deps.db, viewer, project, { ...data, updateNumber })
  return c.redirect(`${paths.update(project, updateNumber)}#comment-${id}`, 303)
})

comments.post(`${commentPath}/delete`, async (c) => {
  const { viewer, project, key } = await readAct(c)
  const updateNumber = await deleteComment(c.var.deps.db, viewer, key)
  const page = updateNumber
    ? paths.update(project, updateNumber)
    : paths.projectTab(project, 'comments')
  return c.redirect(`${page}#comments`, 303)
})

comments.post(`${commentPath}/pin`, async (c) => {
  const { viewer, project, key } = await readAct(c)
  await pinComment(c.var.deps.db, viewer, key)
  return c.redirect(`${paths.projectTab(project, 'comments')}#comment-${key.id}`, 303)
})

comments.post(`${commentPath}/unpin`, async (c) => {
  const { viewer, project, key } = await readAct(c)
  await unpinComment(c.var.deps.db, viewer, key)
  return c.redirect(`${paths.projectTab(project, 'comments')}#comments`, 303)
})

/** What a button beside a comment is about. */
async function readAct(c: Context<AppEnv>) {
  const viewer = requireViewer(c)
  const project = await requireProject(c.var.deps.db, parseProjectId(c.req.param('project') ?? ''))
  return { viewer, project, key: { projectId: project.id, id: Number(c.req.param('comment')) } }
}

type Typed = Pick<Writing, 'values' | 'errors'>

async function readPost(c: Context<AppEnv>) {
  const viewer = requireUnrestricted(c, 'comment')
  const project = await requireProject(c.var.deps.db, parseProjectId(c.req.param('project') ?? ''))
  const form = await readForm(c, commentForm)
  if (form.data) await limit(c, 'comment', String(viewer.id), postsPerPerson)
  return { viewer, project, ...form }
}

async function commentsPage(c: Context<AppEnv>, after?: number, typed?: Typed): Promise<Response> {
  const db = readDb(c)
  const id = parseProjectId(c.req.param('project') ?? '')
  const [project, page, standing] = await Promise.all([
    requireProject(db, id),
    listThreads(db, { projectId: id }, { reader: c.var.viewer?.id, before: after }),
    standingOf(c, id),
  ])
  const path = paths.projectTab(project, 'comments')
  const moved = typed ? undefined : elsewhere(c, path)
  if (moved) return moved
  keepBriefly(c)
  return renderPage(
    c,
    <CommentsPage
      project={project}
      {...page}
      isFirstPage={!after}
      standing={standing}
      {...writingOf(c, standing, { action: path, ...typed })}
    />,
    typed ? 422 : 200,
  )
}

async function updatePage(c: Context<AppEnv>, after?: number, typed?: Typed): Promise<Response> {
  const { viewer } = c.var
  const db = readDb(c)
  const id = parseProjectId(c.req.param('project') ?? '')
  const number = Number(c.req.param('number'))
  const reader = viewer?.id
  const [project, { previous, next, ...around }, page, standing] = await Promise.all([
    requireProject(db, id),
    findUpdate(db, id, number, { reader }),
    listThreads(db, { projectId: id, updateNumber: number }, { reader, before: after }),
    standingOf(c, id),
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
      standing={standing}
      {...(update.isHidden ? {} : writingOf(c, standing, { action: path, ...typed }))}
    />,
    typed ? 422 : 200,
  )
}

const standingOf = async (c: Context<AppEnv>, projectId: number) =>
  c.var.viewer && (await findStanding(readDb(c), c.var.viewer.id, projectId))

/** The form, for whoever may use it; for whom it was taken from, why. */
function writingOf(c: Context<AppEnv>, standing: Standing | undefined, writing: Writing) {
  if (!standing?.isInside) return {}
  if (standing.isBlocked) return { refusal: blockedSentence }
  if (c.var.viewer?.restrictions.includes('comment')) return { refusal: restrictedSentence }
  return { writing }
}
