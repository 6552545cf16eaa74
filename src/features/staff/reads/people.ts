import { desc, eq, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { accounts } from '#db/schema/accounts'
import { people, projects } from '#db/schema/projects'

const projectsShownMax = 25

/** A person as staff knows them; `role` is null for whoever has no account. */
export async function findPersonRecord(db: Pick<Db, 'select'>, id: number) {
  const [person] = await db
    .select({
      id: people.id,
      name: people.name,
      joinedAt: people.joinedAt,
      deletedAt: people.deletedAt,
      role: accounts.role,
    })
    .from(people)
    .leftJoin(accounts, eq(accounts.personId, people.id))
    .where(eq(people.id, id))
  return person
}

/** All that a person has made, whatever became of it, the latest first. */
export async function listMade(db: Db, creatorId: number) {
  return await db
    .select({ id: projects.id, title: projects.title, status: projects.status })
    .from(projects)
    .where(eq(projects.creatorId, creatorId))
    .orderBy(desc(projects.id))
    .limit(projectsShownMax)
}

/** The person with this number or address. */
export async function findPersonBy(db: Db, key: { id: number } | { email: string }) {
  const [row] =
    'id' in key
      ? await db.select({ id: people.id }).from(people).where(eq(people.id, key.id))
      : await db
          .select({ id: accounts.personId })
          .from(accounts)
          .where(sql`${accounts.email} = ${key.email.toLowerCase()}`)
  return row?.id
}
