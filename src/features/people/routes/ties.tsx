import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { AppEnv } from '#http/env'
import { readForm } from '#http/forms'
import { cursorAfter, idSchema, numberAfter, validQuery } from '#http/input'
import { limit } from '#http/rate-limit'
import { renderPage } from '#http/render'
import { nextPath, requireViewer } from '#http/session'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { BlockedPage, FollowingPage } from '../pages/ties-pages'
import { listBlocked, listFollowed } from '../reads/ties'
import { followsPerPair, followsPerPerson, nextForm } from '../rules'
import { block, follow, unblock, unfollow } from '../writes/ties'

export const ties = new Hono<AppEnv>()

ties.get('/following', validQuery(z.object({ after: cursorAfter })), async (c) => {
  const { id } = requireViewer(c)
  const { after } = c.req.valid('query')
  const { page, next } = await listFollowed(c.var.deps.db, id, after)
  return renderPage(c, <FollowingPage people={page} next={next} isFirstPage={!after} />)
})

ties.get('/settings/blocked', validQuery(z.object({ after: numberAfter })), async (c) => {
  const { id } = requireViewer(c)
  const { after } = c.req.valid('query')
  const { page, next } = await listBlocked(c.var.deps.db, id, after)
  return renderPage(c, <BlockedPage people={page} next={next} isFirstPage={!after} />)
})

ties.post('/people/:person/follow', async (c) => {
  const { viewer, id, next } = await readTie(c)
  await limit(c, 'follow', String(viewer.id), followsPerPerson)
  await limit(c, 'follow', `${viewer.id} ${id}`, followsPerPair)
  await follow(c.var.deps.db, viewer, id)
  return c.redirect(next, 303)
})

ties.post('/people/:person/unfollow', async (c) => {
  const { viewer, id, next } = await readTie(c)
  await unfollow(c.var.deps.db, viewer, id)
  return c.redirect(next, 303)
})

ties.post('/people/:person/block', async (c) => {
  const { viewer, id, next } = await readTie(c)
  await block(c.var.deps.db, viewer, id)
  return c.redirect(next, 303)
})

ties.post('/people/:person/unblock', async (c) => {
  const { viewer, id, next } = await readTie(c)
  await unblock(c.var.deps.db, viewer, id)
  return c.redirect(next, 303)
})

/** Who does it, to whom, and where the button stood. */
async function readTie(c: Context<AppEnv>) {
  const viewer = requireViewer(c)
  const id = idSchema.safeParse(c.req.param('person')).data
  if (id === undefined) throw new AppError('person_not_found')
  const { data } = await readForm(c, nextForm)
  return { viewer, id, next: data?.next ? nextPath(data.next) : paths.person({ id }) }
}
