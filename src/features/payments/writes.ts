import { and, eq, isNotNull, isNull, lt, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { cards, providerEvents } from '#db/schema/payments'
import { people } from '#db/schema/projects'
import type { Deps } from '#deps'
import { AppError } from '#lib/errors'
import type { NewCard, PaymentEvent, ProviderName, Webhook } from '#payments/provider'
import { paths } from '#web/paths'
import { findCard, findCustomerRef, listCards, listPaidBy } from './reads'
import { askingDeadlineMs, type Card, cardsMax, eventsKeptDays, withoutHost } from './rules'

type Site = Pick<Deps, 'db' | 'payments' | 'config' | 'log'>

/**
 * Begins to take a card from somebody: returns the address of the provider's page to send the
 * browser to. From there it comes back to `to`, a path of ours, with `card=ID` added to its query;
 * nobody need be signed in for that. Throws AppError: too many cards, or the provider is away.
 */
export async function startCard(
  { db, payments, config, log }: Site,
  person: { id: number; email: string; name: string },
  to: string,
): Promise<string> {
  const [kept, customerRef] = await Promise.all([
    listCards(db, person.id, payments.name),
    findCustomerRef(db, person.id, payments.name),
  ])
  if (kept.length >= cardsMax) throw tooMany()
  const setup = await payments.prepare({
    ...{ key: `card ${crypto.randomUUID()}`, deadlineMs: askingDeadlineMs, person, customerRef },
    returnUrl: config.baseUrl + paths.cardAdded({ to }),
    cancelUrl: config.baseUrl + to,
  })
  if (setup.outcome === 'unknown') throw providerAway(log, setup.reason)
  return withoutHost(setup.url, config.baseUrl)
}

const tooMany = () =>
  new AppError('wrong_state', {
    detail: `You have ${cardsMax} cards, which is as many as one may have. Remove one first.`,
  })

/** Nothing has happened; trying again is safe. */
function providerAway(log: Deps['log'], reason: string): AppError {
  log.warn('the payment provider does not answer', { reason })
  return new AppError('unavailable', {
    detail:
      'The company that handles payments for us does not answer. Nothing was charged. ' +
      'Please try again in a few minutes.',
  })
}

/**
 * Keeps the card that somebody has given the provider; undefined when they have given none. The
 * same one is kept once. Throws AppError: not this viewer's, too many cards, or the provider is away.
 */
export async function addCard(
  { db, payments, log }: Site,
  setupRef: string,
  viewerId: number | undefined,
): Promise<Card | undefined> {
  const given = await payments.authorise(setupRef, askingDeadlineMs)
  if (given.outcome === 'unknown') throw providerAway(log, given.reason)
  if (given.outcome === 'not_finished') return undefined
  const { personId, card } = given
  if (viewerId !== undefined && viewerId !== personId) throw new AppError('not_found')
  const id = await keepCard(db, personId, payments.name, card)
  return await findCard(db, personId, id)
}

async function keepCard(
  db: Db,
  personId: number,
  provider: ProviderName,
  card: NewCard,
): Promise<number> {
  return await db.transaction(async (tx) => {
    // Whoever else adds one for this person waits, so that what is counted is there.
    await tx.execute(sql`select from ${people} where id = ${personId} for no key update`)
    const own = and(eq(cards.personId, personId), eq(cards.provider, provider))
    const [known] = await tx
      .select({ id: cards.id })
      .from(cards)
      .where(and(own, eq(cards.methodRef, card.methodRef)))
    if (known) return known.id
    if ((await tx.$count(cards, and(own, isNull(cards.removedAt)))) >= cardsMax) throw tooMany()
    const [added] = await tx
      .insert(cards)
      .values({ ...card, personId, provider })
      .returning({ id: cards.id })
    return added?.id as number
  })
}

/** Makes this the card that pays where none is named. Throws AppError not_found. */
export async function chooseCard(db: Db, personId: number, id: number): Promise<void> {
  const chosen = await db
    .update(cards)
    .set({ chosenAt: sql`now()` })
    .where(and(eq(cards.personId, personId), eq(cards.id, id), isNull(cards.removedAt)))
    .returning({ id: cards.id })
  if (chosen.length === 0) throw new AppError('not_found')
}

/**
 * Forgets a card, here and at the provider. Returns the projects it still is to pay for, which keep
 * it from going. Removed twice it is removed; throws AppError not_found for anybody else's.
 */
export async function removeCard(
  { db, payments, log }: Pick<Deps, 'db' | 'payments' | 'log'>,
  personId: number,
  id: number,
): Promise<{ id: number; title: string }[]> {
  const { paysFor, removed } = await db.transaction(async (tx) => {
    const [card] = await tx
      .select()
      .from(cards)
      .where(and(eq(cards.personId, personId), eq(cards.id, id)))
      .for('update')
    if (!card) throw new AppError('not_found')
    const paysFor = await listPaidBy(tx, personId, id)
    if (paysFor.length > 0 || card.removedAt) return { paysFor, removed: undefined }
    await tx
      .update(cards)
      .set({ removedAt: sql`now()` })
      .where(and(eq(cards.personId, personId), eq(cards.id, id)))
    return { paysFor, removed: card }
  })
  if (removed?.provider === payments.name) {
    const { customerRef, methodRef } = removed
    const key = `detach ${methodRef}`
    const gone = await payments.detach({
      key,
      deadlineMs: askingDeadlineMs,
      customerRef,
      methodRef,
    })
    if (gone.outcome === 'unknown') {
      log.warn('a removed card may still be with the provider', { card: id, reason: gone.reason })
    }
  }
  return paysFor
}

/** Forgets the cards of somebody who leaves, but for those that still are to pay for something. */
export async function forgetCards(
  deps: Pick<Deps, 'db' | 'payments' | 'log'>,
  personId: number,
): Promise<void> {
  const kept = await listCards(deps.db, personId, deps.payments.name)
  await Promise.all(kept.map(({ id }) => removeCard(deps, personId, id)))
  await deps.db.delete(cards).where(and(eq(cards.personId, personId), isNotNull(cards.removedAt)))
}

/** What a room does about an event; its `db` is the transaction that takes note of it. */
export type ApplyPaymentEvent = (
  deps: Deps,
  told: { provider: ProviderName; event: PaymentEvent },
) => Promise<unknown>

/** Takes note of what a provider tells and does what follows, once however often it is told. */
export async function receiveEvent(
  deps: Deps,
  { eventRef, providerKind, event }: Extract<Webhook, { outcome: 'told' }>,
  apply: ApplyPaymentEvent,
): Promise<void> {
  const provider = deps.payments.name
  await deps.db.transaction(async (tx) => {
    const noted = await tx
      .insert(providerEvents)
      .values({ provider, eventRef, kind: providerKind })
      .onConflictDoNothing()
      .returning({ eventRef: providerEvents.eventRef })
    if (noted.length === 0 || event.kind === 'other') return
    await apply({ ...deps, db: tx as unknown as Db }, { provider, event })
  })
}

/** Forgets what providers told long ago. */
export async function dropOldEvents(db: Db): Promise<void> {
  await db
    .delete(providerEvents)
    .where(lt(providerEvents.receivedAt, sql`now() - make_interval(days => ${eventsKeptDays})`))
}
