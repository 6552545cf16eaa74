import { and, asc, desc, eq, lt } from 'drizzle-orm'
import type { Db } from '#db/client'
import { webhookDeliveries, webhooks } from '#db/schema/fulfilment'
import { deliveriesPageRows, webhooksMax } from './rules/forms'

const columns = {
  projectId: webhooks.projectId,
  id: webhooks.id,
  url: webhooks.url,
  kinds: webhooks.kinds,
  createdAt: webhooks.createdAt,
  disabledAt: webhooks.disabledAt,
  failingSince: webhooks.failingSince,
}

/** One without its secret, which is shown once. */
export type Webhook = Awaited<ReturnType<typeof listWebhooks>>[number]

/** The webhooks of a project, the oldest first. */
export async function listWebhooks(db: Db, projectId: number) {
  return await db
    .select(columns)
    .from(webhooks)
    .where(eq(webhooks.projectId, projectId))
    .orderBy(asc(webhooks.id))
    .limit(webhooksMax)
}

export async function findWebhook(
  db: Db,
  projectId: number,
  id: number,
): Promise<Webhook | undefined> {
  const [webhook] = await db
    .select(columns)
    .from(webhooks)
    .where(and(eq(webhooks.projectId, projectId), eq(webhooks.id, id)))
  return webhook
}

export type Delivery = Awaited<ReturnType<typeof listDeliveries>>['page'][number]

/** What was sent to a webhook and what is to be, the newest first; `next` begins the page after. */
export async function listDeliveries(
  db: Db,
  projectId: number,
  webhookId: number,
  before?: number | undefined,
) {
  const rows = await db
    .select({
      id: webhookDeliveries.id,
      kind: webhookDeliveries.kind,
      body: webhookDeliveries.body,
      createdAt: webhookDeliveries.createdAt,
      dueAt: webhookDeliveries.dueAt,
      attempts: webhookDeliveries.attempts,
      triedAt: webhookDeliveries.triedAt,
      responseStatus: webhookDeliveries.responseStatus,
      answer: webhookDeliveries.answer,
      lastError: webhookDeliveries.lastError,
      deliveredAt: webhookDeliveries.deliveredAt,
    })
    .from(webhookDeliveries)
    .where(
      and(
        eq(webhookDeliveries.projectId, projectId),
        eq(webhookDeliveries.webhookId, webhookId),
        before === undefined ? undefined : lt(webhookDeliveries.id, before),
      ),
    )
    .orderBy(desc(webhookDeliveries.id))
    .limit(deliveriesPageRows + 1)
  const page = rows.slice(0, deliveriesPageRows)
  return { page, next: rows.length > page.length ? (page.at(-1)?.id ?? null) : null }
}
