import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { listFaqs } from '#features/projects/reads/projects'
import type { AppEnv } from '#http/env'
import { type FormValues, readForm } from '#http/forms'
import { found, parseProjectId, validQuery } from '#http/input'
import { renderPage } from '#http/render'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { FaqPage, type FaqPageProps, FaqsEditorPage } from '../pages/faqs-pages'
import { isEditable } from '../rules'
import { type Faq, faqForm } from '../rules/faqs'
import { actForm, moveForm } from '../rules/order'
import { addFaq, changeFaq, deleteFaq, moveFaq } from '../writes/faqs'
import { conflictOf, meanwhile, pressAgain } from './conflicts'
import { openDraft } from './open'

export const editFaqs = new Hono<AppEnv>()

const root = '/projects/:project/edit/faqs'
const newPath = '/projects/:project/edit/new-faq'
const faqPath = `${root}/:position{[1-9][0-9]{0,3}}`

const doneSentences: Record<string, string> = {
  saved: 'The question is saved.',
  deleted: 'The question is deleted.',
}

editFaqs.get(root, validQuery(z.object({ done: z.string().optional() })), (c) =>
  listPage(c, { done: doneSentences[c.req.valid('query').done ?? ''] }),
)

editFaqs.get(newPath, async (c) => {
  const { draft } = await open(c)
  if (!isEditable(draft)) return c.redirect(paths.edit(draft, 'faqs'), 303)
  return renderPage(c, <FaqPage draft={draft} values={{}} />)
})

editFaqs.post(newPath, async (c) => {
  const { viewer, draft } = await open(c)
  const { values, data, errors } = await readForm(c, faqForm)
  if (errors) return faqPage(c, { draft, values, errors }, 422)
  const { version, was: _, ...faq } = data
  try {
    await addFaq(c.var.deps.db, viewer, { projectId: draft.id, version }, faq)
  } catch (error) {
    return refused(c, error, { values, faq })
  }
  return c.redirect(doneAt(draft, 'saved'), 303)
})

editFaqs.get(faqPath, async (c) => {
  const { draft, faqs } = await open(c)
  const stored = faqs.find(({ position }) => position === numberOf(c))
  const { position, ...values } = found(stored, new AppError('faq_not_found'))
  if (!isEditable(draft)) return c.redirect(paths.edit(draft, 'faqs'), 303)
  return renderPage(c, <FaqPage draft={draft} position={position} values={values} />)
})

editFaqs.post(faqPath, async (c) => {
  const { viewer, draft } = await open(c)
  const position = numberOf(c)
  const { values, data, errors } = await readForm(c, faqForm)
  if (errors) return faqPage(c, { draft, position, values, errors }, 422)
  const { version, was, ...faq } = data
  try {
    await changeFaq(c.var.deps.db, viewer, { projectId: draft.id, version, position }, faq)
  } catch (error) {
    return refused(c, error, { values, faq, was })
  }
  return c.redirect(doneAt(draft, 'saved'), 303)
})

editFaqs.post(`${faqPath}/move`, async (c) => {
  const { viewer, draft } = await open(c)
  const { data } = await readForm(c, moveForm)
  if (!data) return listPage(c, { problem: pressAgain }, 422)
  const { version, to } = data
  const position = numberOf(c)
  try {
    await moveFaq(c.var.deps.db, viewer, { projectId: draft.id, version, position }, to)
  } catch (error) {
    return listPage(c, { problem: conflictOf(error) }, 409)
  }
  const place = Math.max(1, to === 'up' ? position - 1 : position + 1)
  return c.redirect(`${paths.edit(draft, 'faqs')}#question-${place}`, 303)
})

editFaqs.post(`${faqPath}/delete`, async (c) => {
  const { viewer, draft } = await open(c)
  const { data } = await readForm(c, actForm)
  if (!data) return listPage(c, { problem: pressAgain }, 422)
  const at = { projectId: draft.id, version: data.version, position: numberOf(c) }
  try {
    await deleteFaq(c.var.deps.db, viewer, at)
  } catch (error) {
    return listPage(c, { problem: conflictOf(error) }, 409)
  }
  return c.redirect(doneAt(draft, 'deleted'), 303)
})

const numberOf = (c: Context<AppEnv>) => Number(c.req.param('position'))

const doneAt = (project: { id: number }, done: string) =>
  `${paths.edit(project, 'faqs')}?done=${done}`

/** The draft and its questions, for whoever may answer them. */
async function open(c: Context<AppEnv>) {
  const id = parseProjectId(c.req.param('project') ?? '')
  const [opened, faqs] = await Promise.all([
    openDraft(c, ['edit', 'community']),
    listFaqs(c.var.deps.db, id),
  ])
  return { ...opened, faqs }
}

async function listPage(
  c: Context<AppEnv>,
  said: { done?: string | undefined; problem?: string },
  status: 200 | 409 | 422 = 200,
): Promise<Response> {
  const { draft, faqs } = await open(c)
  return renderPage(c, <FaqsEditorPage draft={draft} faqs={faqs} {...said} />, status)
}

const faqPage = (c: Context<AppEnv>, props: FaqPageProps, status: 409 | 422) =>
  renderPage(c, <FaqPage {...props} />, status)

/**
 * The form again with why it was not saved; what was merely sent twice is saved already. Others may
 * have moved it: it is the one that asks what it asked.
 */
async function refused(
  c: Context<AppEnv>,
  error: unknown,
  form: { values: FormValues; faq: Faq; was?: string | undefined },
): Promise<Response> {
  if (!(error instanceof AppError)) throw error
  const { draft, faqs } = await open(c)
  const { values, faq, was } = form
  const { code, detail } = error
  if (code === 'invalid_input') return faqPage(c, { draft, values, problem: detail }, 422)
  if (code !== 'edited_meanwhile') throw error
  if (faqs.some((each) => each.question === faq.question && each.answer === faq.answer)) {
    return c.redirect(doneAt(draft, 'saved'), 303)
  }
  const now = faqs.find(({ question }) => question === was)
  if (!now) return faqPage(c, { draft, values, problem: meanwhile }, 409)
  const { position, ...stored } = now
  return faqPage(c, { draft, position, values, stored }, 409)
}
