import { z } from 'zod'
import { ofProject } from '#features/projects/parts/json'
import { requireAccess } from '#features/projects/reads/access'
import { readAsForm } from '#http/api-input'
import {
  address,
  count,
  id,
  idDigitsMax,
  numberAfter,
  numberInput,
  pageOf,
  time,
  toCursor,
  toTime,
  toTimeOrNull,
} from '#http/json'
import { ownEndpoint } from '#http/own-endpoint'
import { AppError } from '#lib/errors'
import { findWebhook, listDeliveries, listWebhooks, type Webhook } from './reads'
import { changesPerPerson, sendsPerPerson, webhookForm } from './rules/forms'
import { webhookKindNames, webhookKinds } from './rules/kinds'
import { deliveryName, oldSecretHours } from './rules/sending'
import {
  addWebhook,
  changeWebhook,
  pingWebhook,
  removeWebhook,
  renewSecret,
  replayDelivery,
  switchWebhook,
} from './writes/webhooks'

const kinds = z.array(z.enum(webhookKindNames))
const webhookJson = z
  .object({
    id,
    url: address,
    kinds,
    isOn: z.boolean().describe('Switched off by hand, or after nothing has got through for long.'),
    failingSince: time.nullable().describe('Since when nothing gets through.'),
    createdAt: time,
  })
  .meta({ id: 'Webhook' })

const delivery = z
  .object({
    id,
    name: z.string().describe('The header `webhook-id`: the same however often it is sent.'),
    kind: z.string(),
    body: z.string().describe('What is sent: JSON with `type`, `timestamp` and `data`.'),
    tries: count,
    status: z.int().nullable().describe('Of the latest answer; null when there was none.'),
    answer: z.string().nullable().describe('The beginning of what it said.'),
    problem: z.string().nullable().describe('Why there was no answer.'),
    createdAt: time,
    triedAt: time.nullable(),
    deliveredAt: time.nullable(),
    nextTryAt: time.nullable().describe('Null when it has arrived or was given up.'),
  })
  .meta({ id: 'WebhookDelivery' })

const toWebhook = (webhook: Webhook): z.input<typeof webhookJson> => ({
  ...{ id: webhook.id, url: webhook.url, kinds: kinds.parse(webhook.kinds) },
  isOn: webhook.disabledAt === null,
  failingSince: toTimeOrNull(webhook.failingSince),
  createdAt: toTime(webhook.createdAt),
})

const wanted = {
  url: z.string().describe('Where we send by POST: an https address.'),
  kinds: kinds.describe(
    `What it is told. ${webhookKindNames.map((kind) => `\`${kind}\`: ${webhookKinds[kind]}`).join(' ')}`,
  ),
}
const wantedExample = {
  url: 'https://example.com/jumpstarter',
  kinds: ['pledge.created' as const, 'project.successful' as const],
}

/** What the form makes of it. */
const readWanted = (body: { url: string; kinds: string[] }, anywhere: boolean) =>
  readAsForm(webhookForm(anywhere), {
    url: body.url,
    ...Object.fromEntries(body.kinds.map((kind) => [kind, 'on'])),
  })

const scope = 'projects' as const
const changing = { scope, rate: ['webhook', changesPerPerson] } as const
const sending = { scope, rate: ['webhook send', sendsPerPerson] } as const
const number = numberInput(idDigitsMax)
const ofWebhook = {
  params: ofProject.params.extend({ webhook: number.describe('The webhook’s number.') }),
  missing: { ...ofProject.missing, webhook: 'webhook_not_found' },
  sample: ({ project }: { project: number }) => ({ id: project, webhook: 1 }),
} as const
const nameOf = (params: { id: number; webhook: number }) => ({
  projectId: params.id,
  webhookId: params.webhook,
})

/** Programs that are told what happens to a project, for its creator. */
export const webhooksApi = [
  ownEndpoint({
    id: 'listWebhooks',
    method: 'get',
    path: '/projects/{id}/webhooks',
    summary: 'The webhooks of a project of yours',
    ...{ scope, ...ofProject },
    answer: z.object({ data: z.array(webhookJson) }),
    handle: async ({ deps: { db }, viewer, params }) => {
      await requireAccess(db, viewer, params.id, 'creator')
      return { data: (await listWebhooks(db, params.id)).map(toWebhook) }
    },
  }),

  ownEndpoint({
    id: 'addWebhook',
    method: 'post',
    path: '/projects/{id}/webhooks',
    summary: 'Have a program told what happens to a project',
    description:
      'Deliveries are signed as Standard Webhooks describes, with the secret that is shown here and ' +
      'nowhere else. Answer with any 2xx within ten seconds; what fails is sent again for three days.',
    ...{ ...changing, ...ofProject },
    body: z.strictObject(wanted),
    bodyExample: wantedExample,
    creates: true,
    answer: z.object({ id, secret: z.string() }),
    handle: async ({ deps: { db, config }, viewer, params, body }) => {
      await requireAccess(db, viewer, params.id, 'creator')
      const asked = await readWanted(body, config.demo)
      return await addWebhook(db, viewer, { projectId: params.id, ...asked })
    },
  }),

  ownEndpoint({
    id: 'changeWebhook',
    method: 'put',
    path: '/projects/{id}/webhooks/{webhook}',
    summary: 'Change where a webhook leads and what it is told, or switch it off or on',
    ...{ ...changing, ...ofWebhook },
    body: z.strictObject({ ...wanted, isOn: z.boolean().default(true) }),
    bodyExample: { ...wantedExample, isOn: true },
    handle: async ({ deps: { db, config }, viewer, params, body }) => {
      const name = nameOf(params)
      await requireAccess(db, viewer, name.projectId, 'creator')
      await changeWebhook(db, viewer, { ...name, ...(await readWanted(body, config.demo)) })
      await switchWebhook(db, viewer, { ...name, isOn: body.isOn })
    },
  }),

  ownEndpoint({
    id: 'renewWebhookSecret',
    method: 'post',
    path: '/projects/{id}/webhooks/{webhook}/secret',
    summary: 'Give a webhook a new secret',
    description:
      `It is shown here and nowhere else. For ${oldSecretHours} hours deliveries carry two ` +
      'signatures in their header, one with the old secret and one with this.',
    ...{ ...changing, ...ofWebhook },
    answer: z.object({ secret: z.string() }),
    handle: async ({ deps: { db }, viewer, params }) => {
      const { secret } = await renewSecret(db, viewer, nameOf(params))
      return { secret }
    },
  }),

  ownEndpoint({
    id: 'removeWebhook',
    method: 'delete',
    path: '/projects/{id}/webhooks/{webhook}',
    summary: 'Remove a webhook, with its deliveries',
    ...{ ...changing, ...ofWebhook },
    handle: ({ deps, viewer, params }) => removeWebhook(deps.db, viewer, nameOf(params)),
  }),

  ownEndpoint({
    id: 'pingWebhook',
    method: 'post',
    path: '/projects/{id}/webhooks/{webhook}/ping',
    summary: 'Send a webhook a test',
    ...{ ...sending, ...ofWebhook },
    handle: ({ deps, viewer, params }) => pingWebhook(deps.db, viewer, nameOf(params)),
  }),

  ownEndpoint({
    id: 'listWebhookDeliveries',
    method: 'get',
    path: '/projects/{id}/webhooks/{webhook}/deliveries',
    summary: 'What was sent to a webhook and answered, the newest first',
    ...{ scope, ...ofWebhook },
    query: z.strictObject({ after: numberAfter(idDigitsMax) }),
    answer: pageOf(delivery),
    handle: async ({ deps: { db }, viewer, params, query }) => {
      const { projectId, webhookId } = nameOf(params)
      await requireAccess(db, viewer, projectId, 'creator')
      if (!(await findWebhook(db, projectId, webhookId))) throw new AppError('webhook_not_found')
      const { page, next } = await listDeliveries(db, projectId, webhookId, query.after)
      const data = page.map((row) => ({
        ...{ id: row.id, name: deliveryName(row.id), kind: row.kind, body: row.body },
        ...{ tries: row.attempts, status: row.responseStatus, answer: row.answer },
        problem: row.lastError,
        createdAt: toTime(row.createdAt),
        triedAt: toTimeOrNull(row.triedAt),
        deliveredAt: toTimeOrNull(row.deliveredAt),
        nextTryAt: toTimeOrNull(row.dueAt),
      }))
      return { data, next: toCursor(next) }
    },
  }),

  ownEndpoint({
    id: 'replayWebhookDelivery',
    method: 'post',
    path: '/projects/{id}/webhooks/{webhook}/deliveries/{delivery}/replay',
    summary: 'Send something again, under the same name',
    ...{ ...sending, missing: ofWebhook.missing },
    params: ofWebhook.params.extend({ delivery: number.describe('The delivery’s number.') }),
    sample: ({ project }) => ({ id: project, webhook: 1, delivery: 1 }),
    handle: ({ deps, viewer, params }) =>
      replayDelivery(deps.db, viewer, { ...nameOf(params), deliveryId: params.delivery }),
  }),
]
