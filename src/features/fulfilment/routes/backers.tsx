import { type Context, Hono } from 'hono'
import { byteOrderMark, csvLine } from '#features/dashboard/rules/csv'
import { requireProjectRecord } from '#features/projects/reads/projects'
import type { AppEnv } from '#http/env'
import { type FormErrors, readForm } from '#http/forms'
import { found, validQuery } from '#http/input'
import { limit } from '#http/rate-limit'
import { renderPage } from '#http/render'
import { AppError, describeError } from '#lib/errors'
import { paths } from '#web/paths'
import { BackerPage } from '../pages/backer-page'
import { BackersPage } from '../pages/backers-page'
import { listReport, listRewardNames } from '../reads/backers'
import { findBacker, findSurvey } from '../reads/surveys'
import {
  type BackersFilter,
  backersFilter,
  backersPageRows,
  backersQuery,
  chunkRowsMax,
  filesPerPerson,
  fulfilmentForm,
  markForm,
  walkedPledgesMax,
} from '../rules/backers'
import { reportColumns, reportLine } from '../rules/files'
import type { Question } from '../rules/survey'
import { markBackers, saveFulfilment } from '../writes/fulfilments'
import { projectOf, requireBackers, requireDelivering } from './access'

export const backers = new Hono<AppEnv>()

backers.get('/projects/:project/backers', validQuery(backersQuery), (c) =>
  backersPage(c, c.req.valid('query')),
)

interface Asked extends BackersFilter {
  after?: number | undefined
  marked?: number | undefined
}

async function backersPage(c: Context<AppEnv>, asked: Asked, errors?: FormErrors) {
  const { db } = c.var.deps
  const { project, isDelivering } = await requireBackers(c)
  const { after, marked, ...filter } = asked
  const bounds = { after, rowsMax: backersPageRows, walkMax: walkedPledgesMax }
  const [report, rewards, currency] = await Promise.all([
    listReport(db, project.id, filter, bounds),
    listRewardNames(db, project.id),
    findCurrency(db, project.id),
  ])
  return renderPage(
    c,
    <BackersPage
      {...{ project, isDelivering, filter, report, rewards, currency, marked, errors }}
      isFirstPage={!after}
    />,
    errors ? 422 : 200,
  )
}

backers.post('/projects/:project/backers', async (c) => {
  const { project } = await requireDelivering(c)
  const { values, data, errors } = await readForm(c, markForm)
  const filter = backersFilter.safeParse(values).data ?? {}
  if (errors) return backersPage(c, filter, errors)
  const marked = await markBackers(c.var.deps.db, project.id, data)
  return c.redirect(paths.backers(project, { ...filter, marked }), 303)
})

backers.get('/projects/:project/backers.csv', validQuery(backersFilter), async (c) => {
  const { db } = c.var.deps
  const { project, isDelivering } = await requireBackers(c)
  await limit(c, 'backers file', String(c.var.viewer?.id), filesPerPerson)
  const [currency, survey] = await Promise.all([
    findCurrency(db, project.id),
    findSurvey(db, project.id),
  ])
  const about = { currency, isDelivering, questions: survey?.questions ?? [] }
  return c.body(fileOf(c, project.id, c.req.valid('query'), about), 200, {
    'Content-Type': 'text/csv; charset=utf-8; header=present',
    'Content-Disposition': `attachment; filename="project-${project.id}-backers.csv"`,
    'Cache-Control': 'private, no-store',
  })
})

interface About {
  currency: string
  isDelivering: boolean
  questions: readonly Question[]
}
