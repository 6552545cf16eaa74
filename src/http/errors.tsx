import type { Context, ErrorHandler, NotFoundHandler } from 'hono'
import { AppError, describeError } from '#lib/errors'
import { ErrorPage } from '#web/error-page'
import type { AppEnv } from './env'
import { renderPage } from './render'

/** Turns every error into a page or, below /api, into problem+json (RFC 9457). */
export const answerError: ErrorHandler<AppEnv> = async (error, c) => {
  const known = toAppError(error)
  if (known.status < 500) return answer(c, known)
  const requestId = crypto.randomUUID()
  c.var.deps.log.error('request failed', {
    requestId,
    method: c.req.method,
    path: c.req.path,
    error: describeError(error),
  })
  return answer(c, known, requestId)
}

export const answerNotFound: NotFoundHandler<AppEnv> = (c) => answer(c, new AppError('not_found'))

async function answer(c: Context<AppEnv>, error: AppError, requestId?: string): Promise<Response> {
  const status = error.status
  if (status === 503) c.header('Retry-After', '5')
  if (c.req.path.startsWith('/api/')) {
    return c.json(
      {
        type: `urn:jumpstarter:${error.code}`,
        title: error.title,
        status,
        detail: error.detail ?? error.sentence,
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
      sentence={error.detail ?? error.sentence}
      {...(requestId ? { requestId } : {})}
    />,
    status,
  )
}

// Connection loss, shutdown, too many connections, statement timeout.
const unavailableCodes = /^(08|57P0|53300|57014|CONNECT|ECONN|ENOENT|EPIPE|CONNECTION)/
// What Postgres cannot read as the type it is compared with: only a forged cursor gets that far.
const unreadableCodes = /^22(003|007|008|P02)$/

function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const code = (cause as { code?: unknown }).code
  if (typeof code === 'string' && unavailableCodes.test(code)) return new AppError('unavailable')
  if (typeof code === 'string' && unreadableCodes.test(code)) {
    return new AppError('invalid_cursor', { field: 'after' })
  }
  return new AppError('internal')
}
