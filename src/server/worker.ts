import type { WorkerOrder } from '#config'
import type { Peer } from '#lib/client-address'
import { CommandError, describeError } from '#lib/errors'
import type { Report } from '#observability/families'
import { createLog, type Log } from '#observability/log'
import { startBodyDeadline } from './body-deadline'
import { drain, type Readiness } from './drain'
import { type Bound, type Fetch, listen } from './listeners'
import { type AskPerformance, linkToSupervisor, tell } from './supervisor-link'

/** What a worker serves. */
export interface WorkerApp {
  /** `peer` says who is at the other end while they are there. */
  fetch(request: Request, peer: () => Peer | undefined): Response | Promise<Response>
  /** Ends answers that would go on by themselves. */
  endStreams?(): void
  /** What it has counted so far; without it, nothing is. */
  report?(): Report
  close(): Promise<void>
}

export interface WorkerOptions {
  order: WorkerOrder
  open(order: WorkerOrder, readiness: Readiness, askPerformance: AskPerformance): Promise<WorkerApp>
}

/**
 * Serves until told to end by SIGTERM, the loss of its supervisor, or a bug; then drains and exits.
 * Never returns.
 */
export async function runWorker({ order, open }: WorkerOptions): Promise<void> {
  const { config } = order
  const log = createLog(config.logLevel, { worker: order.index })
  const readiness: Readiness = { ready: false, draining: false }
  const bounds: Bound[] = []
  const link = linkToSupervisor()
  let app: WorkerApp | undefined

  async function start(): Promise<void> {
    app = await open(order, readiness, link.askPerformance)
    const options = {
      workerIndex: order.index,
      socketMode: config.socketMode,
      replaces: order.replaces ?? false,
      fetch: closingWhileDraining(app.fetch, readiness),
      error: (error: Error) => unexpected(error, log),
    }
    // TCP first: it is more likely refused, and by then a socket would have changed hands.
    const tcpFirst = config.listeners.toSorted((a, b) => a.kind.localeCompare(b.kind))
    for (const listener of tcpFirst) bounds.push(await listen(listener, options))
    readiness.ready = true
    tell({ type: 'ready' })
    // Not before: an older supervisor takes whatever it does not know for being ready.
    if (app.report) link.tellFigures(app.report)
  }

  const exitCode = await new Promise<number>((end) => {
    endOnRequest(end)
    endOnBug(end, log)
    start().catch((error: unknown) => {
      reportFailure(error, log)
      end(1)
    })
  })
  const close = async () => app?.close()
  const endStreams = () => app?.endStreams?.()
  await drain({ bounds, readiness, drainMs: config.drainMs, endStreams, close, log })
  await link.end()
  process.exit(exitCode)
}

// A request may wait longer than the drain takes to begin, so the answer is marked, not the call.
function closingWhileDraining(fetch: WorkerApp['fetch'], readiness: Readiness): Fetch {
  const mark = (response: Response) => {
    if (readiness.draining) response.headers.set('connection', 'close')
    return response
  }
  return (request, server) => {
    const endBody = startBodyDeadline(request, server)
    const answer = fetch(asGet(withHost(request)), () => peerOf(request, server))
    if (!endBody) return answer instanceof Response ? mark(answer) : answer.then(mark)
    return Promise.resolve(answer).then((response) => {
      endBody()
      return mark(response)
    })
  }
}

function peerOf(request: Request, server: Bun.Server<unknown>): Peer | undefined {
  if (server.port === undefined) return { kind: 'unix' }
  const address = server.requestIP(request)?.address
  return address === undefined ? undefined : { kind: 'tcp', address }
}

/** What was asked last: to read it each time would take half a microsecond, and it is the same. */
let saneOrigin = ''
const scheme = 'http://'

// HTTP/1.0 may leave out the host, as the health checks of HAProxy do; then Bun gives a path alone.
// It does so too where the host has letters that no host has, but not where it only makes no sense,
// such as `a:1:2`: nobody could read that address.
function withHost(request: Request): Request {
  const { url } = request
  const origin = url.startsWith('/') ? '' : url.slice(0, url.indexOf('/', scheme.length))
  if (origin === saneOrigin && origin !== '') return request
  if (origin === '' || !URL.canParse(url)) {
    return new Request(`${scheme}localhost${url.slice(origin.length)}`, request)
  }
  saneOrigin = origin
  return request
}

// Bun leaves out the body of an answer to HEAD but keeps its length; a framework would say 0.
function asGet(request: Request): Request {
  if (request.method !== 'HEAD') return request
  const get = new Request(request, { method: 'GET' })
  // As of a browser that fetches in advance: nobody reads it.
  get.headers.set('sec-purpose', 'prefetch')
  return get
}

function unexpected(error: Error, log: Log): Response {
  log.error('a request failed outside the app', { error: describeError(error) })
  return new Response('Something broke on our side.\n', { status: 500 })
}

function endOnRequest(end: (exitCode: number) => void): void {
  process.on('SIGTERM', () => end(0))
  process.on('disconnect', () => end(0))
  // A terminal or a service manager sends these to all processes; the supervisor decides for us.
  for (const signal of ['SIGINT', 'SIGHUP', 'SIGUSR2'] as const) process.on(signal, () => {})
}

function endOnBug(end: (exitCode: number) => void, log: Log): void {
  const report = (what: string) => (error: unknown) => {
    log.error(what, { error: describeError(error) })
    end(1)
  }
  process.on('unhandledRejection', report('unhandled rejection; the worker ends'))
  process.on('uncaughtException', report('uncaught exception; the worker ends'))
}

function reportFailure(error: unknown, log: Log): void {
  if (error instanceof CommandError) {
    tell({ type: 'failed', message: error.message })
    return
  }
  log.error('the worker could not start', { error: describeError(error) })
  tell({ type: 'failed' })
}
