import { sql } from 'drizzle-orm'
import { check, foreignKey, index, integer, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { id, sqlList, time } from './columns'
import { people, projects } from './projects'

/** Somebody wants to hear of what a creator does. */
export const follows = pgTable(
  'follows',
  {
    creatorId: id()
      .notNull()
      .references(() => people.id),
    followerId: id()
      .notNull()
      .references(() => people.id),
    createdAt: time().notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.creatorId, t.followerId] }),
    index('follows_by_follower').on(t.followerId, t.createdAt),
  ],
)

/** Somebody wants nothing more from somebody else. */
export const blocks = pgTable(
  'blocks',
  {
    personId: id()
      .notNull()
      .references(() => people.id),
    blockedId: id()
      .notNull()
      .references(() => people.id),
    createdAt: time().notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.personId, t.blockedId] })],
)

/** What the creator of a project and a member write to each other. */
export const conversations = pgTable(
  'conversations',
  {
    projectId: id()
      .notNull()
      .references(() => projects.id),
    memberId: id()
      .notNull()
      .references(() => people.id),
    creatorId: id()
      .notNull()
      .references(() => people.id),
    lastAt: time().notNull().defaultNow(),
    /** How many messages each side has not read. */
    unreadByMember: integer().notNull().default(0),
    unreadByCreator: integer().notNull().default(0),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.memberId] }),
    index('conversations_by_member').on(t.memberId, t.lastAt),
    index('conversations_by_creator').on(t.creatorId, t.lastAt),
    index('conversations_by_project').on(t.projectId, t.lastAt),
  ],
)

export const messages = pgTable(
  'messages',
  {
    projectId: id().notNull(),
    memberId: id().notNull(),
    id: id().notNull().generatedAlwaysAsIdentity(),
    authorId: id()
      .notNull()
      .references(() => people.id),
    body: text().notNull(),
    createdAt: time().notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.memberId, t.id] }),
    foreignKey({
      name: 'messages_conversation',
      columns: [t.projectId, t.memberId],
      foreignColumns: [conversations.projectId, conversations.memberId],
    }),
  ],
)

export type EventKind =
  | `project_${'launched' | 'canceled' | 'successful' | 'failed'}`
  | `project_${'approved' | 'sent_back' | 'rejected' | 'suspended'}`
  | `project_${'hidden' | 'shown'}`
  | `update_${'published' | 'hidden'}`
  | `comment_${'posted' | 'hidden'}`
  | 'message_sent'
  | 'person_followed'
  | 'person_restricted'
  | 'person_unrestricted'
  | 'collaborator_invited'
  | 'survey_sent'

/** What has happened and is still to be told, each to those whom it concerns. */
export const events = pgTable(
  'events',
  {
    id: id().primaryKey().generatedAlwaysAsIdentity(),
    kind: text().$type<EventKind>().notNull(),
    aboutProject: id(),
    /** The update, comment or message it is about. */
    subject: id(),
    /** Who did it; null for the clock. */
    actorId: id(),
    /** The one whom it concerns, where that is one. */
    recipientId: id(),
    reason: text().notNull().default(''),
    createdAt: time().notNull().defaultNow(),
    /** Everybody up to this number has been told. */
    toldUpTo: id().notNull().default(0),
    /** When it is told next, so that a long one lets the others have their turn. */
    dueAt: time().notNull().defaultNow(),
    toldAt: time(),
  },
  (t) => [
    index('events_due').on(t.dueAt).where(sql`told_at is null`),
    index('events_told').on(t.toldAt).where(sql`told_at is not null`),
  ],
)

/** What a person finds in their activity: an event that concerns them. */
export const activities = pgTable(
  'activities',
  {
    personId: id()
      .notNull()
      .references(() => people.id),
    eventId: id().notNull(),
    kind: text().$type<EventKind>().notNull(),
    aboutProject: id(),
    subject: id(),
    actorId: id(),
    reason: text().notNull().default(''),
    createdAt: time().notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.personId, t.eventId] }),
    index('activities_age').on(t.createdAt),
  ],
)

export const mailTopics = [
  ...(['updates', 'replies', 'comments', 'messages'] as const),
  ...(['launches', 'reminders', 'endings', 'followers'] as const),
] as const

/** What a person does not want by mail; what is not here is sent. */
export const mutedTopics = pgTable(
  'muted_topics',
  {
    personId: id()
      .notNull()
      .references(() => people.id),
    topic: text({ enum: mailTopics }).notNull(),
  },
  (t) => [
    primaryKey({ columns: [t.personId, t.topic] }),
    check('muted_topics_topic', sql`${t.topic} in (${sql.raw(sqlList(mailTopics))})`),
  ],
)
