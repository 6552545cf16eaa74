import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { requireProject } from '#features/projects/reads/projects'
import { elsewhere } from '#http/canonical'
import type { AppEnv } from '#http/env'
import { numberAfter, parseProjectId, validQuery } from '#http/input'
import { doNotKeep, keepBriefly } from '#http/keep'
import { readDb } from '#http/reading'
import { streamPage } from '#http/render'
import { describeError } from '#lib/errors'
import { paths } from '#web/paths'
import { CommunityPage } from './pages'
import { findCommunity, listBackers } from './reads'

export const community = new Hono<AppEnv>()

const query = validQuery(z.object({ after: numberAfter }))

community.get('/projects/:project/community', query, async (c) => {
  const db = readDb(c)
  const id = parseProjectId(c.req.param('project'))
  const { after } = c.req.valid('query')
  keepBriefly(c)
  // Not awaited: the page goes out while these are on their way.
  const numbers = orNull(c, findCommunity(db, id))
  const rollCall = orNull(c, listBackers(db, id, after))
  const project = await requireProject(db, id)
  const moved = elsewhere(c, paths.projectTab(project, 'community'))
  if (moved) return moved
  return streamPage(
    c,
    <CommunityPage
      project={project}
      community={numbers}
      rollCall={rollCall}
      isFirstPage={!after}
    />,
  )
})

/** The page is under way when these fail, so a failure is a section that says so. */
function orNull<Data>(c: Context<AppEnv>, late: Promise<Data>): Promise<Data | null> {
  return late.catch((error: unknown) => {
    doNotKeep(c)
    c.var.deps.log.error('a late section failed', { path: c.req.path, error: describeError(error) })
    return null
  })
}
