import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { keyPattern } from '#http/api-input'
import type { AppEnv } from '#http/env'
import { type FormErrors, plain, readForm } from '#http/forms'
import type { Backer } from '#http/guest'
import { limit } from '#http/rate-limit'
import { renderPage } from '#http/render'
import { AppError } from '#lib/errors'
import { formatMoney } from '#lib/money'
import { paths } from '#web/paths'
import { CheckoutPage, checkoutPath, WhoPage } from '../pages/checkout-page'
import { ChoosePage } from '../pages/choose-page'
import { findOwnPledge } from '../reads/own'
import { holdsPerPerson, pledgesPerPerson } from '../rules'
import { type Choice, choiceFields, quoteOf, readChoice } from '../rules/choice'
import { holdReward } from '../writes/holds'
import { adjustPledge, placePledge, type Wish } from '../writes/place-pledge'
import { rememberChoice, takeChoice } from './chosen'
import { cardsOf, type Mode, type Opened, openProject, openStep, refuse, stopAt } from './open'

export const backing = new Hono<AppEnv>()

type Texts = Readonly<Record<string, string>>

const anything = z.looseObject({})

backing.get('/projects/:project/pledges/new', (c) => choose(c, 'new'))
backing.get('/projects/:project/pledge/change', (c) => choose(c, 'change'))
backing.post('/projects/:project/pledges/new', (c) => enter(c, 'new'))
backing.post('/projects/:project/pledge/change', (c) => enter(c, 'change'))
backing.get('/projects/:project/pledges/checkout', (c) => checkOut(c, 'new'))
backing.get('/projects/:project/pledge/checkout', (c) => checkOut(c, 'change'))
backing.post('/projects/:project/pledges/checkout', (c) => confirm(c, 'new'))
backing.post('/projects/:project/pledge/checkout', (c) => confirm(c, 'change'))

/** Choosing; all of it is in the address, so that it can be made anew at each step. */
async function choose(c: Context<AppEnv>, mode: Mode): Promise<Response> {
  const opened = await openStep(c, mode)
  if (opened instanceof Response) return opened
  return await choosePage(c, mode, opened, textsOf(c))
}

/** From choosing to the checkout, where a limited reward is set aside. */
async function enter(c: Context<AppEnv>, mode: Mode): Promise<Response> {
  const opened = await openStep(c, mode)
  if (opened instanceof Response) return opened
  const { project, rewards, backer } = opened
  const { values } = await readForm(c, anything)
  const offer = { currency: project.currency, rewards }
  const { choice, errors } = readChoice(values, offer)
  const wrong = { ...quoteOf(choice, offer).errors, ...errors }
  if (Object.keys(wrong).length > 0) {
    return await choosePage(c, mode, opened, { ...values, check: '1' }, 422)
  }
  if (backer && choice.rewardId !== null) {
    const held = await setAside(c, mode, opened, backer, choice.rewardId)
    if (held) return held
  }
  if (!backer && choice.rewardId !== null) rememberChoice(c, project, choice.rewardId)
  return c.redirect(
    checkoutPath(project, mode === 'change', choiceFields(choice, project.currency)),
    303,
  )
}

async function setAside(
  c: Context<AppEnv>,
  mode: Mode,
  opened: Opened,
  backer: Backer,
  rewardId: number,
): Promise<Response | undefined> {
  await limit(c, 'hold', String(backer.id), holdsPerPerson)
  const wish = { projectId: opened.project.id, rewardId, personId: backer.id }
  try {
    await holdReward(c.var.deps.db, wish)
    return undefined
  } catch (error) {
    return refuse(c, mode, opened, error)
  }
}

async function choosePage(
  c: Context<AppEnv>,
  mode: Mode,
  { project, rewards, backer, checkout }: Opened,
  given: Texts,
  status: 200 | 422 = 200,
): Promise<Response> {
  const { db, config } = c.var.deps
  const offer = { currency: project.currency, rewards }
  const own =
    mode === 'change' && backer ? await findOwnPledge(db, backer.id, project.id) : undefined
  const start: Texts = own
    ? choiceFields(own, project.currency)
    : checkout?.country
      ? { country: checkout.country }
      : {}
  // What is not given is as it was; once anything is, a box that is not ticked is meant so.
  const values = own && given['reward'] !== undefined ? given : { ...start, ...given }
  const { choice, errors } = readChoice(values, offer)
  const quote = quoteOf(choice, offer)
  const isChecked = values['check'] !== undefined
  return renderPage(
    c,
    <ChoosePage
      project={project}
      rewards={rewards}
      rates={config.fees}
      values={values}
      errors={isChecked ? { ...quote.errors, ...errors } : {}}
      quote={quote}
      {...(own ? { ownReward: own.rewardId } : {})}
    />,
    status,
  )
}

async function checkOut(c: Context<AppEnv>, mode: Mode): Promise<Response> {
  const opened = await openStep(c, mode)
  if (opened instanceof Response) return opened
  const { project, backer } = opened
  const { coming, ...values } = textsOf(c)
  const chosen = backer && coming ? takeChoice(c, project) : undefined
  if (backer && chosen !== undefined && values['reward'] === String(chosen)) {
    const held = await setAside(c, mode, opened, backer, chosen)
    return held ?? c.redirect(checkoutPath(project, mode === 'change', values), 303)
  }
  return await checkoutPage(c, mode, opened, textsOf(c))
}

interface Problem {
  status: 409 | 422
  problem?: string
  cardError?: string
}

async function checkoutPage(
  c: Context<AppEnv>,
  mode: Mode,
  opened: Opened,
  values: Texts,
  wrong?: Problem,
): Promise<Response> {
  const { project, rewards, backer, checkout } = opened
  const { config, payments, db } = c.var.deps
  const offer = { currency: project.currency, rewards }
  const { choice, errors } = readChoice(values, offer)
  const quote = quoteOf(choice, offer)
  if (Object.keys({ ...quote.errors, ...errors }).length > 0) {
    return await choosePage(c, mode, opened, { ...values, check: '1' }, 422)
  }
  const shown = { project, rates: config.fees, choice, quote, isChange: mode === 'change' }
  if (!backer) return renderPage(c, <WhoPage {...shown} values={values} errors={{}} />)
  const [cards, own] = await Promise.all([
    cardsOf(c, backer),
    mode === 'change' ? findOwnPledge(db, backer.id, project.id) : undefined,
  ])
  const reward = rewards.find(({ id }) => id === choice.rewardId)
  const hold = checkout?.hold?.rewardId === choice.rewardId ? checkout?.hold : undefined
  const isLimited = reward?.quantity != null && own?.rewardId !== reward.id
  return renderPage(
    c,
    <CheckoutPage
      {...shown}
      problem={wrong?.problem}
      cardError={wrong?.cardError}
      hold={hold}
      isHoldOver={isLimited && !hold}
      isComing={values['coming'] !== undefined}
      cards={cards}
      chosenCard={Number(values['card']) || own?.cardId}
      isTest={payments.name === 'test'}
      requestKey={crypto.randomUUID()}
    />,
    wrong?.status ?? 200,
  )
}

const confirmForm = z.looseObject({
  key: z.string().regex(keyPattern),
  total: z.string().regex(/^\d{1,15}$/),
  card: z.string().regex(/^[1-9]\d{0,14}$/),
})

const noCard = 'Please choose one of your cards, or add one.'

/** A form that lacks what every form of ours has. */
const wrongForm = (errors: FormErrors | undefined): Problem =>
  errors?.['card']
    ? { status: 422, cardError: noCard }
    : { status: 422, problem: 'That form was not whole, so nothing was done. Confirm it again.' }

/** Places the pledge or changes it: once for each form, however often that is sent. */
async function confirm(c: Context<AppEnv>, mode: Mode): Promise<Response> {
  const opened = await openProject(c)
  const { project, rewards, backer } = opened
  if (!backer) throw new AppError('sign_in_required')
  const { values, data, errors } = await readForm(c, confirmForm)
  const offer = { currency: project.currency, rewards }
  const { choice, errors: unread } = readChoice(values, offer)
  const isWrong = Object.keys({ ...quoteOf(choice, offer).errors, ...unread }).length > 0
  if (!data || isWrong) {
    const stopped = stopAt(c, mode, opened)
    return stopped ?? (await checkoutPage(c, mode, opened, values, wrongForm(errors)))
  }
  await limit(c, 'pledge', String(backer.id), pledgesPerPerson)
  const wish: Wish = {
    ...choice,
    key: data.key,
    total: Number(data.total),
    cardId: Number(data.card),
  }
  const { deps } = c.var
  try {
    if (mode === 'new') await placePledge(deps, backer, project, wish)
    else await adjustPledge(deps, backer, project, wish)
  } catch (error) {
    const code = error instanceof AppError ? error.code : undefined
    // The same form with another card, after it was done: it is not done again.
    if (code === 'key_reused') return c.redirect(paths.pledge(project), 303)
    if (code === 'price_changed') return await askAgain(c, mode, opened, values, choice)
    if (code === 'card_not_found') {
      return await checkoutPage(c, mode, opened, values, { status: 422, cardError: noCard })
    }
    // It has ended since, or was taken down: the page says which.
    const stopped = code === 'campaign_over' ? stopAt(c, mode, opened) : undefined
    return stopped ?? refuse(c, mode, opened, error)
  }
  return c.redirect(paths.pledge(project, { done: mode }), 303)
}

/** Shows what it comes to now; nothing is done before that is confirmed. */
async function askAgain(
  c: Context<AppEnv>,
  mode: Mode,
  opened: Opened,
  values: Texts,
  choice: Choice,
): Promise<Response> {
  const { currency } = opened.project
  const { total } = quoteOf(choice, { currency, rewards: opened.rewards })
  const problem = `The price has changed: it comes to ${formatMoney(total, currency)} now. Nothing was charged. Confirm it again, if you still want it.`
  return await checkoutPage(c, mode, opened, values, { status: 409, problem })
}

/** The query, of several values with one name the last. */
const textsOf = (c: Context<AppEnv>): Texts =>
  Object.fromEntries(Object.entries(c.req.query()).map(([name, text]) => [name, plain(text)]))
