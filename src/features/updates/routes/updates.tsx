import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { requireProject } from '#features/projects/reads/projects'
import { atomFeed } from '#http/atom'
import { elsewhere } from '#http/canonical'
import type { AppEnv } from '#http/env'
import { numberAfter, parseProjectId, validQuery } from '#http/input'
import { keepBriefly } from '#http/keep'
import { limit } from '#http/rate-limit'
import { readDb } from '#http/reading'
import { renderPage } from '#http/render'
import { requireViewer } from '#http/session'
import { excerpt } from '#lib/text'
import { paths } from '#web/paths'
import { UpdatesPage } from '../pages/timeline'
import { withheld } from '../parts'
import { findStanding, listUpdates } from '../reads'
import { likesPerPerson } from '../rules'
import { likeUpdate, unlikeUpdate } from '../writes/published'

export const updates = new Hono<AppEnv>()

const summaryWordsMax = 100
const updatePath = '/projects/:project/updates/:number{[1-9][0-9]{0,8}}'

const query = validQuery(z.object({ after: numberAfter }))

updates.get('/projects/:project/updates', query, async (c) => {
  const { viewer } = c.var
  const db = readDb(c)
  const id = parseProjectId(c.req.param('project'))
  const { after } = c.req.valid('query')
  const [project, page, standing] = await Promise.all([
    requireProject(db, id),
    listUpdates(db, id, { reader: viewer?.id, before: after }),
    viewer && findStanding(db, viewer.id, id),
  ])
  const moved = elsewhere(c, paths.projectTab(project, 'updates'))
  if (moved) return moved
  keepBriefly(c)
  const mayManage = standing?.mayManage ?? false
  return renderPage(
    c,
    <UpdatesPage project={project} {...page} isFirstPage={!after} mayManage={mayManage} />,
  )
})

updates.get('/projects/:project/updates.atom', async (c) => {
  const { config } = c.var.deps
  const db = readDb(c)
  const id = parseProjectId(c.req.param('project'))
  const [project, page] = await Promise.all([requireProject(db, id), listUpdates(db, id)])
  keepBriefly(c)
  return atomFeed(c, {
    title: `${project.title}: updates`,
    url: config.baseUrl + paths.projectTab(project, 'updates'),
    selfUrl: config.baseUrl + paths.updatesFeed(project),
    emptyAt: project.launchedAt ?? new Date(0),
    entries: page.updates.map((update) => ({
      id: `${config.baseUrl}/projects/${id}/updates/${update.number}`,
      url: config.baseUrl + paths.update(project, update.number),
      title: update.title,
      summary: update.body === null ? withheld(update) : excerpt(update.body, summaryWordsMax),
      author: update.authorName ?? project.creatorName,
      updatedAt: update.publishedAt,
    })),
  })
})

updates.post(`${updatePath}/like`, (c) => act(c, likeUpdate))
updates.post(`${updatePath}/unlike`, (c) => act(c, unlikeUpdate))

async function act(c: Context<AppEnv>, write: typeof likeUpdate): Promise<Response> {
  const viewer = requireViewer(c)
  const { db } = c.var.deps
  const project = await requireProject(db, parseProjectId(c.req.param('project') ?? ''))
  const number = Number(c.req.param('number'))
  await limit(c, 'like', String(viewer.id), likesPerPerson)
  await write(db, viewer, { projectId: project.id, number })
  return c.redirect(`${paths.update(project, number)}#likes`, 303)
}
