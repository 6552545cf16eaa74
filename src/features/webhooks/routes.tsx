import { type Context, Hono } from 'hono'
import { requireAccess } from '#features/projects/reads/access'
import type { AppEnv } from '#http/env'
import { type FormErrors, type FormValues, readForm } from '#http/forms'
import { found, numberAfter, parseProjectId } from '#http/input'
import { limit } from '#http/rate-limit'
import { renderPage } from '#http/render'
import { requireViewer } from '#http/session'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { WebhookPage } from './pages/webhook-page'
import { NewSecretPage, WebhooksPage } from './pages/webhooks-page'
import { findWebhook, listDeliveries, listWebhooks } from './reads'
import { changesPerPerson, sendsPerPerson, webhookForm } from './rules/forms'
import {
  addWebhook,
  changeWebhook,
  pingWebhook,
  removeWebhook,
  renewSecret,
  replayDelivery,
  switchWebhook,
} from './writes/webhooks'

/** A project's webhooks, for its creator. */
export const webhooks = new Hono<AppEnv>()

interface Typed {
  values?: FormValues
  errors?: FormErrors
}

webhooks.get('/projects/:project/webhooks', (c) => listPage(c))

webhooks.post('/projects/:project/webhooks', async (c) => {
  const { viewer, project } = await open(c)
  const { db, config } = c.var.deps
  const { values, data, errors } = await readForm(c, webhookForm(config.demo))
  if (errors) return listPage(c, { values, errors })
  await limit(c, 'webhook', String(viewer.id), changesPerPerson)
  const { id, secret } = await addWebhook(db, viewer, { projectId: project.id, ...data })
  return renderPage(c, <NewSecretPage {...{ project, id, secret }} url={data.url} />)
})

async function listPage(c: Context<AppEnv>, typed: Typed = {}): Promise<Response> {
  const [{ project }, own] = await Promise.all([
    open(c),
    listWebhooks(c.var.deps.db, nameOf(c).projectId),
  ])
  const isRemoved = c.req.query('done') === 'removed'
  return renderPage(
    c,
    <WebhooksPage {...{ project, webhooks: own, isRemoved, ...typed }} />,
    typed.errors ? 422 : 200,
  )
}

const onePath = '/projects/:project/webhooks/:webhook{[1-9][0-9]{0,14}}'

webhooks.get(onePath, (c) => onePage(c))

webhooks.post(onePath, async (c) => {
  const { viewer, name, project } = await open(c)
  const { db, config } = c.var.deps
  const { values, data, errors } = await readForm(c, webhookForm(config.demo))
  if (errors) return onePage(c, { values, errors })
  await limit(c, 'webhook', String(viewer.id), changesPerPerson)
  await changeWebhook(db, viewer, { ...name, ...data })
  return c.redirect(paths.webhook(project, name.webhookId, { done: 'saved' }), 303)
})

async function onePage(c: Context<AppEnv>, typed: Typed = {}): Promise<Response> {
  const { db } = c.var.deps
  const { projectId, webhookId } = nameOf(c)
  const before = numberAfter.safeParse(c.req.query('before')).data
  const [{ project }, webhook, deliveries] = await Promise.all([
    open(c),
    findWebhook(db, projectId, webhookId),
    listDeliveries(db, projectId, webhookId, before),
  ])
  return renderPage(
    c,
    <WebhookPage
      project={project}
      webhook={found(webhook, new AppError('webhook_not_found'))}
      deliveries={deliveries}
      done={c.req.query('done')}
      {...typed}
    />,
    typed.errors ? 422 : 200,
  )
}

webhooks.post(`${onePath}/ping`, async (c) => {
  const { viewer, name, project } = await open(c)
  await limit(c, 'webhook send', String(viewer.id), sendsPerPerson)
  await pingWebhook(c.var.deps.db, viewer, name)
  return c.redirect(paths.webhook(project, name.webhookId, { done: 'sent' }), 303)
})

webhooks.post(`${onePath}/secret`, async (c) => {
  const { viewer, name, project } = await open(c)
  await limit(c, 'webhook', String(viewer.id), changesPerPerson)
  const { secret, url } = await renewSecret(c.var.deps.db, viewer, name)
  const shown = { project, id: name.webhookId, secret, url }
  return renderPage(c, <NewSecretPage {...shown} isRenewed />)
})

webhooks.post(`${onePath}/enable`, async (c) => {
  const { viewer, name, project } = await open(c)
  await switchWebhook(c.var.deps.db, viewer, { ...name, isOn: true })
  return c.redirect(paths.webhook(project, name.webhookId, { done: 'on' }), 303)
})

webhooks.post(`${onePath}/disable`, async (c) => {
  const { viewer, name, project } = await open(c)
  await switchWebhook(c.var.deps.db, viewer, { ...name, isOn: false })
  return c.redirect(paths.webhook(project, name.webhookId), 303)
})

webhooks.post(`${onePath}/remove`, async (c) => {
  const { viewer, name, project } = await open(c)
  await removeWebhook(c.var.deps.db, viewer, name)
  return c.redirect(paths.webhooks(project, { done: 'removed' }), 303)
})

webhooks.post(`${onePath}/deliveries/:delivery{[1-9][0-9]{0,14}}/replay`, async (c) => {
  const { viewer, name, project } = await open(c)
  await limit(c, 'webhook send', String(viewer.id), sendsPerPerson)
  const deliveryId = Number(c.req.param('delivery'))
  await replayDelivery(c.var.deps.db, viewer, { ...name, deliveryId })
  return c.redirect(paths.webhook(project, name.webhookId, { done: 'sent' }), 303)
})

/** The project for its creator; throws for everybody else. */
async function open(c: Context<AppEnv>) {
  const viewer = requireViewer(c)
  const name = nameOf(c)
  const { project } = await requireAccess(c.var.deps.db, viewer, name.projectId, 'creator')
  return { viewer, project, name }
}

const nameOf = (c: Context<AppEnv>) => ({
  projectId: parseProjectId(c.req.param('project') ?? ''),
  webhookId: Number(c.req.param('webhook')),
})
