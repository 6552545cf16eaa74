import { eq, sql } from 'drizzle-orm'
import type { Db } from './client'
import { prepared } from './prepared'
import { accessTokens, accounts, type scopes } from './schema/accounts'
import { people } from './schema/projects'
import { type Viewer, viewerColumns } from './sessions'

export type Scope = (typeof scopes)[number]

/** Whom a program acts for, and in what. */
export interface TokenHolder {
  viewer: Viewer
  scopes: readonly Scope[]
}

/** Of every token, so that whoever finds one knows what it is. */
export const tokenPrefix = 'jst_'

const usedEverySeconds = 3600

const holderByToken = prepared((db) =>
  db
    .select({
      ...viewerColumns,
      scopes: accessTokens.scopes,
      unusedSeconds:
        sql<number>`coalesce(extract(epoch from now() - ${accessTokens.usedAt}), 'infinity')::float8`.as(
          'unused_seconds',
        ),
    })
    .from(accessTokens)
    .innerJoin(accounts, eq(accounts.personId, accessTokens.personId))
    .innerJoin(people, eq(people.id, accounts.personId))
    .where(
      sql`${accessTokens.tokenHash} = ${sql.placeholder('hash')}
        and ${accessTokens.expiresAt} > now()`,
    )
    .prepare('holder_by_token'),
)

/** Who has this token; undefined when it is unknown, revoked or too old. */
export async function findTokenHolder(
  db: Db,
  tokenHash: Uint8Array,
): Promise<TokenHolder | undefined> {
  const [row] = await holderByToken(db).execute({ hash: tokenHash })
  if (!row) return undefined
  const { scopes, unusedSeconds, ...viewer } = row
  if (unusedSeconds > usedEverySeconds) await markUsed(db, tokenHash)
  return { viewer, scopes }
}

async function markUsed(db: Db, tokenHash: Uint8Array): Promise<void> {
  await db
    .update(accessTokens)
    .set({ usedAt: sql`now()` })
    .where(eq(accessTokens.tokenHash, tokenHash))
}

/** Revokes all tokens of a person; returns how many there were. */
export async function revokeTokens(tx: Pick<Db, 'delete'>, personId: number): Promise<number> {
  const { count } = await tx.delete(accessTokens).where(eq(accessTokens.personId, personId))
  return count
}

/** Forgets tokens a month after they have run out: until then their owner sees that they have. */
export async function dropExpiredTokens(db: Db): Promise<void> {
  await db
    .delete(accessTokens)
    .where(sql`${accessTokens.expiresAt} < now() - make_interval(days => 30)`)
}
