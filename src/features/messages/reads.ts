import { and, desc, eq, isNotNull, type SQL, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import type { Db } from '#db/client'
import { prepared } from '#db/prepared'
import { blocks, conversations, messages } from '#db/schema/contact'
import { collaborators } from '#db/schema/making'
import { people, projects } from '#db/schema/projects'
import { cutPage } from '#lib/page'
import {
  type ConversationPlace,
  conversationsPageRows,
  messagesPageRows,
  placeText,
  type Side,
  sideOf,
} from './rules'

export interface ConversationKey {
  projectId: number
  memberId: number
}

const member = alias(people, 'member')
const creator = alias(people, 'creator')

const blockOf = (person: SQL.Aliased | SQL, blocked: SQL.Aliased | SQL) =>
  sql<boolean>`exists (select from ${blocks} b
    where b.person_id = ${person} and b.blocked_id = ${blocked})`

export type Conversation = NonNullable<Awaited<ReturnType<typeof findConversation>>>

/**
 * What a member and the makers of a project write to each other, as one of them sees it; undefined
 * for everybody else, and where there may be none.
 */
export async function findConversation(
  db: Pick<Db, 'select'>,
  viewerId: number,
  { projectId, memberId }: ConversationKey,
) {
  const one = sql`${viewerId}::bigint`
  const asker = sql`${memberId}::bigint`
  const owner = sql`${projects.creatorId}`
  const [row] = await db
    .select({
      project: {
        id: projects.id,
        title: projects.title,
        status: projects.status,
        hiddenAt: projects.hiddenAt,
        creatorId: projects.creatorId,
      },
      memberId: member.id,
      memberName: member.name,
      memberImage: member.image,
      creatorName: creator.name,
      creatorImage: creator.image,
      permissions: collaborators.permissions,
      hasBegun: sql<boolean>`${conversations.memberId} is not null`,
      unreadByMember: conversations.unreadByMember,
      unreadByCreator: conversations.unreadByCreator,
      isLeft: sql<boolean>`${member.deletedAt} is not null or ${creator.deletedAt} is not null`,
      ownBlock: sql<boolean>`${blockOf(one, asker)} or ${blockOf(one, owner)}`,
      anyBlock: sql<boolean>`${blockOf(asker, owner)} or ${blockOf(owner, asker)}
        or ${blockOf(asker, one)} or ${blockOf(one, asker)}`,
    })
    .from(projects)
    .innerJoin(creator, eq(creator.id, projects.creatorId))
    .innerJoin(member, eq(member.id, memberId))
    .leftJoin(
      conversations,
      and(eq(conversations.projectId, projects.id), eq(conversations.memberId, memberId)),
    )
    .leftJoin(
      collaborators,
      and(
        eq(collaborators.projectId, projects.id),
        eq(collaborators.personId, viewerId),
        isNotNull(collaborators.acceptedAt),
      ),
    )
    .where(eq(projects.id, projectId))
  const side = row && sideOf(viewerId, row)
  if (!row || !side) return undefined
  const { project, hasBegun } = row
  const other =
    side === 'member'
      ? { id: project.creatorId, name: row.creatorName, image: row.creatorImage }
      : { id: memberId, name: row.memberName, image: row.memberImage }
  return {
    ...{ project, memberId, side, other, hasBegun },
    unread: (side === 'member' ? row.unreadByMember : row.unreadByCreator) ?? 0,
    /** Why nobody can write here, by whose doing. */
    closed: closedBy(row),
  }
}

function closedBy(row: { isLeft: boolean; ownBlock: boolean; anyBlock: boolean }) {
  if (row.isLeft) return 'left' as const
  if (!row.anyBlock) return undefined
  return row.ownBlock ? ('viewer' as const) : ('other' as const)
}

const messagesOf = prepared((db) =>
  db
    .select({
      id: messages.id,
      authorId: messages.authorId,
      authorName: people.name,
      body: messages.body,
      createdAt: messages.createdAt,
    })
    .from(messages)
    .innerJoin(people, eq(people.id, messages.authorId))
    .where(
      sql`${messages.projectId} = ${sql.placeholder('projectId')}
        and ${messages.memberId} = ${sql.placeholder('memberId')}
        and ${messages.id} < ${sql.placeholder('before')}`,
    )
    .orderBy(desc(messages.id))
    .limit(messagesPageRows + 1)
    .prepare('messages_of'),
)

export type Message = Awaited<ReturnType<typeof listMessages>>['messages'][number]

/**
 * Thirty messages below the id `before`, the oldest of them first. `earlier` is where those before
 * them are.
 */
export async function listMessages(db: Db, key: ConversationKey, before = Number.MAX_SAFE_INTEGER) {
  const rows = await messagesOf(db).execute({ ...key, before })
  const { page, next } = cutPage(rows, messagesPageRows, ({ id }) => id)
  return { messages: page.toReversed(), earlier: next }
}

interface ListRow extends Record<string, unknown> {
  project_id: number
  title: string
  member_id: number
  member_name: string
  member_image: string | null
  creator_id: number
  creator_name: string
  creator_image: string | null
  unread: number
  at: string
  message_id: number
  author_id: number
  body: string
}

/** Conversations of one side, the latest first below a place. */
const ofSide = (condition: SQL, unread: SQL, side: Side, after: ConversationPlace | undefined) => {
  const below = after
    ? sql`and (c.last_at, c.project_id, c.member_id) < (timestamptz 'epoch'
        + ${after.at}::bigint * interval '1 microsecond', ${after.projectId}, ${after.memberId})`
    : sql``
  return sql`(select c.*, ${unread} as unread, ${side} as side from conversations c
    where ${condition} ${below}
    order by c.last_at desc, c.project_id desc, c.member_id desc
    limit ${conversationsPageRows + 1})`
}

async function listRows(db: Db, lists: SQL) {
  const rows = await db.execute<ListRow & { side: Side }>(sql`
    select c.project_id::float8 as project_id, p.title, c.side, c.unread,
      c.member_id::float8 as member_id, m.name as member_name, m.image as member_image,
      c.creator_id::float8 as creator_id, o.name as creator_name, o.image as creator_image,
      (extract(epoch from c.last_at) * 1000000)::bigint::text as at,
      l.id::float8 as message_id, l.author_id::float8 as author_id, left(l.body, 1000) as body
    from (select * from (${lists}) both_sides
      order by last_at desc, project_id desc, member_id desc
      limit ${conversationsPageRows + 1}) c
    join projects p on p.id = c.project_id
    join people m on m.id = c.member_id
    join people o on o.id = c.creator_id
    join lateral (select id, author_id, body from messages
      where project_id = c.project_id and member_id = c.member_id
      order by id desc limit 1) l on true
    order by c.last_at desc, c.project_id desc, c.member_id desc`)
  return cutPage(rows.map(toListed), conversationsPageRows, placeText)
}

export type ListedConversation = Awaited<ReturnType<typeof listRows>>['page'][number]

const toListed = (row: ListRow & { side: Side }) => ({
  projectId: row.project_id,
  title: row.title,
  memberId: row.member_id,
  unread: row.unread,
  at: row.at,
  lastAt: new Date(Number(row.at) / 1_000),
  other:
    row.side === 'member'
      ? { id: row.creator_id, name: row.creator_name, image: row.creator_image }
      : { id: row.member_id, name: row.member_name, image: row.member_image },
  last: { id: row.message_id, authorId: row.author_id, body: row.body },
})

/** Everything a person takes part in as a member or a creator, the latest first. */
export async function listConversations(db: Db, personId: number, after?: ConversationPlace) {
  const asMember = ofSide(sql`c.member_id = ${personId}`, sql`c.unread_by_member`, 'member', after)
  const asCreator = ofSide(
    sql`c.creator_id = ${personId}`,
    sql`c.unread_by_creator`,
    'creator',
    after,
  )
  return await listRows(db, sql`${asMember} union all ${asCreator}`)
}

/** What members have written about one project, as its makers see it. */
export async function listProjectConversations(
  db: Db,
  projectId: number,
  after?: ConversationPlace,
) {
  const condition = sql`c.project_id = ${projectId}`
  return await listRows(db, ofSide(condition, sql`c.unread_by_creator`, 'creator', after))
}
