import { Hono } from 'hono'
import { listOutbox } from '#db/outbox'
import type { AppEnv } from '#http/env'
import { renderPage } from '#http/render'
import { AppError } from '#lib/errors'
import { OutboxPage } from '../pages/outbox-page'
import { showsOutbox } from '../rules'

export const outbox = new Hono<AppEnv>()

outbox.get('/outbox', async (c) => {
  const { db, config } = c.var.deps
  if (!showsOutbox(config)) throw new AppError('not_found')
  c.header('Cache-Control', 'private, no-store')
  return renderPage(c, <OutboxPage mails={await listOutbox(db)} />)
})
