import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { Db } from '#db/client'
import { pledgeStatuses } from '#db/schema/backing'
import type { AppEnv } from '#http/env'
import { blank, found, idSchema, parseProjectId, validQuery } from '#http/input'
import { limit } from '#http/rate-limit'
import { requireViewer } from '#http/session'
import { AppError, describeError } from '#lib/errors'
import { chunkRowsMax, listBackerChunk, listSourceChunk } from '../reads/exports'
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
import { byteOrderMark, csvLine } from '../rules/csv'
import { campaignDays, dayOf } from '../rules/days'
import {
  type BackerFilter,
  backerRow,
  columns,
  dayRows,
  files,
  isWanted,
  type Row,
  rewardRows,
} from '../rules/files'
import { numbersOf } from '../rules/numbers'
import { requireNumbers } from './access'

export const dashboardFiles = new Hono<AppEnv>()

/** A file of a million backers keeps the database busy for a while. */
const rate = { times: 30, seconds: 3600 }

const query = validQuery(
  z.object({
    what: blank(z.enum(files)),
    reward: blank(idSchema),
    status: blank(z.enum(pledgeStatuses)),
  }),
)

dashboardFiles.get('/projects/:project/dashboard.csv', query, async (c) => {
  const viewer = requireViewer(c)
  const { db, now } = c.var.deps
  const id = parseProjectId(c.req.param('project'))
  const { what = 'days', ...filter } = c.req.valid('query')
  const [row, { isCreator }] = await Promise.all([
    findCountedProject(db, id),
    requireNumbers(c, id),
  ])
  const project = found(row, new AppError('project_not_found'))
  await limit(c, 'dashboard file', String(viewer.id), rate)
  const chunks = {
    days: () => dayChunks(db, project, now()),
    sources: () => sourceChunks(db, id),
    rewards: () => rewardChunks(db, project),
    backers: () => backerChunks(db, project, filter, isCreator),
  }
  return c.body(streamOf(c, what, chunks[what]()), 200, {
    'Content-Type': 'text/csv; charset=utf-8; header=present',
    'Content-Disposition': `attachment; filename="project-${id}-${what}.csv"`,
    'Cache-Control': 'private, no-store',
  })
})

type Chunks = AsyncGenerator<Row[], void>

/** A chunk is read when the one before it has been sent: however long the file, little is held. */
function streamOf(c: Context<AppEnv>, what: (typeof files)[number], chunks: Chunks) {
  const encoder = new TextEncoder()
  return new ReadableStream<Uint8Array>(
    {
      start: (out) => out.enqueue(encoder.encode(byteOrderMark + csvLine(columns[what]))),
      async pull(out) {
        try {
          const { value, done } = await chunks.next()
          if (done) return out.close()
          out.enqueue(encoder.encode(value.map(csvLine).join('')))
        } catch (error) {
          c.var.deps.log.error('a file broke off', { what, error: describeError(error) })
          out.error(error)
        }
      },
      async cancel() {
        await chunks.return()
      },
    },
    { highWaterMark: 0 },
  )
}

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

async function* backerChunks(
  db: Db,
  project: CountedProject,
  filter: BackerFilter,
  isCreator: boolean,
): Chunks {
  for (let after = 0; ; ) {
    const rows = await listBackerChunk(db, project.id, after)
    const wanted = rows.filter((row) => isWanted(row, filter))
    yield wanted.map((row) => backerRow(row, project.currency, isCreator))
    const last = rows.at(-1)
    if (!last || rows.length < chunkRowsMax) return
    after = last.id
  }
}
