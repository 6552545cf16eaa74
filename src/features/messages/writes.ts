import { and, desc, eq, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { recordEvent } from '#db/events'
import { conversations, messages } from '#db/schema/contact'
import type { Viewer } from '#db/sessions'
import { AppError } from '#lib/errors'
import { type ConversationKey, findConversation } from './reads'
import { type Side, twiceMinutes } from './rules'

type Tx = Pick<Db, 'select' | 'insert' | 'update'>

/**
 * Writes to the other side, who is told; the first message of a member begins the conversation.
 * Sent twice in a row it is one. Returns the id. Throws AppError conversation_not_found to whoever
 * takes no part, or blocked.
 */
export async function sendMessage(
  db: Db,
  viewer: Pick<Viewer, 'id'>,
  { body, ...key }: ConversationKey & { body: string },
): Promise<number> {
  return await db.transaction(async (tx) => {
    const conversation = await findConversation(tx, viewer.id, key)
    if (!conversation) throw new AppError('conversation_not_found')
    if (conversation.closed) throw new AppError('blocked')
    const { project, side, other } = conversation
    // Whoever else writes here waits, so that what was said last is known.
    await tx
      .insert(conversations)
      .values({ ...key, creatorId: project.creatorId })
      .onConflictDoUpdate({
        target: [conversations.projectId, conversations.memberId],
        set: { lastAt: sql`${conversations.lastAt}` },
      })
    const before = await lastJustNow(tx, key)
    if (before?.authorId === viewer.id && before.body === body) return before.id
    const [row] = await tx
      .insert(messages)
      .values({ ...key, authorId: viewer.id, body })
      .returning({ id: messages.id })
    const unread = side === 'member' ? 'unreadByCreator' : 'unreadByMember'
    await tx
      .update(conversations)
      .set({ lastAt: sql`now()`, [unread]: sql`${conversations[unread]} + 1` })
      .where(isThis(key))
    const id = row?.id ?? 0
    await recordEvent(tx, {
      kind: 'message_sent',
      aboutProject: key.projectId,
      subject: id,
      actorId: viewer.id,
      recipientId: other.id,
    })
    return id
  })
}

const isThis = ({ projectId, memberId }: ConversationKey) =>
  and(eq(conversations.projectId, projectId), eq(conversations.memberId, memberId))

async function lastJustNow(tx: Tx, { projectId, memberId }: ConversationKey) {
  const [row] = await tx
    .select({ id: messages.id, authorId: messages.authorId, body: messages.body })
    .from(messages)
    .where(
      sql`${messages.projectId} = ${projectId} and ${messages.memberId} = ${memberId}
        and ${messages.createdAt} > now() - make_interval(mins => ${twiceMinutes})`,
    )
    .orderBy(desc(messages.id))
    .limit(1)
  return row
}

/** One side has read all up to the message `upTo`; what has come since is still unread. */
export async function markRead(
  db: Pick<Db, 'update'>,
  key: ConversationKey,
  side: Side,
  upTo: number,
): Promise<void> {
  const unread = sql`(select count(*) from ${messages} m
    where m.project_id = ${key.projectId} and m.member_id = ${key.memberId} and m.id > ${upTo}
      and (m.author_id = m.member_id) = ${side === 'creator'})`
  await db
    .update(conversations)
    .set(side === 'member' ? { unreadByMember: unread } : { unreadByCreator: unread })
    .where(isThis(key))
}
