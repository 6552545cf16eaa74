import { type Context, Hono } from 'hono'
import type { Viewer } from '#db/sessions'
import { listBalances } from '#features/ledger/reads'
import { type Books, booksOf } from '#features/ledger/rules/books'
import { findAccess, requireAccess } from '#features/projects/reads/access'
import type { AppEnv } from '#http/env'
import { readForm } from '#http/forms'
import { found, idSchema, parseProjectId } from '#http/input'
import { limit } from '#http/rate-limit'
import { renderPage } from '#http/render'
import { requireViewer } from '#http/session'
import { byteOrderMark, csvLine } from '#lib/csv'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { ClockPage } from '../pages/clock-page'
import { MoneyPage } from '../pages/money-page'
import { RefundPage } from '../pages/refund-page'
import {
  findMoneyProject,
  findRefundable,
  listPayouts,
  listReturned,
  type MoneyProject,
} from '../reads/money'
import { clockForm, lateForm, refundForm, refundsPerPerson } from '../rules/forms'
import { statementRows } from '../rules/statement'
import { goTo } from '../writes/clock'
import { openLatePledges } from '../writes/late'
import { refundPledge } from '../writes/refunds'
import { settlingOf } from '../writes/settling'

export const money = new Hono<AppEnv>()

money.get('/projects/:project/money', async (c) => {
  const shown = await openMoney(c)
  const isDemo = c.var.deps.config.demo
  return renderPage(c, <MoneyPage {...shown} isDemo={isDemo} done={c.req.query('done')} />)
})

money.get('/projects/:project/money.csv', async (c) => {
  const { project, books, payouts, returned } = await openMoney(c)
  const lines = statementRows(project, books, payouts, returned).map(csvLine)
  return c.body(byteOrderMark + lines.join(''), 200, {
    'Content-Type': 'text/csv; charset=utf-8',
    'Content-Disposition': `attachment; filename="project-${project.id}-money.csv"`,
    'Cache-Control': 'private, no-store',
  })
})

money.get('/projects/:project/money/refund', async (c) => {
  const id = projectOf(c)
  const pledgeId = idSchema.safeParse(c.req.query('pledge')).data ?? 0
  const [{ project }, pledge] = await Promise.all([
    requireAccess(c.var.deps.db, requireViewer(c), id, 'creator'),
    findRefundable(c.var.deps.db, id, pledgeId),
  ])
  if (!pledge) throw noSuchPledge()
  return renderPage(c, <RefundPage project={project} pledgeId={pledgeId} pledge={pledge} />)
})

money.post('/projects/:project/money/refund', async (c) => {
  const viewer = requireViewer(c)
  const { db } = c.var.deps
  const id = projectOf(c)
  const { project } = await requireAccess(db, viewer, id, 'creator')
  const { currency } = found(await findMoneyProject(db, id), new AppError('project_not_found'))
  const { values, data, errors } = await readForm(c, refundForm(currency))
  const again = async (errors: Record<string, string>) => {
    const pledgeId = idSchema.safeParse(values['pledge']).data ?? 0
    const pledge = await findRefundable(db, id, pledgeId)
    if (!pledge) throw noSuchPledge()
    return renderPage(c, <RefundPage {...{ project, pledgeId, pledge, values, errors }} />, 422)
  }
  if (errors) return again({ ...errors })
  await limit(c, 'refund', String(viewer.id), refundsPerPerson)
  const { pledge: pledgeId, number, amount, reason } = data
  try {
    const wish = { projectId: id, pledgeId, number, amount, reason }
    const isDone = await refundPledge(settlingOf(c.var.deps), viewer, wish)
    return c.redirect(paths.money(project, { done: isDone ? 'refunded' : 'asked' }), 303)
  } catch (error) {
    if (!(error instanceof AppError)) throw error
    if (error.code === 'edited_meanwhile') {
      return again({ number: 'Another refund was made meanwhile. Please look again.' })
    }
    if (error.field) return again({ [error.field]: error.message })
    throw error
  }
})

money.post('/projects/:project/money/late', async (c) => {
  const viewer = requireViewer(c)
  const { db, config } = c.var.deps
  const id = projectOf(c)
  const { project } = await requireAccess(db, viewer, id, 'creator')
  const { values, data, errors } = await readForm(c, lateForm)
  const again = async (errors: Record<string, string>) => {
    const shown = { ...(await openMoney(c)), isDemo: config.demo, done: undefined }
    return renderPage(c, <MoneyPage {...shown} values={values} errors={errors} />, 422)
  }
  if (errors) return again({ ...errors })
  const until = data.when === 'later' ? data.until : null
  try {
    await openLatePledges(db, viewer, { projectId: id, until })
  } catch (error) {
    if (error instanceof AppError && error.field) return again({ [error.field]: error.message })
    throw error
  }
  return c.redirect(paths.money(project, { done: until ? 'late' : 'late-over' }), 303)
})

money.get('/projects/:project/clock', async (c) => {
  const { project, books } = await openClock(c)
  return renderPage(c, <ClockPage project={project} books={books} />)
})

money.post('/projects/:project/clock', async (c) => {
  const { project } = await openClock(c)
  const { data } = await readForm(c, clockForm)
  if (!data) throw new AppError('invalid_input', { detail: 'Choose one of the buttons.' })
  await goTo(c.var.deps.db, project.id, data.moment)
  return c.redirect(paths.clock(project), 303)
})

const projectOf = (c: Context<AppEnv>): number => parseProjectId(c.req.param('project') ?? '')

const noSuchPledge = () =>
  new AppError('pledge_not_found', {
    detail: 'Nothing was collected by a pledge with this number for this project.',
  })

/** What those who may see a project's numbers see of its money, and staff. */
async function openMoney(c: Context<AppEnv>) {
  const viewer = requireViewer(c)
  const { db } = c.var.deps
  const id = projectOf(c)
  const [{ isCreator }, row, balances, payouts, returned] = await Promise.all([
    requireNumbers(c, viewer, id),
    findMoneyProject(db, id),
    listBalances(db, id),
    listPayouts(db, id),
    listReturned(db, id),
  ])
  const project = found(row, new AppError('project_not_found'))
  const hasBooks = balances.length > 0 || project.settledAt !== null || project.status === 'live'
  const books = hasBooks ? booksOf(balances, project.pledged) : null
  return { project, books, payouts, returned, isCreator }
}

async function requireNumbers(c: Context<AppEnv>, viewer: Viewer, id: number) {
  const { db } = c.var.deps
  if (viewer.role !== 'staff') return await requireAccess(db, viewer, id, 'numbers')
  return found(await findAccess(db, viewer, id), new AppError('project_not_found'))
}

/** Outside a demo there is no such page; in one, it is for the creator and staff. */
async function openClock(c: Context<AppEnv>): Promise<{ project: MoneyProject; books: Books }> {
  const { db, config } = c.var.deps
  if (!config.demo) throw new AppError('not_found')
  const viewer = requireViewer(c)
  const id = projectOf(c)
  const [row, balances] = await Promise.all([
    findMoneyProject(db, id),
    listBalances(db, id),
    viewer.role === 'staff' ? undefined : requireAccess(db, viewer, id, 'creator'),
  ])
  const project = found(row, new AppError('project_not_found'))
  return { project, books: booksOf(balances, project.pledged) }
}
