import { sql } from 'drizzle-orm'
import {
  check,
  date,
  index,
  integer,
  pgTable,
  primaryKey,
  smallint,
  text,
} from 'drizzle-orm/pg-core'
import { id, sqlList, time } from './columns'
import { people, projectStatuses, projects } from './projects'

/** What only its makers see of a project, from its first save on. */
export const drafts = pgTable(
  'drafts',
  {
    projectId: id()
      .primaryKey()
      .references(() => projects.id),
    /** Raised by every save of anything inside: two who edit at once notice each other. */
    version: integer().notNull().default(1),
    /** How long it is to run, or until when; neither while that is open. */
    durationDays: smallint(),
    plannedEnd: time(),
    /** When it goes live by itself, once approved. */
    launchAt: time(),
    /** Staff has approved it: its creator may launch. */
    approvedAt: time(),
    /** Opens the preview to whoever has the link; null when it is shared with nobody. */
    previewKey: text(),
    updatedAt: time().notNull().defaultNow(),
  },
  (t) => [
    index('drafts_launches').on(t.launchAt).where(sql`launch_at is not null`),
    check('drafts_end', sql`${t.durationDays} is null or ${t.plannedEnd} is null`),
    check('drafts_duration', sql`${t.durationDays} between 1 and 60`),
  ],
)

/** Every change of a project's state, the oldest first; it outlasts a draft that is deleted. */
export const projectTransitions = pgTable(
  'project_transitions',
  {
    projectId: id().notNull(),
    number: integer().notNull(),
    /** Null for its beginning. */
    fromStatus: text({ enum: projectStatuses }),
    toStatus: text({ enum: projectStatuses }).notNull(),
    /** Null when the clock did it. */
    actorId: id().references(() => people.id),
    reason: text().notNull().default(''),
    createdAt: time().notNull().defaultNow(),
  },
  (t) => [primaryKey({ columns: [t.projectId, t.number] })],
)

export const permissions = ['edit', 'community', 'numbers'] as const

export type Permission = (typeof permissions)[number]

/** Who helps a creator, and with what. */
export const collaborators = pgTable(
  'collaborators',
  {
    projectId: id()
      .notNull()
      .references(() => projects.id),
    personId: id()
      .notNull()
      .references(() => people.id),
    permissions: text({ enum: permissions }).array().notNull(),
    /** What they are called beside their name: “Illustrator”. */
    title: text().notNull().default(''),
    invitedAt: time().notNull().defaultNow(),
    /** Null until they have agreed: until then they may do nothing. */
    acceptedAt: time(),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.personId] }),
    index('collaborators_by_person').on(t.personId, t.projectId),
  ],
)

export const audiences = ['everyone', 'backers'] as const

export type Audience = (typeof audiences)[number]

/** An update before it is published, which gives it its number. */
export const updateDrafts = pgTable(
  'update_drafts',
  {
    projectId: id()
      .notNull()
      .references(() => projects.id),
    id: id().notNull().generatedAlwaysAsIdentity(),
    version: integer().notNull().default(1),
    title: text().notNull(),
    body: text().notNull(),
    audience: text({ enum: audiences }).notNull().default('everyone'),
    authorId: id()
      .notNull()
      .references(() => people.id),
    updatedAt: time().notNull().defaultNow(),
  },
  (t) => [
    primaryKey({ columns: [t.projectId, t.id] }),
    check('update_drafts_audience', sql`${t.audience} in (${sql.raw(sqlList(audiences))})`),
  ],
)

/** Visits of a project's page: how many on a day, from where. */
export const projectVisits = pgTable(
  'project_visits',
  {
    projectId: id()
      .notNull()
      .references(() => projects.id),
    day: date({ mode: 'string' }).notNull(),
    /** The host a visitor came from; empty when there is none, `here` from another page of ours. */
    source: text().notNull(),
    visits: integer().notNull(),
  },
  (t) => [primaryKey({ columns: [t.projectId, t.day, t.source] })],
)
