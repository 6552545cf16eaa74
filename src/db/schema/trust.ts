import { sql } from 'drizzle-orm'
import { check, index, pgTable, primaryKey, text } from 'drizzle-orm/pg-core'
import { id, sqlList, time } from './columns'
import { people } from './projects'

export const reportedKinds = ['project', 'update', 'comment', 'message', 'person'] as const
export type ReportedKind = (typeof reportedKinds)[number]

export const reportOutcomes = ['acted', 'dismissed'] as const

/** Somebody says that something should not be here. */
export const reports = pgTable(
  'reports',
  {
    id: id().primaryKey().generatedAlwaysAsIdentity(),
    kind: text({ enum: reportedKinds }).notNull(),
    /** The project it stands in; null for a person. */
    aboutProject: id(),
    /** The number of the update, comment, message or person; 0 for the project itself. */
    subject: id().notNull(),
    /** Whose conversation, for a message. */
    memberId: id(),
    /** What it said then, as it may be changed or taken back. */
    excerpt: text().notNull().default(''),
    reporterId: id()
      .notNull()
      .references(() => people.id),
    reason: text().notNull(),
    details: text().notNull().default(''),
    createdAt: time().notNull().defaultNow(),
    resolvedAt: time(),
    resolvedBy: id().references(() => people.id),
    outcome: text({ enum: reportOutcomes }),
  },
  (t) => [
    index('reports_open').on(t.id).where(sql`resolved_at is null`),
    index('reports_by_reporter').on(t.reporterId, t.id),
    index('reports_by_thing').on(t.kind, t.aboutProject, t.subject, t.id),
    check('reports_kind', sql`${t.kind} in (${sql.raw(sqlList(reportedKinds))})`),
    check('reports_resolved', sql`(${t.resolvedAt} is null) = (${t.outcome} is null)`),
  ],
)

export const restrictionKinds = ['comment', 'message', 'submit', 'pledge', 'report'] as const

export type RestrictionKind = (typeof restrictionKinds)[number]

/** What a person may not do for now. */
export const restrictions = pgTable(
  'restrictions',
  {
    personId: id()
      .notNull()
      .references(() => people.id),
    kind: text({ enum: restrictionKinds }).notNull(),
    reason: text().notNull(),
    staffId: id()
      .notNull()
      .references(() => people.id),
    createdAt: time().notNull().defaultNow(),
    /** Null: until it is lifted. */
    until: time(),
  },
  (t) => [
    primaryKey({ columns: [t.personId, t.kind] }),
    check('restrictions_kind', sql`${t.kind} in (${sql.raw(sqlList(restrictionKinds))})`),
  ],
)

/** Everything staff has done; a trigger keeps it from being changed. */
export const auditLog = pgTable(
  'audit_log',
  {
    id: id().primaryKey().generatedAlwaysAsIdentity(),
    staffId: id()
      .notNull()
      .references(() => people.id),
    act: text().notNull(),
    aboutProject: id(),
    aboutPerson: id(),
    /** The update, comment, message or report it is about. */
    subject: id(),
    reason: text().notNull().default(''),
    createdAt: time().notNull().defaultNow(),
  },
  (t) => [
    index('audit_log_by_project').on(t.aboutProject, t.id).where(sql`about_project is not null`),
    index('audit_log_by_person').on(t.aboutPerson, t.id).where(sql`about_person is not null`),
  ],
)
