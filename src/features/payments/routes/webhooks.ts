import { Hono } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import type { AppEnv } from '#http/env'
import { AppError } from '#lib/errors'
import { webhookBytesMax } from '../rules'
import { type ApplyPaymentEvent, receiveEvent } from '../writes'

const onError = () => {
  throw new AppError('too_large')
}

/**
 * Where providers tell what has happened; their signature is all the proof there is. What was taken
 * note of is answered with 200; everything else they tell again.
 */
export function providerWebhooks(apply: ApplyPaymentEvent): Hono<AppEnv> {
  const webhooks = new Hono<AppEnv>()
  const bounded = bodyLimit({ maxSize: webhookBytesMax, onError })
  webhooks.post('/webhooks/:provider', bounded, async (c) => {
    const { payments, log } = c.var.deps
    if (c.req.param('provider') !== payments.name) throw new AppError('not_found')
    const told = await payments.parseWebhook(c.req.raw.headers, await c.req.text())
    if (told.outcome === 'refused') {
      log.warn('a webhook was refused', { provider: payments.name, reason: told.reason })
      return c.text(told.reason, 400)
    }
    await receiveEvent(c.var.deps, told, apply)
    return c.text('Thank you.')
  })
  return webhooks
}
