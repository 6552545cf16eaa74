import { eq, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { prepared } from '#db/prepared'
import { people } from '#db/schema/projects'

const personById = prepared((db) =>
  db
    .select({
      id: people.id,
      name: people.name,
      bio: people.bio,
      city: people.city,
      state: people.state,
      country: people.country,
      joinedAt: people.joinedAt,
      projectsCount: people.projectsCount,
      pledgesCount: people.pledgesCount,
    })
    .from(people)
    .where(eq(people.id, sql.placeholder('id')))
    .prepare('person_by_id'),
)

export type Person = NonNullable<Awaited<ReturnType<typeof findPerson>>>

/** A person's public profile. */
export async function findPerson(db: Db, id: number) {
  const [person] = await personById(db).execute({ id })
  return person
}
