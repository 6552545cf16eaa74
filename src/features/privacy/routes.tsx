import { Hono } from 'hono'
import { forgetCards } from '#features/payments/writes'
import { passwordTries } from '#features/people/rules'
import { isPasswordOf } from '#features/people/writes/signing-in'
import type { AppEnv } from '#http/env'
import { readForm } from '#http/forms'
import { limit } from '#http/rate-limit'
import { renderPage } from '#http/render'
import { requireViewer, signOut } from '#http/session'
import { paths } from '#web/paths'
import { GoodbyePage, PrivacyPage } from './pages'
import { archiveOf } from './parts'
import { deleteForm, downloadForm, downloadsPerPerson } from './rules'
import { deleteAccount } from './writes/deletion'

export const privacy = new Hono<AppEnv>()

const notTheirs = { password: 'Is not your password.' }

privacy.get('/settings/privacy', (c) => {
  requireViewer(c)
  return renderPage(c, <PrivacyPage />)
})

privacy.post('/settings/privacy/download', async (c) => {
  const { id } = requireViewer(c)
  const { data, errors } = await readForm(c, downloadForm)
  if (errors) return renderPage(c, <PrivacyPage download={errors} />, 422)
  await limit(c, 'password', String(id), passwordTries)
  if (!(await isPasswordOf(c.var.deps.db, id, data.password))) {
    return renderPage(c, <PrivacyPage download={notTheirs} />, 422)
  }
  await limit(c, 'download', String(id), downloadsPerPerson)
  return c.body(archiveOf(c.var.deps, id), 200, {
    'Content-Type': 'application/zip',
    'Content-Disposition': `attachment; filename="jumpstarter-${id}.zip"`,
  })
})

privacy.post('/settings/privacy/delete', async (c) => {
  const { id } = requireViewer(c)
  const { data, errors } = await readForm(c, deleteForm)
  if (errors) return renderPage(c, <PrivacyPage deletion={errors} />, 422)
  await limit(c, 'password', String(id), passwordTries)
  const { db, config } = c.var.deps
  const deletion = await deleteAccount(db, { personId: id, ...data }, config.baseUrl)
  if (deletion === 'done') {
    await forgetCards(c.var.deps, id)
    await signOut(c)
    return c.redirect(paths.goodbye(), 303)
  }
  if (deletion.wrong === 'password') {
    return renderPage(c, <PrivacyPage deletion={notTheirs} />, 422)
  }
  return renderPage(c, <PrivacyPage projects={deletion.projects} />, 409)
})

privacy.get('/goodbye', (c) => renderPage(c, <GoodbyePage />))
