import { Hono } from 'hono'
import { z } from 'zod'
import type { Db } from '#db/client'
import type { AppEnv } from '#http/env'
import { blank, found, parseProjectId, validQuery } from '#http/input'
import { limit } from '#http/rate-limit'
import { requireViewer } from '#http/session'
import { AppError } from '#lib/errors'
import { type Chunks, csvFile } from '../parts/csv-file'
import { chunkRowsMax, listSourceChunk } from '../reads/exports'
import {
  type CountedProject,
  countedPeopleMax,
  findCountedProject,
  listRewardSales,
  sumFollowers,
  sumPledges,
  sumSavers,
  sumVisits,
} from '../reads/numbers'
import { campaignDays, dayOf } from '../rules/days'
import { columns, dayRows, files, rewardRows } from '../rules/files'
import { numbersOf } from '../rules/numbers'
import { requireNumbers } from './access'

export const dashboardFiles = new Hono<AppEnv>()

/** A file of years of visits keeps the database busy for a while. */
const rate = { times: 30, seconds: 3600 }

const query = validQuery(
  z.object({
    what: blank(z.enum(files)),
  }),
)

dashboardFiles.get('/projects/:project/dashboard.csv', query, async (c) => {
  const viewer = requireViewer(c)
  const { db, log, now } = c.var.deps
  const id = parseProjectId(c.req.param('project'))
  const { what = 'days' } = c.req.valid('query')
  const [row] = await Promise.all([findCountedProject(db, id), requireNumbers(c, id)])
  const project = found(row, new AppError('project_not_found'))
  await limit(c, 'dashboard file', String(viewer.id), rate)
  const chunks = {
    days: () => dayChunks(db, project, now()),
    sources: () => sourceChunks(db, id),
    rewards: () => rewardChunks(db, project),
  }
  return c.body(csvFile(log, what, columns[what], chunks[what]()), 200, {
    'Content-Type': 'text/csv; charset=utf-8; header=present',
    'Content-Disposition': `attachment; filename="project-${id}-${what}.csv"`,
    'Cache-Control': 'private, no-store',
  })
})

async function* dayChunks(db: Db, project: CountedProject, now: Date): Chunks {
  const days = campaignDays(project, now)
  const [first, last] = [days[0] ?? dayOf(now), days.at(-1) ?? dayOf(now)]
  const [pledges, savers, followers, visits] = await Promise.all([
    sumPledges(db, project.id),
    sumSavers(db, project.id),
    sumFollowers(db, project.creatorId),
    sumVisits(db, project.id, first, last),
  ])
  const counted = { project, pledges, savers, followers, visits }
  yield dayRows(numbersOf(counted, days, 'all', countedPeopleMax), project)
}

async function* rewardChunks(db: Db, project: CountedProject): Chunks {
  const [rewards, pledges] = await Promise.all([
    listRewardSales(db, project.id),
    sumPledges(db, project.id),
  ])
  yield rewardRows(rewards, pledges, project)
}

async function* sourceChunks(db: Db, projectId: number): Chunks {
  let after = { day: '-infinity', source: '' }
  for (;;) {
    const rows = await listSourceChunk(db, projectId, after)
    yield rows.map(({ day, source, visits }) => [day, source, visits])
    const last = rows.at(-1)
    if (!last || rows.length < chunkRowsMax) return
    after = last
  }
}
