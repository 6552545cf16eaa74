import { desc, eq } from 'drizzle-orm'
import type { Db } from '#db/client'
import { accessTokens } from '#db/schema/accounts'
import { accessTokensMax } from '../rules'

export type AccessToken = Awaited<ReturnType<typeof listAccessTokens>>[number]

/** The programs that may act for a person, the newest first; also those that no longer may. */
export async function listAccessTokens(db: Pick<Db, 'select'>, personId: number) {
  return await db
    .select({
      id: accessTokens.id,
      name: accessTokens.name,
      scopes: accessTokens.scopes,
      createdAt: accessTokens.createdAt,
      usedAt: accessTokens.usedAt,
      expiresAt: accessTokens.expiresAt,
    })
    .from(accessTokens)
    .where(eq(accessTokens.personId, personId))
    .orderBy(desc(accessTokens.id))
    .limit(accessTokensMax)
}
