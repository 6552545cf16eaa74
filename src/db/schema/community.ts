import { sql } from 'drizzle-orm'
import {
  check,
  foreignKey,
  index,
  integer,
  pgTable,
  primaryKey,
  smallint,
  text,
} from 'drizzle-orm/pg-core'
import { count, id, sqlList, time } from './columns'
import { audiences } from './making'
import { people, projects } from './projects'

export const updates = pgTable(
  'updates',
  {
    projectId: id()
      .notNull()
      .references(() => projects.id),
    number: integer().notNull(),
    title: text().notNull(),
    body: text().notNull(),
    publishedAt: time().notNull(),
    likesCount: count(),
    commentsCount: count(),
    audience: text({ enum: audiences }).notNull().default('everyone'),
    /** Null: the creator. */
    authorId: id().references(() => people.id),
    editedAt: time(),
    /** Staff has taken it down; why is in the audit log. */
    hiddenAt: time(),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.number] }),
    check('updates_audience', sql`${t.audience} in (${sql.raw(sqlList(audiences))})`),
  ],
)

export const updateLikes = pgTable(
  'update_likes',
  {
    projectId: id().notNull(),
    updateNumber: integer().notNull(),
    personId: id()
      .notNull()
      .references(() => people.id),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.updateNumber, t.personId] }),
    index('update_likes_by_person').on(t.personId, t.projectId, t.updateNumber),
    foreignKey({
      name: 'update_likes_update',
      columns: [t.projectId, t.updateNumber],
      foreignColumns: [updates.projectId, updates.number],
    }),
  ],
)

/** On the project itself or, with an update's number, on that update; one level of replies. */
export const comments = pgTable(
  'comments',
  {
    projectId: id()
      .notNull()
      .references(() => projects.id),
    id: id().notNull().generatedAlwaysAsIdentity(),
    updateNumber: integer(),
    parentId: id(),
    authorId: id()
      .notNull()
      .references(() => people.id),
    body: text().notNull(),
    createdAt: time().notNull().defaultNow(),
    repliesCount: count(),
    /** The creator wants it to be seen first. */
    pinnedAt: time(),
    /** Staff has taken it down; why is in the audit log. */
    hiddenAt: time(),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.id] }),
    foreignKey({
      name: 'comments_update',
      columns: [t.projectId, t.updateNumber],
      foreignColumns: [updates.projectId, updates.number],
    }),
    foreignKey({
      name: 'comments_parent',
      columns: [t.projectId, t.parentId],
      foreignColumns: [t.projectId, t.id],
    }),
    index('comments_threads')
      .on(t.projectId, t.id)
      .where(sql`parent_id is null and update_number is null`),
    index('comments_update_threads')
      .on(t.projectId, t.updateNumber, t.id)
      .where(sql`parent_id is null and update_number is not null`),
    index('comments_by_author').on(t.authorId, t.projectId, t.id),
    index('comments_pinned')
      .on(t.projectId, t.pinnedAt)
      .where(sql`pinned_at is not null and parent_id is null and update_number is null`),
    index('comments_replies').on(t.projectId, t.parentId, t.id).where(sql`parent_id is not null`),
  ],
)

export const faqs = pgTable(
  'faqs',
  {
    projectId: id()
      .notNull()
      .references(() => projects.id),
    position: smallint().notNull(),
    question: text().notNull(),
    answer: text().notNull(),
  },
  (t) => [primaryKey({ columns: [t.projectId, t.position] })],
)

export const saves = pgTable(
  'saves',
  {
    projectId: id()
      .notNull()
      .references(() => projects.id),
    personId: id()
      .notNull()
      .references(() => people.id),
    createdAt: time().notNull().defaultNow(),
    /** When the person is to be reminded that it ends; null once they have been. */
    remindAt: time(),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.personId] }),
    index('saves_by_person').on(t.personId, t.projectId),
    index('saves_due').on(t.remindAt).where(sql`remind_at is not null`),
  ],
)
