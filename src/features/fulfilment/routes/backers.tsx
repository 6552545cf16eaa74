import { type Context, Hono } from 'hono'
import type { Db } from '#db/client'
import { type Chunks, csvFile } from '#features/dashboard/parts/csv-file'
import type { AppEnv } from '#http/env'
import { type FormErrors, type FormValues, readForm } from '#http/forms'
import { found, validQuery } from '#http/input'
import { limit } from '#http/rate-limit'
import { renderPage } from '#http/render'
import { requireViewer } from '#http/session'
import type { Cell } from '#lib/csv'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { BackerPage } from '../pages/backer-page'
import { BackersPage } from '../pages/backers-page'
import { projectOf, requireBackers, requireDelivering } from '../parts/access'
import {
  findCurrency,
  listReport,
  listRewardNames,
  type Report,
  type ReportRow,
} from '../reads/backers'
import { findBacker, findSurvey } from '../reads/surveys'
import { listTasks } from '../reads/tasks'
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
import { markBackers, saveFulfilment } from '../writes/fulfilments'

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
  const { project, isDelivering } = await requireBackers(db, requireViewer(c), projectOf(c))
  const { after, marked, ...filter } = asked
  const bounds = { after, rowsMax: backersPageRows, walkMax: walkedPledgesMax }
  const [report, rewards, currency, tasks] = await Promise.all([
    listReport(db, project.id, filter, bounds),
    listRewardNames(db, project.id),
    findCurrency(db, project.id),
    listTasks(db, project.id),
  ])
  return renderPage(
    c,
    <BackersPage
      {...{ project, isDelivering, filter, report, rewards, currency, tasks, marked, errors }}
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
  const { db, config } = c.var.deps
  const { marked, isFinished } = await markBackers({ db, site: config.baseUrl }, project.id, data)
  const done = isFinished ? { marked } : {}
  return c.redirect(paths.backers(project, { ...filter, ...done }), 303)
})

backers.get('/projects/:project/backers.csv', validQuery(backersFilter), async (c) => {
  const { db, log } = c.var.deps
  const { project, isDelivering } = await requireBackers(db, requireViewer(c), projectOf(c))
  await limit(c, 'backers file', String(c.var.viewer?.id), filesPerPerson)
  const [currency, survey] = await Promise.all([
    findCurrency(db, project.id),
    findSurvey(db, project.id),
  ])
  const questions = survey?.questions ?? []
  const columns = reportColumns(isDelivering, questions)
  const lines = linesOf(db, project.id, c.req.valid('query'), (row) =>
    reportLine(row, currency, isDelivering, questions),
  )
  return c.body(csvFile(log, 'backers', columns, lines), 200, {
    'Content-Type': 'text/csv; charset=utf-8; header=present',
    'Content-Disposition': `attachment; filename="project-${project.id}-backers.csv"`,
    'Cache-Control': 'private, no-store',
  })
})

async function* linesOf(
  db: Db,
  projectId: number,
  filter: BackersFilter,
  lineOf: (row: ReportRow) => Cell[],
): Chunks {
  const bounds = { rowsMax: chunkRowsMax, walkMax: chunkRowsMax }
  for (let after: number | null = 0; after !== null; ) {
    const report: Report = await listReport(db, projectId, filter, { ...bounds, after })
    yield report.page.map(lineOf)
    after = report.next
  }
}

const pledgePath = '/projects/:project/backers/:pledge{[1-9][0-9]{0,14}}'

backers.get(pledgePath, (c) => backerPage(c))

backers.post(pledgePath, async (c) => {
  const { project } = await requireDelivering(c)
  const { values, data, errors } = await readForm(c, fulfilmentForm)
  if (errors) return backerPage(c, { values, errors })
  const pledgeId = Number(c.req.param('pledge'))
  found(await findBacker(c.var.deps.db, project.id, pledgeId), new AppError('not_found'))
  await saveFulfilment(c.var.deps.db, { projectId: project.id, pledgeId }, data)
  return c.redirect(`${paths.backer(project, pledgeId)}?done=saved`, 303)
})

/** Where somebody lives is for those who deliver. */
async function backerPage(
  c: Context<AppEnv>,
  typed: { values?: FormValues; errors?: FormErrors } = {},
): Promise<Response> {
  const { db } = c.var.deps
  const [{ project }, backer] = await Promise.all([
    requireDelivering(c),
    findBacker(db, projectOf(c), Number(c.req.param('pledge'))),
  ])
  return renderPage(
    c,
    <BackerPage
      project={project}
      backer={found(backer, new AppError('not_found'))}
      isSaved={c.req.query('done') === 'saved'}
      {...typed}
    />,
    typed.errors ? 422 : 200,
  )
}
