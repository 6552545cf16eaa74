import { type Context, Hono } from 'hono'
import { renderToString } from 'react-dom/server'
import { readUpload } from '#features/images/parts/upload'
import type { AppEnv } from '#http/env'
import { type ReadForm, readForm } from '#http/forms'
import { limit } from '#http/rate-limit'
import { renderPage } from '#http/render'
import { AppError } from '#lib/errors'
import { type EditPart, paths } from '#web/paths'
import { BasicsPage } from '../pages/basics-page'
import { FundingPage } from '../pages/funding-page'
import { StoryPage, StoryPreview } from '../pages/story-page'
import type { Filled } from '../parts/form'
import { type Draft, listCategoryChoices, requireDraft } from '../reads/drafts'
import { savesPerPerson, storyCharactersMax } from '../rules'
import { draftBasicsForm, fundingForm, liveBasicsForm, storyForm } from '../rules/forms'
import { saveBasics, saveFunding, saveStory } from '../writes/drafts'
import { asksForJson, openDraft } from './open'

export const editParts = new Hono<AppEnv>()

// A script saves some seconds after the last key: this is more than anybody types.

/** The page again: with what was typed where that could not be saved. */
type Again = (draft: Draft, filled?: Filled) => Promise<Response>

editParts.get('/projects/:project/edit', async (c) => {
  const { draft } = await openDraft(c)
  return c.redirect(paths.edit(draft), 303)
})

editParts.get('/projects/:project/edit/basics', async (c) => {
  const { draft } = await openDraft(c)
  return basicsPage(c, draft)
})

editParts.post('/projects/:project/edit/basics', async (c) => {
  const { viewer, draft } = await openDraft(c)
  const schema = draft.status === 'live' ? liveBasicsForm : draftBasicsForm
  const form = await readUpload(c, schema, 'image')
  const save = async (data: NonNullable<typeof form.data>) => {
    const isTyping = asksForJson(c)
    const image = form.image === undefined ? undefined : (form.image?.hash ?? null)
    const saving = { projectId: draft.id, data, image, isTyping }
    const saved = await saveBasics(c.var.deps.db, viewer, saving)
    const note = 'The new place is kept when you press Save.'
    return saved.isPlaceSaved ? saved : { ...saved, note }
  }
  return answerSave(c, 'basics', draft, form, save, (fresh, filled) =>
    basicsPage(c, fresh, filled, form.image?.hash),
  )
})

async function basicsPage(
  c: Context<AppEnv>,
  draft: Draft,
  filled?: Filled,
  image?: string,
): Promise<Response> {
  const choices = await listCategoryChoices(c.var.deps.db)
  return page(
    c,
    <BasicsPage draft={draft} choices={choices} filled={filled} image={image} done={doneOf(c)} />,
    filled,
  )
}

editParts.get('/projects/:project/edit/funding', async (c) => {
  const { draft } = await openDraft(c)
  return fundingPage(c)(draft)
})

editParts.post('/projects/:project/edit/funding', async (c) => {
  const { viewer, draft } = await openDraft(c)
  const form = await readForm(c, fundingForm(c.var.deps.now()))
  const save = (data: NonNullable<typeof form.data>) =>
    saveFunding(c.var.deps.db, viewer, { projectId: draft.id, data })
  return answerSave(c, 'funding', draft, form, save, fundingPage(c))
})

const fundingPage =
  (c: Context<AppEnv>): Again =>
  async (draft, filled) =>
    page(c, <FundingPage draft={draft} filled={filled} done={doneOf(c)} />, filled)

editParts.get('/projects/:project/edit/story', async (c) => {
  const { draft } = await openDraft(c)
  return storyPage(c)(draft)
})

editParts.post('/projects/:project/edit/story', async (c) => {
  const { viewer, draft } = await openDraft(c)
  const form = await readForm(c, storyForm(draft))
  const save = (data: NonNullable<typeof form.data>) =>
    saveStory(c.var.deps.db, viewer, { projectId: draft.id, data })
  return answerSave(c, 'story', draft, form, save, storyPage(c))
})

/** Saves nothing: it shows the story as it will look, and the form as it was. */
editParts.post('/projects/:project/edit/story/preview', async (c) => {
  const { draft } = await openDraft(c)
  const { values, errors = {} } = await readForm(c, storyForm(draft))
  const story = (values['story'] ?? '').slice(0, storyCharactersMax)
  if (asksForJson(c)) return c.json({ html: renderToString(<StoryPreview story={story} />) })
  // What its reader has seen is what they may replace.
  const version = Number(values['version'])
  const asTyped = Number.isSafeInteger(version) ? { ...draft, version } : draft
  const filled = { values, errors }
  return renderPage(c, <StoryPage draft={asTyped} filled={filled} preview={story} />)
})

const storyPage =
  (c: Context<AppEnv>): Again =>
  async (draft, filled) =>
    page(c, <StoryPage draft={draft} filled={filled} done={doneOf(c)} />, filled)

const doneOf = (c: Context<AppEnv>) =>
  c.req.method === 'GET' && c.req.query('done') === 'saved' ? 'Saved.' : undefined

const page = (c: Context<AppEnv>, element: React.ReactElement, filled?: Filled): Response =>
  renderPage(c, element, filled ? (filled.isConflict ? 409 : 422) : 200)

/** Saves a form, and answers with where to go on, or the form again and why. */
async function answerSave<Data>(
  c: Context<AppEnv>,
  part: EditPart,
  draft: Draft,
  form: ReadForm<Data>,
  save: (data: Data) => Promise<{ version: number; note?: string }>,
  again: Again,
): Promise<Response> {
  const { values, errors } = form
  const isScript = asksForJson(c)
  if (errors) return isScript ? c.json({ errors }, 422) : again(draft, { values, errors })
  await limit(c, 'save', String(c.var.viewer?.id), savesPerPerson)
  try {
    const saved = await save(form.data as Data)
    if (!isScript) return c.redirect(`${paths.edit(draft, part)}?done=saved`, 303)
    return c.json({ version: saved.version, note: saved.note })
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const { code, field, detail } = error
    if (code === 'edited_meanwhile') {
      if (isScript) return c.json({ problem: error.sentence }, 409)
      const fresh = await requireDraft(c.var.deps.db, draft.id)
      return again(fresh, { values, isConflict: true })
    }
    if (!field || !detail) throw error
    const wrong = { [field]: detail }
    return isScript ? c.json({ errors: wrong }, 422) : again(draft, { values, errors: wrong })
  }
}
