import type { Context, ErrorHandler, NotFoundHandler } from 'hono'
import { AppError, causeOf, describeError, errorCode, isLost } from '#lib/errors'
import { ErrorPage } from '#web/error-page'
import { paths } from '#web/paths'
import { clientAddress } from './client-address'
import type { AppEnv } from './env'
import { eventOf } from './keep'
import { keepForm } from './kept-form'
import { renderPage } from './render'

/** Turns every error into a page or, below /api, into problem+json (RFC 9457). */
export const answerError: ErrorHandler<AppEnv> = async (error, c) => {
  const known = toAppError(error)
  // That the database is away has been written down once, for all.
  if (known.status < 500 || errorCode(causeOf(error)) === 'CONNECTION_AWAY') return answer(c, known)
  const requestId = eventOf(c)?.id ?? crypto.randomUUID()
  c.var.deps.log.error('request failed', {
    requestId,
    method: c.req.method,
    path: c.req.path,
    client: clientAddress(c),
    error: describeError(error),
  })
  return answer(c, known, requestId)
}

export const answerNotFound: NotFoundHandler<AppEnv> = (c) => answer(c, new AppError('not_found'))

async function answer(c: Context<AppEnv>, error: AppError, requestId?: string): Promise<Response> {
  const { status } = error
  const told = await error.explain?.().catch(() => undefined)
  const sentence = told ?? error.detail ?? error.sentence
  const isRead = ['GET', 'HEAD'].includes(c.req.method)
  if (error.code === 'sign_in_required' && !c.req.path.startsWith('/api/')) {
    // What they wrote shall not be lost; where it cannot be read, there is still the way in.
    const kept = isRead ? undefined : await keepForm(c).catch(() => undefined)
    if (kept) return kept
    const { pathname, search } = new URL(c.req.url)
    return c.redirect(paths.signIn(isRead ? { next: pathname + search } : {}), 303)
  }
  if (status === 503) c.header('Retry-After', '5')
  if (c.req.path.startsWith('/api/')) {
    return c.json(
      {
        type: `urn:jumpstarter:${error.code}`,
        title: error.title,
        status,
        detail: sentence,
        ...(error.field ? { field: error.field } : {}),
        ...(requestId ? { requestId } : {}),
      },
      status,
      { 'Content-Type': 'application/problem+json' },
    )
  }
  return renderPage(
    c,
    <ErrorPage
      status={status}
      title={error.title}
      sentence={sentence}
      {...(requestId ? { requestId } : {})}
    />,
    status,
  )
}

// Statement timeout, and no such table, as while a bulk seed fills them elsewhere; no writes, as
// after a failover where it was; no database of this name, nor a way in with this password.
const unavailableCodes = /^(57014|42P01|25006|3D000|28\w{3})$/

// Postgres and a file, in this order.
const fullCodes = /^(53100|ENOSPC)$/

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  const code = errorCode(causeOf(error)) ?? ''
  if (fullCodes.test(code)) return new AppError('no_room')
  if (isLost(error) || unavailableCodes.test(code)) return new AppError('unavailable')
  return new AppError('internal')
}
