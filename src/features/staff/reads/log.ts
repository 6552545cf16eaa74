import { desc, eq, sql } from 'drizzle-orm'
import { alias } from 'drizzle-orm/pg-core'
import type { Db } from '#db/client'
import { people, projects } from '#db/schema/projects'
import { auditLog } from '#db/schema/trust'
import { cutPage } from '#lib/page'
import { staffPageRows } from '../rules'

const staff = alias(people, 'staff')
const about = alias(people, 'about')

export type LoggedAct = Awaited<ReturnType<typeof listActs>>['acts'][number]

/** What was done about one project or one person, or everything. */
export interface LogScope {
  project?: number | undefined
  person?: number | undefined
}

/** What staff has done, the latest first; `before` is the number of the last line seen. */
export async function listActs(
  db: Pick<Db, 'select'>,
  { project, person }: LogScope = {},
  before = Number.MAX_SAFE_INTEGER,
) {
  const scope =
    project !== undefined
      ? sql`${auditLog.aboutProject} = ${project}`
      : person !== undefined
        ? sql`${auditLog.aboutPerson} = ${person}`
        : sql`true`
  const rows = await db
    .select({
      id: auditLog.id,
      act: auditLog.act,
      staffId: auditLog.staffId,
      staffName: staff.name,
      aboutProject: auditLog.aboutProject,
      projectTitle: projects.title,
      aboutPerson: auditLog.aboutPerson,
      personName: about.name,
      subject: auditLog.subject,
      reason: auditLog.reason,
      createdAt: auditLog.createdAt,
    })
    .from(auditLog)
    .innerJoin(staff, eq(staff.id, auditLog.staffId))
    .leftJoin(projects, eq(projects.id, auditLog.aboutProject))
    .leftJoin(about, eq(about.id, auditLog.aboutPerson))
    .where(sql`${scope} and ${auditLog.id} < ${before}`)
    .orderBy(desc(auditLog.id))
    .limit(staffPageRows + 1)
  const { page, next } = cutPage(rows, staffPageRows, ({ id }) => id)
  return { acts: page, next }
}
