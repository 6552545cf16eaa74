import { type Context, Hono } from 'hono'
import { listCards } from '#features/payments/reads'
import type { AppEnv } from '#http/env'
import { readForm } from '#http/forms'
import { requireBacker } from '#http/guest'
import { found, idSchema, parseProjectId } from '#http/input'
import { limit } from '#http/rate-limit'
import { renderPage } from '#http/render'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { MendPage } from '../pages/mend-page'
import { findUnpaid } from '../reads/unpaid'
import { mendForm, mendsPerPerson } from '../rules/forms'
import { checkPayment, confirmPayment, mendPledge } from '../writes/mend'
import { settlingOf } from '../writes/settling'

export const payment = new Hono<AppEnv>()

payment.get('/projects/:project/pledge/payment', async (c) => {
  const { backerId, projectId } = await open(c)
  if (c.req.query('back') !== undefined) {
    const pledge = await requirePledge(c, backerId, projectId)
    await checkPayment(settlingOf(c.var.deps), pledge)
    return c.redirect(paths.mendPledge(pledge), 303)
  }
  return page(c, backerId, projectId)
})

payment.post('/projects/:project/pledge/payment', async (c) => {
  const { backerId, projectId } = await open(c)
  await requirePledge(c, backerId, projectId)
  const { data } = await readForm(c, mendForm)
  if (!data) return page(c, backerId, projectId, { card: 'Please choose a card.' })
  await limit(c, 'mend', String(backerId), mendsPerPerson)
  const mended = await mendPledge(settlingOf(c.var.deps), backerId, {
    projectId,
    cardId: data.card,
  })
  if (mended.charge === 'declined') return page(c, backerId, projectId, { again: 'yes' })
  return c.redirect(paths.mendPledge(mended), 303)
})

payment.post('/projects/:project/pledge/payment/confirm', async (c) => {
  const { backerId, projectId } = await open(c)
  await limit(c, 'mend', String(backerId), mendsPerPerson)
  const bank = await confirmPayment(settlingOf(c.var.deps), backerId, projectId)
  return c.redirect(bank ?? paths.mendPledge({ id: projectId }), 303)
})

async function open(c: Context<AppEnv>) {
  const { id: backerId } = await requireBacker(c)
  return { backerId, projectId: parseProjectId(c.req.param('project') ?? '') }
}

const requirePledge = async (c: Context<AppEnv>, backerId: number, projectId: number) =>
  found(await findUnpaid(c.var.deps.db, backerId, projectId), new AppError('pledge_not_found'))

async function page(
  c: Context<AppEnv>,
  backerId: number,
  projectId: number,
  errors?: Record<string, string>,
): Promise<Response> {
  const { db, payments } = c.var.deps
  const [pledge, cards] = await Promise.all([
    requirePledge(c, backerId, projectId),
    listCards(db, backerId, payments.name),
  ])
  const chosen = idSchema.safeParse(c.req.query('card')).data
  const isTest = payments.name === 'test'
  const isAgain = errors?.['again'] !== undefined
  return renderPage(
    c,
    <MendPage {...{ pledge, cards, chosen, isTest, isAgain, errors: errors ?? {} }} />,
    errors ? 422 : 200,
  )
}
