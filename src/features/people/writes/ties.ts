import { sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { recordEvent } from '#db/events'
import { blocks, follows } from '#db/schema/contact'
import { people } from '#db/schema/projects'
import type { Viewer } from '#db/sessions'
import { AppError } from '#lib/errors'
import { areBlocked } from '../reads/ties'

type One = Pick<Viewer, 'id'>
type Tx = Pick<Db, 'select' | 'insert' | 'delete'>

/**
 * Follows a person, who is told; doing it twice changes nothing. Throws AppError invalid_input for
 * oneself, person_not_found, or blocked when one of the two has blocked the other.
 */
export async function follow(db: Db, viewer: One, personId: number): Promise<void> {
  await db.transaction(async (tx) => {
    await requireOther(tx, viewer, personId)
    if (await areBlocked(tx, viewer.id, personId)) throw new AppError('blocked')
    const added = await tx
      .insert(follows)
      .values({ creatorId: personId, followerId: viewer.id })
      .onConflictDoNothing()
      .returning({ creatorId: follows.creatorId })
    if (added.length === 0) return
    await recordEvent(tx, {
      kind: 'person_followed',
      actorId: viewer.id,
      recipientId: personId,
    })
  })
}

/** The reverse, of which nobody is told. */
export async function unfollow(
  db: Pick<Db, 'delete'>,
  viewer: One,
  personId: number,
): Promise<void> {
  await db
    .delete(follows)
    .where(sql`${follows.creatorId} = ${personId} and ${follows.followerId} = ${viewer.id}`)
}

/**
 * Blocks a person: neither can write to the other or follow them. Whoever followed the other no
 * longer does. Throws AppError invalid_input for oneself, or person_not_found.
 */
export async function block(db: Db, viewer: One, personId: number): Promise<void> {
  await db.transaction(async (tx) => {
    await requireOther(tx, viewer, personId)
    await tx
      .insert(blocks)
      .values({ personId: viewer.id, blockedId: personId })
      .onConflictDoNothing()
    await tx.delete(follows).where(sql`(${follows.creatorId}, ${follows.followerId})
      in ((${viewer.id}, ${personId}), (${personId}, ${viewer.id}))`)
  })
}

/** The reverse; nobody follows anybody again by it. */
export async function unblock(
  db: Pick<Db, 'delete'>,
  viewer: One,
  personId: number,
): Promise<void> {
  await db
    .delete(blocks)
    .where(sql`${blocks.personId} = ${viewer.id} and ${blocks.blockedId} = ${personId}`)
}

/** Locked, so that of a follow and a block at once the later sees the earlier. */
async function requireOther(tx: Tx, viewer: One, personId: number): Promise<void> {
  const pair = await tx
    .select({ id: people.id })
    .from(people)
    .where(sql`${people.id} in (${viewer.id}, ${personId}) and ${people.deletedAt} is null`)
    .orderBy(people.id)
    .for('no key update')
  if (personId === viewer.id) throw new AppError('invalid_input', { detail: 'That is you.' })
  if (!pair.some(({ id }) => id === personId)) throw new AppError('person_not_found')
}
