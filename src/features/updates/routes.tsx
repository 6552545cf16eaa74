import { Hono } from 'hono'
import { z } from 'zod'
import { requireProject } from '#features/projects/reads/projects'
import { atomFeed } from '#http/atom'
import { elsewhere } from '#http/canonical'
import type { AppEnv } from '#http/env'
import { numberAfter, parseProjectId, validQuery } from '#http/input'
import { keepBriefly } from '#http/keep'
import { renderPage } from '#http/render'
import { excerpt } from '#lib/text'
import { paths } from '#web/paths'
import { UpdatesPage } from './pages'
import { listUpdates } from './reads'

export const updates = new Hono<AppEnv>()

const summaryWordsMax = 100

const query = validQuery(z.object({ after: numberAfter }))

updates.get('/projects/:project/updates', query, async (c) => {
  const { db } = c.var.deps
  const id = parseProjectId(c.req.param('project'))
  const { after } = c.req.valid('query')
  const [project, page] = await Promise.all([requireProject(db, id), listUpdates(db, id, after)])
  const moved = elsewhere(c, paths.projectTab(project, 'updates'))
  if (moved) return moved
  keepBriefly(c)
  return renderPage(c, <UpdatesPage project={project} {...page} isFirstPage={!after} />)
})

updates.get('/projects/:project/updates.atom', async (c) => {
  const { db, config } = c.var.deps
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
      summary: excerpt(update.body, summaryWordsMax),
      author: project.creatorName,
      updatedAt: update.publishedAt,
    })),
  })
})
