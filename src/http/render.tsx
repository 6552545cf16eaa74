import type { Context } from 'hono'
import type { ReactElement } from 'react'
import { renderToReadableStream, renderToString } from 'react-dom/server'
import { describeError } from '#lib/errors'
import { SiteContext } from '#web/site'
import { clientAddress } from './client-address'
import { compressed } from './compress'
import type { AppEnv } from './env'
import { doNotKeep, recordingOf } from './keep'
import { streamedPolicy } from './security-headers'

// A page whose sections take longer is cut off where it stands.
const renderDeadlineMs = 10_000

type Status =
  | 200
  | 400
  | 401
  | 403
  | 404
  | 405
  | 409
  | 410
  | 413
  | 414
  | 415
  | 422
  | 429
  | 500
  | 503
  | 507

/** Renders a page whose data is all there, in one piece: a stream would take half as long again. */
export function renderPage(c: Context<AppEnv>, page: ReactElement, status: Status = 200): Response {
  const timing = c.get('timing')
  timing?.lap('db')
  // Nobody waits for it any more. What is made for the page cache is for others too.
  if (c.req.raw.signal.aborted) return c.body(null, status)
  const html = `<!DOCTYPE html>${renderToString(inSite(c, page))}`
  timing?.lap('render')
  return compressed(c, html, 'text/html; charset=utf-8', status)
}

/**
 * Sends the page's shell at once and each late section when its data is there. Sections wait with
 * `use(promise)` inside a Suspense boundary.
 */
export async function streamPage(c: Context<AppEnv>, page: ReactElement): Promise<Response> {
  if (recordingOf(c)) return await renderWhole(c, page)
  const nonce = crypto.getRandomValues(Buffer.alloc(16)).toString('base64')
  const signal = AbortSignal.any([c.req.raw.signal, AbortSignal.timeout(renderDeadlineMs)])
  const timing = c.get('timing')
  timing?.lap('db')
  const stream = await startRender(c, page, { nonce, signal })
  timing?.lap('render')
  return c.body(stream, 200, {
    'Content-Type': 'text/html; charset=utf-8',
    'Content-Security-Policy': streamedPolicy(nonce),
    // Nginx would otherwise hold the shell back until the page is whole.
    'X-Accel-Buffering': 'no',
  })
}

/** What is kept needs neither a script nor a nonce: nothing of it comes late. */
async function renderWhole(c: Context<AppEnv>, page: ReactElement): Promise<Response> {
  const stream = await startRender(c, page, {
    signal: AbortSignal.timeout(renderDeadlineMs),
    // React would put the sections of a long page in place by a script, although all are there.
    progressiveChunkSize: Number.POSITIVE_INFINITY,
  })
  await stream.allReady
  return compressed(c, await new Response(stream).text(), 'text/html; charset=utf-8')
}

function startRender(
  c: Context<AppEnv>,
  page: ReactElement,
  options: { nonce?: string; signal?: AbortSignal; progressiveChunkSize?: number },
) {
  return renderToReadableStream(inSite(c, page), {
    ...options,
    onError(error) {
      doNotKeep(c)
      if (c.req.raw.signal.aborted) return
      c.get('deps').log.error('a page could not be rendered', {
        path: c.req.path,
        client: clientAddress(c),
        error: describeError(error),
      })
    },
  })
}

function inSite(c: Context<AppEnv>, page: ReactElement): ReactElement {
  const { config, assets, now } = c.get('deps')
  const recording = recordingOf(c)
  const site = {
    baseUrl: config.baseUrl,
    stylesheet: assets.stylesheet,
    script: assets.script,
    font: assets.font,
    now: now(),
    viewer: c.get('viewer'),
    until:
      recording &&
      ((moment: number) => {
        recording.until = Math.min(recording.until, moment)
      }),
  }
  return <SiteContext value={site}>{page}</SiteContext>
}
