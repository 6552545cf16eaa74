import { and, desc, eq, isNull, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { prepared } from '#db/prepared'
import { pledges } from '#db/schema/backing'
import { cards } from '#db/schema/payments'
import { projects } from '#db/schema/projects'
import type { ProviderName } from '#payments/provider'
import { type Card, cardsMax } from './rules'

const columns = {
  id: cards.id,
  provider: cards.provider,
  customerRef: cards.customerRef,
  methodRef: cards.methodRef,
  brand: cards.brand,
  lastFour: cards.lastFour,
  expiryMonth: cards.expiryMonth,
  expiryYear: cards.expiryYear,
}

const cardsOf = prepared((db) =>
  db
    .select(columns)
    .from(cards)
    .where(
      and(
        eq(cards.personId, sql.placeholder('personId')),
        eq(cards.provider, sql.placeholder('provider')),
        isNull(cards.removedAt),
      ),
    )
    .orderBy(desc(cards.chosenAt))
    .limit(cardsMax)
    .prepare('cards_of_person'),
)

/** The cards a person can pay with at this provider; the first is the one they have chosen. */
export async function listCards(db: Db, personId: number, provider: ProviderName): Promise<Card[]> {
  return await cardsOf(db).execute({ personId, provider })
}

const cardById = prepared((db) =>
  db
    .select(columns)
    .from(cards)
    .where(
      and(
        eq(cards.personId, sql.placeholder('personId')),
        eq(cards.id, sql.placeholder('id')),
        isNull(cards.removedAt),
      ),
    )
    .prepare('card_by_id'),
)

/** A card of this person that they have not removed; undefined for anybody else's. */
export async function findCard(db: Db, personId: number, id: number): Promise<Card | undefined> {
  const [card] = await cardById(db).execute({ personId, id })
  return card
}

/** The provider's name for a person, known since their first card. */
export async function findCustomerRef(
  db: Db,
  personId: number,
  provider: ProviderName,
): Promise<string | null> {
  const [card] = await db
    .select({ customerRef: cards.customerRef })
    .from(cards)
    .where(and(eq(cards.personId, personId), eq(cards.provider, provider)))
    .orderBy(desc(cards.id))
    .limit(1)
  return card?.customerRef ?? null
}

/** As many as are named to somebody who would remove the card. */
const namedMax = 5

/** Projects that a card still is to pay for. */
export async function listPaidBy(db: Pick<Db, 'select'>, personId: number, cardId: number) {
  return await db
    .select({ id: projects.id, title: projects.title })
    .from(pledges)
    .innerJoin(projects, eq(projects.id, pledges.projectId))
    .where(
      and(
        eq(pledges.backerId, personId),
        eq(pledges.cardId, cardId),
        sql`${pledges.status} in ('pledged', 'errored')`,
      ),
    )
    .limit(namedMax)
}
