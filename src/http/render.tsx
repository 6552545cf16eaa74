import type { Context } from 'hono'
import type { ReactElement } from 'react'
import { renderToReadableStream } from 'react-dom/server'
import { describeError } from '#lib/errors'
import { SiteContext } from '#web/site'
import { compressed } from './compress'
import type { AppEnv } from './env'
import { streamedPolicy } from './security-headers'

// A page whose sections take longer is cut off where it stands.
const renderDeadlineMs = 10_000

type Status = 200 | 400 | 404 | 405 | 414 | 500 | 503

/** Renders a page whose data is all there, in one piece. */
export async function renderPage(
  c: Context<AppEnv>,
  page: ReactElement,
  status: Status = 200,
): Promise<Response> {
  const html = await new Response(await startRender(c, page, {})).text()
  return compressed(c, html, 'text/html; charset=utf-8', status)
}

/**
 * Sends the page's shell at once and each late section when its data is there. Sections wait with
 * `use(promise)` inside a Suspense boundary.
 */
export async function streamPage(c: Context<AppEnv>, page: ReactElement): Promise<Response> {
  const nonce = crypto.getRandomValues(Buffer.alloc(16)).toString('base64')
  const signal = AbortSignal.any([c.req.raw.signal, AbortSignal.timeout(renderDeadlineMs)])
  const stream = await startRender(c, page, { nonce, signal })
  return c.body(stream, 200, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': streamedPolicy(nonce),
    // Nginx would otherwise hold the shell back until the page is whole.
    'X-Accel-Buffering': 'no',
  })
}

function startRender(
  c: Context<AppEnv>,
  page: ReactElement,
  options: { nonce?: string; signal?: AbortSignal },
) {
  const { config, assets, log, now } = c.var.deps
  const site = {
    baseUrl: config.baseUrl,
    stylesheet: assets.stylesheet,
    font: assets.font,
    now: now(),
  }
  return renderToReadableStream(<SiteContext value={site}>{page}</SiteContext>, {
    ...options,
    onError(error) {
      if (c.req.raw.signal.aborted) return
      log.error('a page could not be rendered', { path: c.req.path, error: describeError(error) })
    },
  })
}
