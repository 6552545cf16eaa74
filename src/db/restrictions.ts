import { sql } from 'drizzle-orm'
import type { Db } from './client'
import { restrictionKinds, restrictions } from './schema/trust'

export type Restriction = Awaited<ReturnType<typeof listRestrictions>>[number]

/** What staff has taken from a person for now, why, and until when: null until it is lifted. */
export async function listRestrictions(db: Pick<Db, 'select'>, personId: number) {
  return await db
    .select({
      kind: restrictions.kind,
      reason: restrictions.reason,
      until: restrictions.until,
      createdAt: restrictions.createdAt,
    })
    .from(restrictions)
    .where(
      sql`${restrictions.personId} = ${personId}
        and (${restrictions.until} is null or ${restrictions.until} > now())`,
    )
    .orderBy(restrictions.kind)
    .limit(restrictionKinds.length)
}
