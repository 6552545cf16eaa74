import { type Context, Hono } from 'hono'
import { z } from 'zod'
import type { AppEnv } from '#http/env'
import { readForm } from '#http/forms'
import { numberAfter, validQuery } from '#http/input'
import { renderPage } from '#http/render'
import { requireViewer } from '#http/session'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { ActivityPage, NotificationsPage, UnsubscribePage } from './pages'
import { isMailKey, listActivities, listMuted } from './reads/activities'
import { topicsForm, unsubscribeQuery } from './rules/topics'
import { chooseTopics, markSeen, unsubscribe } from './writes/preferences'

export const activity = new Hono<AppEnv>()

activity.get('/activity', validQuery(z.object({ after: numberAfter })), async (c) => {
  const viewer = requireViewer(c)
  const { db } = c.var.deps
  const { after } = c.req.valid('query')
  const { page, next } = await listActivities(db, viewer.id, after)
  const latest = page[0]
  // A browser that only fetches it ahead has not shown it.
  const isAhead = c.req.header('sec-purpose')?.startsWith('prefetch') ?? false
  if (latest?.isNew && !after && !isAhead) {
    await markSeen(db, viewer.id, latest.id)
    c.set('viewer', { ...viewer, unseen: 0 })
  }
  return renderPage(c, <ActivityPage activities={page} next={next} isFirstPage={!after} />)
})

activity.get('/settings/notifications', async (c) => {
  const { id } = requireViewer(c)
  const muted = await listMuted(c.var.deps.db, id)
  return renderPage(
    c,
    <NotificationsPage muted={muted} isSaved={c.req.query('done') !== undefined} />,
  )
})

activity.post('/settings/notifications', async (c) => {
  const { id } = requireViewer(c)
  const { data } = await readForm(c, topicsForm)
  if (!data) throw new AppError('invalid_input')
  await chooseTopics(c.var.deps.db, id, data)
  return c.redirect(`${paths.settingsOf('notifications')}?done=`, 303)
})

activity.get('/unsubscribe', async (c) => {
  const given = unsubscription(c)
  if (!(await isMailKey(c.var.deps.db, given))) throw wrongLink()
  return renderPage(
    c,
    <UnsubscribePage topic={given.topic} action={paths.unsubscribe(given)} isDone={false} />,
  )
})

/** Also what a mailbox sends by itself (RFC 8058), whose form says nothing that matters. */
activity.post('/unsubscribe', async (c) => {
  const given = unsubscription(c)
  if (!(await unsubscribe(c.var.deps.db, given))) throw wrongLink()
  return renderPage(
    c,
    <UnsubscribePage topic={given.topic} action={paths.unsubscribe(given)} isDone />,
  )
})

function unsubscription(c: Context<AppEnv>) {
  const parsed = unsubscribeQuery.safeParse(c.req.query())
  if (!parsed.success) throw wrongLink()
  return parsed.data
}

const wrongLink = () =>
  new AppError('not_found', {
    detail: 'This link belongs to no account. In your settings you choose what comes by mail.',
  })
