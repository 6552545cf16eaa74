import { sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { coalesced } from '#db/coalesce'
import { prepared } from '#db/prepared'
import { people } from '#db/schema/projects'
import { AppError } from '#lib/errors'

const peopleByIds = prepared((db) =>
  db
    .select({
      id: people.id,
      name: people.name,
      image: people.image,
      bio: people.bio,
      city: people.city,
      state: people.state,
      country: people.country,
      joinedAt: people.joinedAt,
      projectsCount: people.projectsCount,
      pledgesCount: people.pledgesCount,
      deletedAt: people.deletedAt,
    })
    .from(people)
    .where(sql`${people.id} = any(${sql.placeholder('ids')})`)
    .prepare('people_by_ids'),
)

const personById = coalesced(
  (db, ids) => peopleByIds(db).execute({ ids }),
  ({ id }) => id,
)

export type Person = NonNullable<Awaited<ReturnType<typeof findPerson>>>

/** A person's public profile. Throws AppError person_gone for whoever has left. */
export async function findPerson(db: Db, id: number) {
  const [person] = await personById(db, id)
  if (!person) return undefined
  const { deletedAt, ...profile } = person
  if (deletedAt) throw new AppError('person_gone')
  return profile
}
