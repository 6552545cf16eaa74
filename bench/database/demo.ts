import type { Db } from '#db/client'
import { migrate } from '#db/migrations'
import { demoScale, seed } from '#seed/generate'

/** Gives an empty database the schema, and a demo of this scale. */
export async function fillDemo(db: Db, scale: typeof demoScale = demoScale): Promise<void> {
  await migrate(db)
  await seed(db.$client, { ...scale, at: new Date() }, () => {})
}
