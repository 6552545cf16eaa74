import { and, eq, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { addresses } from '#db/schema/fulfilment'
import { people } from '#db/schema/projects'
import { AppError } from '#lib/errors'
import { listAddresses } from '../reads/addresses'
import { addressesMax, type NewAddress } from '../rules/addresses'

type Tx = Parameters<Parameters<Db['transaction']>[0]>[0]

const own = (personId: number, id: number) =>
  and(eq(addresses.personId, personId), eq(addresses.id, id))

/** One book is written by one at a time. */
async function openBook(tx: Tx, personId: number) {
  await tx
    .select({ id: people.id })
    .from(people)
    .where(eq(people.id, personId))
    .for('no key update')
  return await listAddresses(tx, personId)
}

async function setDefault(tx: Tx, personId: number, id: number) {
  await tx
    .update(addresses)
    .set({ isDefault: sql`${addresses.id} = ${id}` })
    .where(eq(addresses.personId, personId))
}

/** Adds an address, once, the first as the one used first; or says that there are too many. */
export async function addAddress(
  db: Db,
  personId: number,
  address: NewAddress,
): Promise<{ id: number } | { wrong: 'many' }> {
  const { isDefault, ...given } = address
  return await db.transaction(async (tx) => {
    const book = await openBook(tx, personId)
    const same = book.find((each) =>
      Object.entries(given).every(([name, value]) => each[name as keyof typeof given] === value),
    )
    if (!same && book.length >= addressesMax) return { wrong: 'many' }
    const [row] = same
      ? [same]
      : await tx
          .insert(addresses)
          .values({ personId, ...given })
          .returning({ id: addresses.id })
    const id = row?.id ?? 0
    if (isDefault || book.length === 0) await setDefault(tx, personId, id)
    return { id }
  })
}

/** Changes it in the book; what was sent with a survey stays. Throws AppError not_found. */
export async function changeAddress(
  db: Db,
  personId: number,
  id: number,
  { isDefault, ...given }: NewAddress,
): Promise<void> {
  await db.transaction(async (tx) => {
    await openBook(tx, personId)
    const changed = await tx
      .update(addresses)
      .set(given)
      .where(own(personId, id))
      .returning({ id: addresses.id })
    if (changed.length === 0) throw new AppError('not_found')
    if (isDefault) await setDefault(tx, personId, id)
  })
}

/** Makes it the one that is proposed first. Throws AppError not_found. */
export async function chooseDefaultAddress(db: Db, personId: number, id: number): Promise<void> {
  await db.transaction(async (tx) => {
    const book = await openBook(tx, personId)
    if (!book.some((address) => address.id === id)) throw new AppError('not_found')
    await setDefault(tx, personId, id)
  })
}

/** Takes it out of the book; another becomes the default. Doing it twice changes nothing. */
export async function removeAddress(db: Db, personId: number, id: number): Promise<void> {
  await db.transaction(async (tx) => {
    const book = await openBook(tx, personId)
    await tx.delete(addresses).where(own(personId, id))
    const next = book.find((address) => address.id !== id)
    const wasDefault = book.some((address) => address.id === id && address.isDefault)
    if (wasDefault && next) await setDefault(tx, personId, next.id)
  })
}
