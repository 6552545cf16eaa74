import { Hono } from 'hono'
import { z } from 'zod'
import type { AppEnv } from '#http/env'
import { blank, idSchema, numberAfter, validQuery } from '#http/input'
import { renderPage } from '#http/render'
import { requireStaff } from '#http/session'
import { paths } from '#web/paths'
import { LogPage, ReviewPage, WaitingPage } from '../pages/console-pages'
import { FindPersonPage } from '../pages/people-pages'
import { ReportsPage } from '../pages/report-pages'
import { listActs } from '../reads/log'
import { findPersonBy } from '../reads/people'
import { listOpenReports } from '../reads/reports'
import { countWaiting, listSubmissions } from '../reads/review'
import { staffBooks } from './books'
import { staffPeople } from './people'
import { staffPerformance } from './performance'
import { staffProjects } from './projects'
import { staffReports } from './reports'

export const staff = new Hono<AppEnv>()

// Before what they ask for is looked at: others need not know what there is.
staff.use('/staff/*', async (c, next) => {
  requireStaff(c)
  await next()
})

const latestActs = 5
const pageQuery = validQuery(z.object({ after: numberAfter }))

staff.get('/staff', async (c) => {
  const { db } = c.var.deps
  const [waiting, { acts }] = await Promise.all([countWaiting(db), listActs(db)])
  return renderPage(c, <WaitingPage {...waiting} acts={acts.slice(0, latestActs)} />)
})

staff.get('/staff/review', pageQuery, async (c) => {
  const { after } = c.req.valid('query')
  const page = await listSubmissions(c.var.deps.db, after)
  return renderPage(c, <ReviewPage {...page} isFirstPage={!after} />)
})

staff.get('/staff/reports', pageQuery, async (c) => {
  const { after } = c.req.valid('query')
  const page = await listOpenReports(c.var.deps.db, after)
  return renderPage(c, <ReportsPage {...page} isFirstPage={!after} />)
})

const logQuery = z
  .object({ project: blank(idSchema), person: blank(idSchema), after: numberAfter })
  .refine(({ project, person }) => !project || !person, {
    path: ['person'],
    message: 'cannot be given beside a project: give one of both',
  })

staff.get('/staff/log', validQuery(logQuery), async (c) => {
  const { after, ...scope } = c.req.valid('query')
  const page = await listActs(c.var.deps.db, scope, after)
  return renderPage(c, <LogPage scope={scope} {...page} isFirstPage={!after} />)
})

const findQuery = z.object({ q: blank(z.string().trim().max(254)) })

staff.get('/staff/people', validQuery(findQuery), async (c) => {
  const { q: text } = c.req.valid('query')
  if (text === undefined) return renderPage(c, <FindPersonPage text="" />)
  const number = idSchema.safeParse(text)
  const key = number.success ? { id: number.data } : { email: text }
  const id = await findPersonBy(c.var.deps.db, key)
  if (id !== undefined) return c.redirect(paths.staffPerson({ id }), 303)
  const problem = 'Nobody has this number or address.'
  return renderPage(c, <FindPersonPage text={text} problem={problem} />)
})

staff.route('/', staffProjects)
staff.route('/', staffReports)
staff.route('/', staffPeople)
staff.route('/', staffBooks)
staff.route('/', staffPerformance)
