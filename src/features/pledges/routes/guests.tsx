import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { displayName, emailAddress, newPassword, showsOutbox } from '#features/people/rules'
import type { AppEnv } from '#http/env'
import { readForm } from '#http/forms'
import { enterAsGuest, findBacker, guestToken } from '#http/guest'
import { addressOf, limit } from '#http/rate-limit'
import { renderPage } from '#http/render'
import { nextPath, signIn } from '#http/session'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { comingPath, WhoPage } from '../pages/checkout-page'
import { ClaimPage, InvitedPage } from '../pages/guest-pages'
import { guestsPerAddress, guestsPerEmail } from '../rules'
import { choiceFields, quoteOf, readChoice } from '../rules/choice'
import { claimGuest, inviteGuest } from '../writes/guests'
import { openStep } from './open'

/** Backing without an account. */
export const guests = new Hono<AppEnv>()

guests.post('/projects/:project/pledges/guest', async (c) => {
  const opened = await openStep(c, 'new')
  if (opened instanceof Response) return opened
  const { project, rewards } = opened
  const { values, data, errors } = await readForm(
    c,
    z.looseObject({ name: displayName, email: emailAddress }),
  )
  const { db, config } = c.var.deps
  const offer = { currency: project.currency, rewards }
  const { choice } = readChoice(values, offer)
  if (errors) {
    const quote = quoteOf(choice, offer)
    const shown = { project, rates: config.fees, choice, quote, isChange: false }
    return renderPage(c, <WhoPage {...shown} values={values} errors={errors} />, 422)
  }
  const { name, email } = data
  await limit(c, 'guest', addressOf(c), guestsPerAddress)
  await limit(c, 'guest', email, guestsPerEmail)
  const next = comingPath(project, choiceFields(choice, project.currency))
  await inviteGuest(db, { name, email, next }, config.baseUrl)
  return renderPage(c, <InvitedPage email={email} outbox={showsOutbox(config)} />)
})

// A link that is opened does nothing but let its reader in, so a scanner does no harm.
guests.get('/guests', async (c) => {
  const guest = await enterAsGuest(c, c.req.query('token') ?? '')
  if (!guest) throw new AppError('link_used')
  return c.redirect(nextPath(c.req.query('next')), 303)
})

guests.get('/guests/claim', async (c) => {
  const { name, email } = await requireGuest(c)
  return renderPage(c, <ClaimPage name={name} email={email} />)
})

guests.post('/guests/claim', async (c) => {
  const { name, email, token } = await requireGuest(c)
  const { data, errors } = await readForm(c, z.object({ password: newPassword }))
  if (errors) return renderPage(c, <ClaimPage name={name} email={email} errors={errors} />, 422)
  const { password } = data
  await signIn(c, await claimGuest(c.var.deps.db, { token, name, password }))
  return c.redirect(paths.pledges(), 303)
})

/** Who has come by a link that was mailed to a guest. Throws AppError link_used. */
async function requireGuest(c: Context<AppEnv>) {
  const backer = await findBacker(c)
  const token = guestToken(c)
  if (!backer?.isGuest || token === undefined) throw new AppError('link_used')
  return { ...backer, token }
}
