import { inArray } from 'drizzle-orm'
import type { Db } from '#db/client'
import { projects } from '#db/schema/projects'
import type { Host } from './hosts'

/** The cookie of somebody who gets nothing that was kept. */
export const signedIn = 'session=mine'
export const listPages = ['/', '/discover?sort=newest']
const projectsOfEach = 4

/** Some projects that lists show, by id, with everything else that shows them. */
export async function findPages(host: Host, db: Db): Promise<Map<number, string[]>> {
  const found = new Map<number, string[]>()
  for (const list of listPages) {
    const asked = await host.get(list, { headers: { cookie: signedIn } })
    const links = (await asked.text()).matchAll(/href="(\/projects\/(\d+)-[^"/]+)"/g)
    for (const [, path = '', id = ''] of links.take(projectsOfEach)) {
      const ways = [path, `/api/v1/projects/${id}`].flatMap((way) => [way, `${way}/rewards`])
      found.set(Number(id), ways)
    }
  }
  const { id, creatorId } = projects
  const shown = inArray(id, [...found.keys()])
  const rows = await db.select({ id, creatorId }).from(projects).where(shown)
  for (const row of rows) found.get(row.id)?.push(`/people/${row.creatorId}`)
  return found
}
