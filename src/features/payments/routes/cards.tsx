import { type Context, Hono } from 'hono'
import type { AppEnv } from '#http/env'
import { requireBacker } from '#http/guest'
import { idSchema } from '#http/input'
import { limit } from '#http/rate-limit'
import { renderPage } from '#http/render'
import { nextPath, requireViewer } from '#http/session'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { CardsPage, type PaysFor } from '../pages/cards-pages'
import { listCards } from '../reads'
import { newCardTries } from '../rules'
import { addCard, chooseCard, removeCard, startCard } from '../writes'

export const cards = new Hono<AppEnv>()

cards.get('/settings/cards', (c) => page(c))

cards.get('/settings/cards/new', async (c) => {
  const { id, email, name } = await requireBacker(c)
  await limit(c, 'new card', String(id), newCardTries)
  return c.redirect(await startCard(c.var.deps, { id, email, name }, comingBack(c)), 303)
})

// Whoever comes back from the provider's page may be a guest: what they bring tells whose card it is.
cards.get('/settings/cards/added', async (c) => {
  const to = comingBack(c)
  const card = await addCard(c.var.deps, c.req.query('setup') ?? '', c.var.viewer?.id)
  if (!card) return c.redirect(to, 303)
  const done = to === paths.cards() ? '&done=added' : ''
  return c.redirect(`${to}${to.includes('?') ? '&' : '?'}card=${card.id}${done}`, 303)
})

cards.post('/settings/cards/:card/default', async (c) => {
  const { id } = requireViewer(c)
  await chooseCard(c.var.deps.db, id, cardId(c))
  return c.redirect(paths.cards({ done: 'chosen' }), 303)
})

cards.post('/settings/cards/:card/remove', async (c) => {
  const { id } = requireViewer(c)
  const projects = await removeCard(c.var.deps, id, cardId(c))
  if (projects.length > 0) return page(c, { cardId: cardId(c), projects })
  return c.redirect(paths.cards({ done: 'removed' }), 303)
})

async function page(c: Context<AppEnv>, kept?: PaysFor): Promise<Response> {
  const { id } = requireViewer(c)
  const { db, payments } = c.var.deps
  const cards = await listCards(db, id, payments.name)
  const isTest = payments.name === 'test'
  const shown = { cards, isTest, done: c.req.query('done') }
  return renderPage(c, <CardsPage {...shown} {...(kept ? { kept } : {})} />, kept ? 409 : 200)
}

function comingBack(c: Context<AppEnv>): string {
  const to = c.req.query('to')
  return to === undefined ? paths.cards() : nextPath(to)
}

function cardId(c: Context<AppEnv>): number {
  const parsed = idSchema.safeParse(c.req.param('card'))
  if (!parsed.success) throw new AppError('not_found')
  return parsed.data
}
