import { and, asc, desc, eq, gt, isNull, ne, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import type { Db } from '#db/client'
import { people, projects } from '#db/schema/projects'
import { reports } from '#db/schema/trust'
import { cutPage } from '#lib/page'
import { staffPageRows, type ThingKey } from '../rules'

const resolver = alias(people, 'resolver')

const columns = {
  id: reports.id,
  kind: reports.kind,
  aboutProject: reports.aboutProject,
  projectTitle: projects.title,
  subject: reports.subject,
  memberId: reports.memberId,
  excerpt: reports.excerpt,
  reporterId: reports.reporterId,
  reporterName: people.name,
  reason: reports.reason,
  details: reports.details,
  createdAt: reports.createdAt,
  resolvedAt: reports.resolvedAt,
  resolverName: resolver.name,
  outcome: reports.outcome,
}

const select = (db: Pick<Db, 'select'>) =>
  db
    .select(columns)
    .from(reports)
    .innerJoin(people, eq(people.id, reports.reporterId))
    .leftJoin(projects, eq(projects.id, reports.aboutProject))
    .leftJoin(resolver, eq(resolver.id, reports.resolvedBy))

export type Report = NonNullable<Awaited<ReturnType<typeof findReport>>>

export async function findReport(db: Pick<Db, 'select'>, id: number) {
  const [report] = await select(db).where(eq(reports.id, id))
  return report
}

/** Reports nobody has answered, the oldest first; `after` is the number of the last one seen. */
export async function listOpenReports(db: Db, after = 0) {
  const rows = await select(db)
    .where(and(isNull(reports.resolvedAt), gt(reports.id, after)))
    .orderBy(asc(reports.id))
    .limit(staffPageRows + 1)
  const { page, next } = cutPage(rows, staffPageRows, ({ id }) => id)
  return { reports: page, next }
}

export const aboutStatement = ({ kind, projectId, subject }: ThingKey) =>
  and(
    eq(reports.kind, kind),
    projectId === null ? isNull(reports.aboutProject) : eq(reports.aboutProject, projectId),
    eq(reports.subject, subject),
  )

/** What others said about the same, the latest first. */
export async function listReportsAbout(db: Db, key: ThingKey, but: number) {
  return await select(db)
    .where(and(aboutStatement(key), ne(reports.id, but)))
    .orderBy(desc(reports.id))
    .limit(staffPageRows)
}

/** Whether somebody has an open report about it already, and its number. */
export async function findOwnReport(db: Pick<Db, 'select'>, reporterId: number, key: ThingKey) {
  const [row] = await db
    .select({ id: reports.id })
    .from(reports)
    .where(
      and(
        aboutStatement(key),
        eq(reports.reporterId, reporterId),
        sql`${reports.resolvedAt} is null`,
      ),
    )
    .limit(1)
  return row?.id
}
