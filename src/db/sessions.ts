import { and, eq, sql } from 'drizzle-orm'
import type { Db } from './client'
import { coalescedByKey } from './coalesce'
import { prepared } from './prepared'
import { accounts, sessions } from './schema/accounts'
import { activities } from './schema/contact'
import { people } from './schema/projects'
import { type RestrictionKind, restrictions } from './schema/trust'

/** Somebody who is signed in. */
export interface Viewer {
  id: number
  name: string
  /** The hash of their picture. */
  image: string | null
  email: string
  role: 'member' | 'staff'
  /** What staff has taken from them for now. */
  restrictions: RestrictionKind[]
  /** Events on their activity page that they have not seen, up to a hundred. */
  unseen: number
}

/** Without a visit for so long, or after so long in any case, one signs in again. */
const idleDays = 30
export const sessionDays = 90
const seenEverySeconds = 3600
/** So long a code may be typed after the password. */
const pendingMinutes = 10

const aliveSince = sql.raw(`now() - interval '${idleDays} days'`)

const unseenMax = 100

/** What is known of whoever asks; from `accounts` joined with `people`. */
export const viewerColumns = {
  id: accounts.personId,
  name: people.name,
  image: people.image,
  email: accounts.email,
  role: accounts.role,
  restrictions: sql<RestrictionKind[]>`array(
    select r.kind from ${restrictions} r where r.person_id = ${accounts.personId}
      and (r.until is null or r.until > now()))`.as('restrictions'),
  unseen: sql<number>`(select count(*)::int from (
    select from ${activities} a where a.person_id = ${accounts.personId}
      and a.event_id > ${accounts.seenEvent} limit ${sql.raw(String(unseenMax))}) unseen)`.as(
    'unseen',
  ),
}

const viewersByTokens = prepared((db) =>
  db
    .select({
      ...viewerColumns,
      tokenHash: sessions.tokenHash,
      unseenSeconds: sql<number>`extract(epoch from now() - ${sessions.seenAt})::float8`.as(
        'unseen_seconds',
      ),
    })
    .from(sessions)
    .innerJoin(accounts, eq(accounts.personId, sessions.personId))
    .innerJoin(people, eq(people.id, accounts.personId))
    .where(
      sql`${sessions.tokenHash} = any(${sql.placeholder('hashes')}) and ${sessions.expiresAt} > now()
        and ${sessions.seenAt} > ${aliveSince} and not ${sessions.pending}`,
    )
    .prepare('viewers_by_tokens'),
)

/** As an element of a Postgres array. */
const elementOf = (tokenHash: Uint8Array) => `"\\\\x${Buffer.from(tokenHash).toString('hex')}"`

const viewerByToken = coalescedByKey(
  (db, hashes: string[]) => viewersByTokens(db).execute({ hashes: `{${hashes.join()}}` }),
  ({ tokenHash }) => elementOf(tokenHash),
)

/** Whose session waits for a code; undefined when none does, or no longer. */
export async function findPending(db: Db, tokenHash: Uint8Array): Promise<number | undefined> {
  const [row] = await db
    .select({ personId: sessions.personId })
    .from(sessions)
    .where(
      sql`${sessions.tokenHash} = ${tokenHash} and ${sessions.pending}
        and ${sessions.createdAt} > now() - ${sql.raw(`interval '${pendingMinutes} minutes'`)}`,
    )
  return row?.personId
}

/** Who has this session; undefined when it is over. */
export async function findViewer(db: Db, tokenHash: Uint8Array): Promise<Viewer | undefined> {
  const [row] = await viewerByToken(db, elementOf(tokenHash))
  if (!row) return undefined
  const { unseenSeconds, tokenHash: _, ...viewer } = row
  if (unseenSeconds > seenEverySeconds) await markSeen(db, tokenHash)
  return viewer
}

async function markSeen(db: Db, tokenHash: Uint8Array): Promise<void> {
  await db.update(sessions).set({ seenAt: sql`now()` }).where(eq(sessions.tokenHash, tokenHash))
}

type Tx = Pick<Db, 'insert' | 'delete'>

/** Opens a session for 90 days. */
export async function openSession(
  tx: Tx,
  session: { tokenHash: Uint8Array; personId: number; userAgent: string; pending: boolean },
): Promise<void> {
  const expiresAt = sql.raw(`now() + interval '${sessionDays} days'`)
  await tx.insert(sessions).values({ ...session, expiresAt })
}

export async function endSession(tx: Tx, tokenHash: Uint8Array): Promise<void> {
  await tx.delete(sessions).where(eq(sessions.tokenHash, tokenHash))
}

/** Ends all sessions of a person, but for one if given; returns how many there were. */
export async function endSessions(tx: Tx, personId: number, but?: Uint8Array): Promise<number> {
  const others = but && sql`${sessions.tokenHash} <> ${but}`
  const { count } = await tx.delete(sessions).where(and(eq(sessions.personId, personId), others))
  return count
}

/** Forgets sessions that are over. */
export async function dropEndedSessions(db: Db): Promise<void> {
  await db
    .delete(sessions)
    .where(sql`${sessions.expiresAt} < now() or ${sessions.seenAt} < ${aliveSince}`)
}
