import { eq } from 'drizzle-orm'
import { tags } from '#cache/recording'
import { announceChange } from '#db/changes'
import type { Db } from '#db/client'
import { people, projects } from '#db/schema/projects'
import type { Profile } from '../rules'

/** Changes what everybody sees of a person, also beside what they have made. */
export async function changeProfile(db: Db, personId: number, profile: Profile): Promise<void> {
  await db.transaction(async (tx) => {
    await tx.update(people).set(profile).where(eq(people.id, personId))
    await tx
      .update(projects)
      .set({ creatorName: profile.name })
      .where(eq(projects.creatorId, personId))
    await announceChange(tx, [tags.person(personId)])
  })
}
