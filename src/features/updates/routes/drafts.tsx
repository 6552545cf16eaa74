import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { AppEnv } from '#http/env'
import { readForm } from '#http/forms'
import { found, parseProjectId, validQuery } from '#http/input'
import { limit } from '#http/rate-limit'
import { renderPage } from '#http/render'
import { requireViewer } from '#http/session'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { DraftPage, DraftsPage, EditUpdatePage, PreviewPage, type Typed } from '../pages/drafts'
import { findDraft, findEdition, listDrafts } from '../reads'
import { draftForm, editForm, missingIn, publishedPerPerson, publishForm } from '../rules'
import { beginDraft, deleteDraft, publishDraft, requireWriter, saveDraft } from '../writes/drafts'
import { editUpdate, requireOpen } from '../writes/published'

export const updateDrafts = new Hono<AppEnv>()

const root = '/projects/:project/drafts'
const newPath = '/projects/:project/new-update'
const draftPath = `${root}/:draft{[1-9][0-9]{0,14}}`
const editPath = '/projects/:project/updates/:number{[1-9][0-9]{0,8}}/edit'
const savedQuery = validQuery(z.object({ saved: z.string().optional() }))

updateDrafts.get(root, async (c) => {
  const { db, viewer, projectId } = asked(c)
  const [{ project }, drafts] = await Promise.all([
    requireWriter(db, viewer, projectId),
    listDrafts(db, projectId),
  ])
  return renderPage(c, <DraftsPage project={project} drafts={drafts} />)
})

updateDrafts.get(newPath, (c) => newPage(c))

updateDrafts.post(newPath, async (c) => {
  const { projectId } = asked(c)
  const id = await begin(c)
  if (id instanceof Response) return id
  return c.redirect(paths.updateDraft({ id: projectId }, id, { saved: 'yes' }), 303)
})

updateDrafts.post(`${newPath}/preview`, async (c) => {
  const { projectId } = asked(c)
  const id = await begin(c)
  if (id instanceof Response) return id
  return c.redirect(paths.updateDraftAct({ id: projectId }, id, 'preview'), 303)
})

updateDrafts.get(draftPath, savedQuery, (c) =>
  draftPage(c, { isSaved: c.req.valid('query').saved !== undefined }),
)

updateDrafts.post(draftPath, async (c) => {
  const { key } = asked(c)
  const refused = await save(c)
  if (refused) return refused
  return c.redirect(paths.updateDraft({ id: key.projectId }, key.id, { saved: 'yes' }), 303)
})

updateDrafts.get(`${draftPath}/preview`, (c) => previewPage(c))

updateDrafts.post(`${draftPath}/preview`, async (c) => {
  const { key } = asked(c)
  const refused = await save(c)
  if (refused) return refused
  return c.redirect(paths.updateDraftAct({ id: key.projectId }, key.id, 'preview'), 303)
})

updateDrafts.post(`${draftPath}/delete`, async (c) => {
  const { db, viewer, key } = asked(c)
  await deleteDraft(db, viewer, key)
  return c.redirect(paths.updateDrafts({ id: key.projectId }), 303)
})

updateDrafts.post(`${draftPath}/publish`, async (c) => {
  const { db, viewer, key } = asked(c)
  const { project } = await requireWriter(db, viewer, key.projectId)
  const { data } = await readForm(c, publishForm)
  await limit(c, 'publish', String(viewer.id), publishedPerPerson)
  try {
    const number = await publishDraft(db, viewer, { ...key, version: data?.version ?? 0 })
    return c.redirect(paths.update(project, number), 303)
  } catch (error) {
    if (isRefusal(error, 'edited_meanwhile')) return previewPage(c, { isOutdated: true })
    if (isRefusal(error, 'invalid_input')) return unfinishedPage(c)
    throw error
  }
})

updateDrafts.get(editPath, (c) => editPage(c))

updateDrafts.post(editPath, async (c) => {
  const { db, viewer, projectId, number } = asked(c)
  const { project } = await requireWriter(db, viewer, projectId)
  const { values, data, errors } = await readForm(c, editForm)
  if (errors) return editPage(c, { values, errors })
  try {
    await editUpdate(db, viewer, { projectId, number }, data)
  } catch (error) {
    if (isRefusal(error, 'edited_meanwhile')) return editPage(c, { values, isOutdated: true })
    throw error
  }
  return c.redirect(paths.update(project, number), 303)
})

/** Who asks for what; none of it is checked but that somebody is signed in. */
function asked(c: Context<AppEnv>) {
  const viewer = requireViewer(c)
  const projectId = parseProjectId(c.req.param('project') ?? '')
  const key = { projectId, id: Number(c.req.param('draft')) }
  return { db: c.var.deps.db, viewer, projectId, key, number: Number(c.req.param('number')) }
}

const isRefusal = (error: unknown, code: AppError['code']): boolean =>
  error instanceof AppError && error.code === code

/** Begins a draft; returns its number or, where something is wrong, the form again. */
async function begin(c: Context<AppEnv>): Promise<number | Response> {
  const { db, viewer, projectId } = asked(c)
  await requireWriter(db, viewer, projectId)
  const { values, data, errors } = await readForm(c, draftForm)
  if (errors) return newPage(c, { values, errors })
  const { version: _, ...text } = data
  return await beginDraft(db, viewer, projectId, text)
}

/**
 * Saves a draft; returns an answer where something is wrong, and to the script that saves as its
 * reader types.
 */
async function save(c: Context<AppEnv>): Promise<Response | undefined> {
  const { db, viewer, key } = asked(c)
  const isScript = c.req.header('accept') === 'application/json'
  await requireWriter(db, viewer, key.projectId)
  const { values, data, errors } = await readForm(c, draftForm)
  if (errors) {
    return isScript ? c.json({ errors }, 422) : draftPage(c, { typed: { values, errors } })
  }
  const { version, ...text } = data
  try {
    const saved = await saveDraft(db, viewer, { ...key, version }, text)
    return isScript ? c.json({ version: saved }) : undefined
  } catch (error) {
    if (!isRefusal(error, 'edited_meanwhile')) throw error
    if (isScript) return c.json({ problem: new AppError('edited_meanwhile').sentence }, 409)
    return draftPage(c, { typed: { values, isOutdated: true } })
  }
}

async function newPage(c: Context<AppEnv>, typed?: Typed): Promise<Response> {
  const { db, viewer, projectId } = asked(c)
  const { project } = await requireWriter(db, viewer, projectId)
  const page = <DraftPage project={project} draft={undefined} typed={typed} />
  return renderPage(c, page, typed ? 422 : 200)
}

async function openDraft(c: Context<AppEnv>) {
  const { db, viewer, key } = asked(c)
  const [{ project }, draft] = await Promise.all([
    requireWriter(db, viewer, key.projectId),
    findDraft(db, key.projectId, key.id),
  ])
  return { project, draft: found(draft, new AppError('update_not_found')) }
}

async function draftPage(
  c: Context<AppEnv>,
  { typed, isSaved = false }: { typed?: Typed; isSaved?: boolean },
): Promise<Response> {
  const { project, draft } = await openDraft(c)
  const page = <DraftPage project={project} draft={draft} typed={typed} isSaved={isSaved} />
  return renderPage(c, page, statusOf(typed))
}

async function unfinishedPage(c: Context<AppEnv>): Promise<Response> {
  const { project, draft } = await openDraft(c)
  const { title, body, audience } = draft
  const typed = { values: { title, body, audience }, errors: missingIn(draft) }
  return renderPage(c, <DraftPage project={project} draft={draft} typed={typed} />, 422)
}

async function previewPage(c: Context<AppEnv>, { isOutdated = false } = {}): Promise<Response> {
  const { project, draft } = await openDraft(c)
  const isFinished = missingIn(draft) === undefined
  const page = <PreviewPage {...{ project, draft, isFinished, isOutdated }} />
  return renderPage(c, page, isOutdated ? 409 : 200)
}

async function editPage(c: Context<AppEnv>, typed?: Typed): Promise<Response> {
  const { db, viewer, projectId, number } = asked(c)
  const [{ project }, edition] = await Promise.all([
    requireWriter(db, viewer, projectId),
    findEdition(db, { projectId, number }),
  ])
  const page = <EditUpdatePage project={project} edition={requireOpen(edition)} typed={typed} />
  return renderPage(c, page, statusOf(typed))
}

const statusOf = (typed: Typed | undefined) => (typed?.isOutdated ? 409 : typed ? 422 : 200)
