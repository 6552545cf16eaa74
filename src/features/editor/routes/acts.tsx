import { timingSafeEqual } from 'node:crypto'
import { type Context, Hono } from 'hono'
import { findAccess } from '#features/projects/reads/access'
import { listRewards } from '#features/projects/reads/rewards'
import { hasPublicPage } from '#features/projects/rules'
import type { AppEnv } from '#http/env'
import { readForm } from '#http/forms'
import { parseProjectId } from '#http/input'
import { limit } from '#http/rate-limit'
import { renderPage } from '#http/render'
import { requireUnrestricted, requireViewer } from '#http/session'
import { AppError } from '#lib/errors'
import { newToken } from '#lib/tokens'
import { paths } from '#web/paths'
import { HistoryPage } from '../pages/history-page'
import { type Launch, LaunchPage } from '../pages/launch-page'
import { PreviewPage } from '../pages/preview-page'
import { requireDraft } from '../reads/drafts'
import { listTransitions } from '../reads/making'
import { actsPerPerson } from '../rules'
import { cancelForm, deleteForm, launchForm, previewForm, submitForm } from '../rules/forms'
import {
  cancelProject,
  deleteDraft,
  launchProject,
  scheduleLaunch,
  sharePreview,
  submitProject,
  withdrawProject,
} from '../writes/lifecycle'
import { openDraft } from './open'

export const editActs = new Hono<AppEnv>()

const doneSentences: Record<string, string> = {
  submitted: 'It is handed in. We will write to you.',
  withdrawn: 'It is a draft again.',
  launched: 'It is live. Everybody can see it now.',
  set: 'It will launch by itself.',
  unset: 'It will not launch by itself.',
  canceled: 'The project is canceled.',
  shared: 'Here is the link.',
  unshared: 'The link no longer works.',
}

editActs.get('/projects/:project/edit/launch', (c) => launchPage(c))

editActs.post('/projects/:project/submit', async (c) => {
  const { projectId, viewer } = await begin(c, { unrestricted: true })
  const { data } = await readForm(c, submitForm)
  const withoutRewards = data?.withoutRewards === 'yes'
  const { db, now } = c.var.deps
  return act(c, 'submitted', () =>
    submitProject(db, viewer, { projectId, withoutRewards, now: now() }),
  )
})

editActs.post('/projects/:project/withdraw', async (c) => {
  const { projectId, viewer } = await begin(c)
  return act(c, 'withdrawn', () => withdrawProject(c.var.deps.db, viewer, { projectId }))
})

editActs.post('/projects/:project/launch', async (c) => {
  const { projectId, viewer } = await begin(c, { unrestricted: true })
  const { values, data, errors } = await readForm(c, launchForm)
  if (errors) return launchPage(c, { values, errors })
  const { db } = c.var.deps
  if (data.when === 'now') {
    return act(c, 'launched', () => launchProject(db, viewer, { projectId }))
  }
  if (data.when === 'later' && data.at === null) {
    return launchPage(c, { values, errors: { at: 'Please give a moment.' } })
  }
  const at = data.when === 'later' ? data.at : null
  return act(c, at ? 'set' : 'unset', () => scheduleLaunch(db, viewer, { projectId, at }), values)
})

editActs.post('/projects/:project/cancel', async (c) => {
  const { projectId, viewer } = await begin(c)
  const { values, data, errors } = await readForm(c, cancelForm)
  if (errors) return launchPage(c, { values, errors })
  const { reason } = data
  return act(c, 'canceled', () => cancelProject(c.var.deps.db, viewer, { projectId, reason }))
})

editActs.post('/projects/:project/delete', async (c) => {
  const { projectId, viewer } = await begin(c)
  const { values, errors } = await readForm(c, deleteForm)
  if (errors) return launchPage(c, { values, errors })
  await deleteDraft(c.var.deps.db, viewer, { projectId })
  return c.redirect(`${paths.making()}?done=deleted`, 303)
})

editActs.post('/projects/:project/edit/launch/share', async (c) => {
  const { viewer, draft } = await openDraft(c)
  const { data, errors } = await readForm(c, previewForm)
  if (errors) return launchPage(c, { errors })
  const key = data.share === 'yes' ? newToken().token : null
  return act(c, key ? 'shared' : 'unshared', () =>
    sharePreview(c.var.deps.db, viewer, { projectId: draft.id, key }),
  )
})

editActs.get('/projects/:project/history', async (c) => {
  const viewer = requireViewer(c)
  const { db } = c.var.deps
  const id = parseProjectId(c.req.param('project'))
  const isStaff = viewer.role === 'staff'
  const [access, draft, transitions] = await Promise.all([
    findAccess(db, viewer, id),
    requireDraft(db, id),
    listTransitions(db, id),
  ])
  const isMaker = access !== undefined && access.permissions.length > 0
  if (!isMaker && !isStaff) throw new AppError('project_not_found')
  return renderPage(c, <HistoryPage draft={draft} transitions={transitions} isMaker={isMaker} />)
})

editActs.get('/projects/:project/preview', async (c) => {
  const { viewer, deps } = c.var
  const id = parseProjectId(c.req.param('project'))
  const [access, draft, rewards] = await Promise.all([
    viewer ? findAccess(deps.db, viewer, id) : undefined,
    requireDraft(deps.db, id),
    listRewards(deps.db, id),
  ])
  const permissions = access?.permissions ?? []
  const isMaker = permissions.length > 0
  const isStaff = viewer?.role === 'staff'
  const isShared = !draft.hiddenAt && isSameKey(c.req.query('key'), draft.previewKey)
  if (!isMaker && !isStaff && !isShared) {
    throw new AppError('project_not_found')
  }
  if (hasPublicPage(draft)) return c.redirect(paths.project(draft), 303)
  c.header('Cache-Control', 'private, no-store')
  // Whoever follows a link from here shall not pass the key on.
  c.header('Referrer-Policy', 'no-referrer')
  return renderPage(c, <PreviewPage draft={draft} rewards={rewards} permissions={permissions} />)
})

/** In the same time whatever is wrong with it. */
function isSameKey(given: string | undefined, key: string | null): boolean {
  if (given === undefined || key === null) return false
  const hash = (text: string) => new Bun.CryptoHasher('sha256').update(text).digest()
  return timingSafeEqual(hash(given), hash(key))
}

/** Whoever asks may do this, as far as their account goes; the rest is for the verb to know. */
async function begin(c: Context<AppEnv>, { unrestricted = false } = {}) {
  const viewer = unrestricted ? requireUnrestricted(c, 'submit') : requireViewer(c)
  const { draft } = await openDraft(c, 'creator')
  await limit(c, 'act', String(viewer.id), actsPerPerson)
  return { viewer, projectId: draft.id }
}

/** Does it, and shows the page of the launch: with what is wrong where it could not be done. */
async function act(
  c: Context<AppEnv>,
  done: string,
  verb: () => Promise<void>,
  values?: Launch['values'],
): Promise<Response> {
  const id = parseProjectId(c.req.param('project') ?? '')
  try {
    await verb()
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    const { code, field, detail, sentence } = error
    const isTold = ['wrong_state', 'incomplete', 'edited_meanwhile'].includes(code)
    if (field && detail) return launchPage(c, { values, errors: { [field]: detail } })
    if (isTold)
      return launchPage(c, { problem: detail ?? sentence }, code === 'incomplete' ? 422 : 409)
    throw error
  }
  return c.redirect(`${paths.edit({ id }, 'launch')}?done=${done}`, 303)
}

async function launchPage(
  c: Context<AppEnv>,
  given: Pick<Launch, 'values' | 'errors' | 'problem'> = {},
  status: 200 | 409 | 422 = given.errors ? 422 : 200,
): Promise<Response> {
  const { access, draft } = await openDraft(c)
  const [latest] = await listTransitions(c.var.deps.db, draft.id)
  return renderPage(
    c,
    <LaunchPage
      draft={draft}
      isCreator={access.isCreator}
      latest={latest}
      done={c.req.method === 'GET' ? doneSentences[c.req.query('done') ?? ''] : undefined}
      {...given}
    />,
    status,
  )
}
