import { type Context, Hono, type MiddlewareHandler } from 'hono'
import type { AppEnv } from '#http/env'
import { readForm } from '#http/forms'
import { found } from '#http/input'
import { renderPage } from '#http/render'
import { AppError } from '#lib/errors'
import { declineSentence } from '#payments/provider'
import {
  decidePayment,
  decideSetup,
  type Entry,
  enterCard,
  findPayment,
  findSetup,
} from '#payments/test-gateway-pages'
import { paths } from '#web/paths'
import { amountOf, CardEntryPage, ConfirmPage, TestCardsPage } from '../pages/gateway-pages'
import { answerForm, cardForm, withoutHost } from '../rules'

/** The test gateway's own pages: there only while it is in use. */
export const gateway = new Hono<AppEnv>()

const whileInUse: MiddlewareHandler<AppEnv> = async (c, next) => {
  if (c.var.deps.payments.name !== 'test') throw new AppError('not_found')
  await next()
}

gateway.get('/test-cards', whileInUse, (c) => renderPage(c, <TestCardsPage />))

gateway.get('/test-gateway/cards/:setup', whileInUse, async (c) => {
  const { setup } = c.req.param()
  return renderPage(c, <CardEntryPage setup={setup} cancelUrl={await cancelUrlOf(c, setup)} />)
})

gateway.post('/test-gateway/cards/:setup', whileInUse, async (c) => {
  const { setup } = c.req.param()
  const cancelUrl = await cancelUrlOf(c, setup)
  const { data } = await readForm(c, cardForm)
  const fields = data ?? { number: '', expiry: '', cvc: '' }
  const { db, now } = c.var.deps
  const entry = found(await enterCard(db, setup, fields, now()), new AppError('not_found'))
  if (entry.outcome !== 'wrong') return goOn(c, setup, cancelUrl, entry)
  const shown = { setup, cancelUrl, expiry: fields.expiry, errors: entry.errors }
  return renderPage(c, <CardEntryPage {...shown} />, 422)
})

gateway.get('/test-gateway/cards/:setup/confirm', whileInUse, async (c) => {
  const { setup } = c.req.param()
  await cancelUrlOf(c, setup)
  return renderPage(c, <ConfirmPage action={paths.decideGatewayCard(setup)} />)
})

gateway.post('/test-gateway/cards/:setup/confirm', whileInUse, async (c) => {
  const { setup } = c.req.param()
  const cancelUrl = await cancelUrlOf(c, setup)
  const isConfirmed = await readAnswer(c)
  const entry = await decideSetup(c.var.deps.db, setup, isConfirmed)
  return goOn(c, setup, cancelUrl, found(entry, new AppError('not_found')))
})

gateway.get('/test-gateway/payments/:payment', whileInUse, async (c) => {
  const { payment } = c.req.param()
  const asked = await findPayment(c.var.deps.db, payment)
  if (!asked?.isOpen) throw over()
  return renderPage(
    c,
    <ConfirmPage action={paths.gatewayPayment(payment)} amount={amountOf(asked)} />,
  )
})

gateway.post('/test-gateway/payments/:payment', whileInUse, async (c) => {
  const { payment } = c.req.param()
  if (!(await findPayment(c.var.deps.db, payment))) throw over()
  const isConfirmed = await readAnswer(c)
  const url = await decidePayment(c.var.deps.db, payment, isConfirmed)
  return c.redirect(withoutHost(found(url, over()), c.var.deps.config.baseUrl), 303)
})

const over = () =>
  new AppError('not_found', { detail: 'There is nothing to confirm here, or it is done already.' })

async function cancelUrlOf(c: Context<AppEnv>, setup: string): Promise<string> {
  const { cancelUrl } = found(await findSetup(c.var.deps.db, setup), new AppError('not_found'))
  return withoutHost(cancelUrl, c.var.deps.config.baseUrl)
}

async function readAnswer(c: Context<AppEnv>): Promise<boolean> {
  const { data } = await readForm(c, answerForm)
  if (!data) throw new AppError('invalid_input', { detail: 'Press “Confirm” or “Refuse”.' })
  return data.answer === 'confirm'
}

function goOn(c: Context<AppEnv>, setup: string, cancelUrl: string, entry: Entry): Response {
  if (entry.outcome === 'done') {
    return c.redirect(withoutHost(entry.url, c.var.deps.config.baseUrl), 303)
  }
  if (entry.outcome === 'confirm') return c.redirect(paths.decideGatewayCard(setup), 303)
  const alert = declineSentence(entry.code)
  return renderPage(c, <CardEntryPage {...{ setup, cancelUrl, alert }} />, 422)
}
