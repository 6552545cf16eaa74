import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { newPassword } from '#features/people/rules'
import { requireProject } from '#features/projects/reads/projects'
import { isRunning } from '#features/projects/rules'
import { keyPattern } from '#http/api-input'
import type { AppEnv } from '#http/env'
import { readForm } from '#http/forms'
import { enterAsGuest, findBacker, guestToken, requireBacker } from '#http/guest'
import { numberAfter, parseProjectId, validQuery } from '#http/input'
import { limit } from '#http/rate-limit'
import { renderPage } from '#http/render'
import { nextPath, signIn } from '#http/session'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { ClaimPage } from '../pages/guest-pages'
import { CancelPage, PledgePage, ReceiptPage } from '../pages/pledge-page'
import { PledgesPage } from '../pages/pledges-page'
import { findOwnPledge, listOwnPledges, sumOwnPledges } from '../reads/own'
import { pledgesPerPerson } from '../rules'
import { claimGuest } from '../writes/guests'
import { withdrawPledge } from '../writes/place-pledge'

export const ownPledges = new Hono<AppEnv>()

const query = validQuery(z.object({ after: numberAfter }))

ownPledges.get('/pledges', query, async (c) => {
  const { id } = await requireBacker(c)
  const { db } = c.var.deps
  const { after } = c.req.valid('query')
  const [{ page, next }, sums] = await Promise.all([
    listOwnPledges(db, id, after),
    sumOwnPledges(db, id),
  ])
  return renderPage(c, <PledgesPage pledges={page} sums={sums} next={next} isFirstPage={!after} />)
})

ownPledges.get('/projects/:project/pledge', async (c) => {
  const { project, pledge, backer } = await openPledge(c)
  const locked = isRunning(project, { now: c.var.deps.now() })
    ? undefined
    : 'The campaign is over, so your pledge can no longer be changed or canceled.'
  const shown = { project, pledge, locked, isGuest: backer.isGuest }
  return renderPage(c, <PledgePage {...shown} done={c.req.query('done')} />)
})

ownPledges.get('/projects/:project/pledge/receipt', async (c) => {
  const { project, pledge, backer } = await openPledge(c)
  const { name, email } = backer
  return renderPage(c, <ReceiptPage project={project} pledge={pledge} name={name} email={email} />)
})

ownPledges.get('/projects/:project/pledge/cancel', async (c) => {
  const { project, pledge } = await openPledge(c)
  if (pledge.status === 'canceled') throw new AppError('pledge_not_found')
  return renderPage(
    c,
    <CancelPage project={project} pledge={pledge} requestKey={crypto.randomUUID()} />,
  )
})

const cancelForm = z.object({ key: z.string().regex(keyPattern) })

ownPledges.post('/projects/:project/pledge/cancel', async (c) => {
  const { project, pledge, backer } = await openPledge(c)
  const { data } = await readForm(c, cancelForm)
  if (!data) throw new AppError('invalid_input', { detail: 'Go back and reload that page.' })
  await limit(c, 'pledge', String(backer.id), pledgesPerPerson)
  try {
    await withdrawPledge(c.var.deps, backer, project, data.key)
  } catch (error) {
    if (!(error instanceof AppError) || error.status !== 409) throw error
    const shown = { project, pledge, requestKey: data.key, problem: error.sentence }
    return renderPage(c, <CancelPage {...shown} />, 409)
  }
  return c.redirect(paths.pledge(project, { done: 'cancel' }), 303)
})

// A link that is opened does nothing but let its reader in, so a scanner does no harm.
ownPledges.get('/guests', async (c) => {
  const guest = await enterAsGuest(c, c.req.query('token') ?? '')
  if (!guest) throw new AppError('link_used')
  return c.redirect(nextPath(c.req.query('next')), 303)
})

ownPledges.get('/guests/claim', async (c) => {
  const { name, email } = await requireGuest(c)
  return renderPage(c, <ClaimPage name={name} email={email} />)
})

ownPledges.post('/guests/claim', async (c) => {
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

/** Somebody’s own pledge. Throws AppError sign_in_required, project_ or pledge_not_found. */
async function openPledge(c: Context<AppEnv>) {
  const backer = await requireBacker(c)
  const { db } = c.var.deps
  const id = parseProjectId(c.req.param('project') ?? '')
  const [project, pledge] = await Promise.all([
    requireProject(db, id),
    findOwnPledge(db, backer.id, id),
  ])
  if (!pledge) throw new AppError('pledge_not_found')
  return { backer, project, pledge }
}
