import { type Context, Hono } from 'hono'
import { z } from 'zod'
import { requireBackedProject } from '#features/projects/reads/projects'
import { isRunning } from '#features/projects/rules'
import { keyPattern } from '#http/api-input'
import type { AppEnv } from '#http/env'
import { readForm } from '#http/forms'
import { requireBacker } from '#http/guest'
import { numberAfter, parseProjectId, validQuery } from '#http/input'
import { limit } from '#http/rate-limit'
import { renderPage } from '#http/render'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { CancelPage, PledgePage, ReceiptPage } from '../pages/pledge-page'
import { PledgesPage } from '../pages/pledges-page'
import { findOwnPledge, listOwnPledges, sumOwnPledges } from '../reads/own'
import { pledgesPerPerson } from '../rules'
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

/** Somebody’s own pledge. Throws AppError sign_in_required, project_ or pledge_not_found. */
async function openPledge(c: Context<AppEnv>) {
  const backer = await requireBacker(c)
  const { db } = c.var.deps
  const id = parseProjectId(c.req.param('project') ?? '')
  const [project, pledge] = await Promise.all([
    requireBackedProject(db, id),
    findOwnPledge(db, backer.id, id),
  ])
  if (!pledge) throw new AppError('pledge_not_found')
  return { backer, project, pledge }
}
