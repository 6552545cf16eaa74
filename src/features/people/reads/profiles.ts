import { sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { coalesced, coalescedByPair, pairsAsked } from '#db/coalesce'
import { prepared } from '#db/prepared'
import { blocks, follows } from '#db/schema/contact'
import { people } from '#db/schema/projects'
import { AppError } from '#lib/errors'

const profileColumns = {
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
}

const peopleByIds = prepared((db) =>
  db
    .select(profileColumns)
    .from(people)
    .where(sql`${people.id} = any(${sql.placeholder('ids')})`)
    .prepare('people_by_ids'),
)

const personById = coalesced(
  (db, ids) => peopleByIds(db).execute({ ids }),
  ({ id }) => id,
)

/** `offset 0`: each is looked up, never all of them read to be hashed. */
const peopleOfPairs = prepared((db) =>
  db
    .select({
      ...profileColumns,
      viewerId: sql<number>`viewer_id`.mapWith(Number).as('viewer'),
      isFollowed: sql<boolean>`exists (select from ${follows} f
        where f.creator_id = asked.person_id and f.follower_id = asked.viewer_id offset 0)`.as(
        'is_followed',
      ),
      hasBlocked: sql<boolean>`exists (select from ${blocks} b
        where b.person_id = asked.viewer_id and b.blocked_id = asked.person_id offset 0)`.as(
        'has_blocked',
      ),
    })
    .from(pairsAsked('viewer_id', 'person_id'))
    .innerJoin(people, sql`${people.id} = asked.person_id`)
    .prepare('people_of_pairs'),
)

const personOfPair = coalescedByPair(
  (db, pairs) => peopleOfPairs(db).execute(pairs),
  ({ viewerId, id }) => [viewerId, id],
)

/** What a viewer has to do with a person. */
export interface Ties {
  isFollowed: boolean
  hasBlocked: boolean
}

type Row = Awaited<ReturnType<typeof personById>>[number]
export type Person = Omit<Row, 'deletedAt'>

/** A person's public profile. Throws AppError person_gone for whoever has left. */
export async function findPerson(db: Db, id: number): Promise<Person | undefined> {
  const [person] = await personById(db, id)
  return person && profileOf(person)
}

/**
 * A person's public profile, and the ties of the viewer, if there is one, with them. Throws
 * AppError person_gone for whoever has left.
 */
export async function findPersonFor(
  db: Db,
  viewerId: number | undefined,
  id: number,
): Promise<{ person: Person; ties?: Ties } | undefined> {
  if (viewerId === undefined) {
    const person = await findPerson(db, id)
    return person && { person }
  }
  const [row] = await personOfPair(db, viewerId, id)
  if (!row) return undefined
  const { viewerId: _, isFollowed, hasBlocked, ...person } = row
  return { person: profileOf(person), ties: { isFollowed, hasBlocked } }
}

function profileOf({ deletedAt, ...profile }: Row): Person {
  if (deletedAt) throw new AppError('person_gone')
  return profile
}
