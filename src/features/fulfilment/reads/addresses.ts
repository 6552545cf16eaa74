import { and, desc, eq } from 'drizzle-orm'
import type { Db } from '#db/client'
import { addresses } from '#db/schema/fulfilment'
import { addressesMax } from '../rules/addresses'

const columns = {
  id: addresses.id,
  name: addresses.name,
  line1: addresses.line1,
  line2: addresses.line2,
  city: addresses.city,
  state: addresses.state,
  postcode: addresses.postcode,
  country: addresses.country,
  phone: addresses.phone,
  isDefault: addresses.isDefault,
}

export type Address = Awaited<ReturnType<typeof listAddresses>>[number]

/** Somebody's address book, the one they use first at the top. */
export async function listAddresses(db: Pick<Db, 'select'>, personId: number) {
  return await db
    .select(columns)
    .from(addresses)
    .where(eq(addresses.personId, personId))
    .orderBy(desc(addresses.isDefault), addresses.id)
    .limit(addressesMax)
}

/** One of somebody's addresses. */
export async function findAddress(
  db: Pick<Db, 'select'>,
  personId: number,
  id: number,
): Promise<Address | undefined> {
  const [row] = await db
    .select(columns)
    .from(addresses)
    .where(and(eq(addresses.personId, personId), eq(addresses.id, id)))
  return row
}
