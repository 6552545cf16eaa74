import { Hono } from 'hono'
import { z } from 'zod'
import type { AppEnv } from '#http/env'
import { blank, found, parseProjectId, validQuery } from '#http/input'
import { renderPage } from '#http/render'
import { requireViewer } from '#http/session'
import { AppError } from '#lib/errors'
import { DashboardPage } from '../pages'
import {
  countedPeopleMax,
  findCountedProject,
  listRewardSales,
  sumFollowers,
  sumPledges,
  sumSavers,
  sumVisits,
} from '../reads/numbers'
import { campaignDays, dayOf, daysOf, ranges } from '../rules/days'
import { numbersOf } from '../rules/numbers'
import { requireNumbers } from './access'

export const dashboard = new Hono<AppEnv>()

const query = validQuery(z.object({ days: blank(z.enum(ranges)) }))

dashboard.get('/projects/:project/dashboard', query, async (c) => {
  requireViewer(c)
  const { db, now } = c.var.deps
  const id = parseProjectId(c.req.param('project'))
  const { days: range = 'all' } = c.req.valid('query')
  const [row] = await Promise.all([findCountedProject(db, id), requireNumbers(c, id)])
  const project = found(row, new AppError('project_not_found'))
  const campaign = campaignDays(project, now())
  const shown = daysOf(campaign, range)
  const today = dayOf(now())
  const [pledges, savers, followers, visits, rewards] = await Promise.all([
    sumPledges(db, id),
    sumSavers(db, id),
    sumFollowers(db, project.creatorId),
    sumVisits(db, id, shown[0] ?? today, shown.at(-1) ?? today),
    listRewardSales(db, id),
  ])
  const counted = { project, pledges, savers, followers, visits }
  const followersCount = followers.counted >= countedPeopleMax ? null : followers.counted
  const numbers = numbersOf(counted, campaign, range, countedPeopleMax)
  return renderPage(
    c,
    <DashboardPage
      {...{ project, range, numbers, pledges, savers, followersCount, visits, rewards }}
    />,
  )
})
