import { and, eq, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { webhookDeliveries, webhooks } from '#db/schema/fulfilment'
import { projects } from '#db/schema/projects'
import type { Viewer } from '#db/sessions'
import { requireAccess } from '#features/projects/reads/access'
import { AppError } from '#lib/errors'
import { webhooksMax } from '../rules/forms'
import { pingKind, type WebhookKind } from '../rules/kinds'
import { newSecret, oldSecretHours } from '../rules/sending'

type Actor = Pick<Viewer, 'id'>
interface Named {
  projectId: number
  webhookId: number
}
interface Wanted {
  url: string
  kinds: WebhookKind[]
}

const tooMany = `A project has at most ${webhooksMax} webhooks. Remove one first.`
const isOff = 'The webhook is switched off. Switch it on first.'
const noSuchWebhook = () => new AppError('webhook_not_found')
const named = ({ projectId, webhookId }: Named) =>
  and(eq(webhooks.projectId, projectId), eq(webhooks.id, webhookId))
/** Where the books of a project stand: what is in them already is not told. */
const booksNow = (projectId: number) =>
  sql<number>`coalesce((select number from ledger_heads where project_id = ${projectId}), 0)`

/**
 * Has a program told what happens to a project, from now on. Returns its secret, which is not shown
 * again. A form that was sent twice makes one: the second takes the place of the first. Throws
 * AppError: not the creator, or too many.
 */
export async function addWebhook(
  db: Db,
  viewer: Actor,
  { projectId, url, kinds }: Wanted & { projectId: number },
): Promise<{ id: number; secret: string }> {
  await requireAccess(db, viewer, projectId, 'creator')
  const secret = newSecret()
  return await db.transaction(async (tx) => {
    // Whoever else adds one waits, so that what is counted is there.
    await tx.execute(sql`select from ${projects} where id = ${projectId} for no key update`)
    const [again] = await tx
      .update(webhooks)
      .set({ kinds, secret })
      .where(
        and(
          eq(webhooks.projectId, projectId),
          eq(webhooks.url, url),
          sql`created_at > now() - interval '1 minute'`,
          sql`not exists (select from webhook_deliveries d
            where d.project_id = webhooks.project_id and d.webhook_id = webhooks.id)`,
        ),
      )
      .returning({ id: webhooks.id })
    if (again) return { id: again.id, secret }
    if ((await tx.$count(webhooks, eq(webhooks.projectId, projectId))) >= webhooksMax) {
      throw new AppError('wrong_state', { detail: tooMany })
    }
    const [added] = await tx
      .insert(webhooks)
      .values({ projectId, url, kinds, secret, ledgerNumber: booksNow(projectId) })
      .returning({ id: webhooks.id })
    return { id: added?.id as number, secret }
  })
}

/** Changes where a webhook leads and what it is told. Throws AppError. */
export async function changeWebhook(
  db: Db,
  viewer: Actor,
  { url, kinds, ...name }: Wanted & Named,
): Promise<void> {
  await requireAccess(db, viewer, name.projectId, 'creator')
  const changed = await db
    .update(webhooks)
    .set({ url, kinds, failingSince: null, leasedUntil: null })
    .where(named(name))
    .returning({ id: webhooks.id })
  if (changed.length === 0) throw noSuchWebhook()
}

/**
 * Gives a webhook a new secret, which is not shown again; the old one signs as well for a day. Sent
 * twice within a minute, the second takes the place of the first. Throws AppError.
 */
export async function renewSecret(
  db: Db,
  viewer: Actor,
  name: Named,
): Promise<{ secret: string; url: string }> {
  await requireAccess(db, viewer, name.projectId, 'creator')
  const secret = newSecret()
  const until = sql`now() + make_interval(hours => ${oldSecretHours})`
  const [renewed] = await db
    .update(webhooks)
    .set({
      secret,
      oldSecret: sql`case when old_secret_until > ${until} - interval '1 minute' then old_secret
        else secret end`,
      oldSecretUntil: until,
    })
    .where(named(name))
    .returning({ url: webhooks.url })
  if (!renewed) throw noSuchWebhook()
  return { secret, url: renewed.url }
}

/**
 * Switches a webhook off or on again. What happens while it is off is never sent; what was waiting
 * before, is. Throws AppError.
 */
export async function switchWebhook(
  db: Db,
  viewer: Actor,
  { isOn, ...name }: Named & { isOn: boolean },
): Promise<void> {
  await requireAccess(db, viewer, name.projectId, 'creator')
  const off = { disabledAt: sql`coalesce(disabled_at, now())` }
  const on = {
    ...{ disabledAt: null, failingSince: null, leasedUntil: null },
    // Pressed while it is on, nothing is left out.
    ledgerNumber: sql`case when disabled_at is null then ledger_number
      else ${booksNow(name.projectId)} end`,
  }
  const changed = await db
    .update(webhooks)
    .set(isOn ? on : off)
    .where(named(name))
    .returning({ id: webhooks.id })
  if (changed.length === 0) throw noSuchWebhook()
}

/** Removes a webhook with all that was sent to it; one that is gone is gone. Throws AppError. */
export async function removeWebhook(db: Db, viewer: Actor, name: Named): Promise<void> {
  await requireAccess(db, viewer, name.projectId, 'creator')
  await db.transaction(async (tx) => {
    // What happens meanwhile waits for this, and then finds none.
    await tx.execute(sql`select from ${webhooks} where ${named(name)} for update`)
    await tx
      .delete(webhookDeliveries)
      .where(
        and(
          eq(webhookDeliveries.projectId, name.projectId),
          eq(webhookDeliveries.webhookId, name.webhookId),
        ),
      )
    await tx.delete(webhooks).where(named(name))
  })
}

/** Sends a webhook something that says only that it works. Throws AppError. */
export async function pingWebhook(
  db: Db,
  viewer: Actor,
  { projectId, webhookId }: Named,
): Promise<void> {
  const { project } = await requireAccess(db, viewer, projectId, 'creator')
  const data = {
    ...{ project_id: project.id, project_title: project.title, project_status: project.status },
  }
  await db.transaction(async (tx) => {
    const [webhook] = await tx
      .select({ disabledAt: webhooks.disabledAt })
      .from(webhooks)
      .where(named({ projectId, webhookId }))
      .for('key share')
    if (!webhook) throw noSuchWebhook()
    if (webhook.disabledAt) throw new AppError('wrong_state', { detail: isOff })
    const body = JSON.stringify({ type: pingKind, timestamp: new Date().toISOString(), data })
    await tx.insert(webhookDeliveries).values({ projectId, webhookId, kind: pingKind, body })
    await wake(tx, { projectId, webhookId })
  })
}

/** Sends again what was sent before, under the same name. Throws AppError. */
export async function replayDelivery(
  db: Db,
  viewer: Actor,
  { deliveryId, ...name }: Named & { deliveryId: number },
): Promise<void> {
  await requireAccess(db, viewer, name.projectId, 'creator')
  await db.transaction(async (tx) => {
    const [webhook] = await tx
      .select({ disabledAt: webhooks.disabledAt })
      .from(webhooks)
      .where(named(name))
      .for('key share')
    if (webhook?.disabledAt) throw new AppError('wrong_state', { detail: isOff })
    const replayed = await tx
      .update(webhookDeliveries)
      .set({ dueAt: sql`now()`, attempts: 0, deliveredAt: null })
      .where(
        and(
          eq(webhookDeliveries.projectId, name.projectId),
          eq(webhookDeliveries.webhookId, name.webhookId),
          eq(webhookDeliveries.id, deliveryId),
        ),
      )
      .returning({ id: webhookDeliveries.id })
    if (replayed.length === 0) throw noSuchWebhook()
    await wake(tx, name)
  })
}

/** Ends the pause after a failure, for somebody who waits to see it work. */
async function wake(tx: Pick<Db, 'update'>, name: Named): Promise<void> {
  await tx
    .update(webhooks)
    .set({ leasedUntil: null })
    .where(and(named(name), sql`failing_since is not null`))
}
