import { chmodSync, lstatSync, renameSync, rmSync } from 'node:fs'
import { dirname } from 'node:path'
import { CommandError, errorCode } from '#lib/errors'
import { openMetricsType } from '#observability/openmetrics'
import type { AdminListener } from '#setting-values'
import { ask } from './ask'
import { assertSocketOrNothing, makeSocketDirectory, removeOurs } from './sockets'

/** By which others know it. */
export const adminRefusal = 'Here is /metrics alone.\n'

export interface AdminServer {
  /** Such as `http://127.0.0.1:9464` or the path of a socket. */
  address: string
  stop(): Promise<void>
}

/**
 * Answers those who look after the site, on a listener of their own. Throws CommandError when the
 * address cannot be had.
 */
export async function serveAdmin(
  listener: AdminListener,
  socketMode: number,
  openMetrics: () => Promise<string>,
): Promise<AdminServer> {
  const fetch = async (request: Request) => {
    if (new URL(request.url, 'http://admin').pathname !== '/metrics') {
      return new Response(adminRefusal, { status: 404 })
    }
    if (!['GET', 'HEAD'].includes(request.method)) {
      return new Response('Ask by GET.\n', { status: 405, headers: { Allow: 'GET, HEAD' } })
    }
    return new Response(await openMetrics(), { headers: { 'Content-Type': openMetricsType } })
  }
  const options = { fetch, development: false as const }
  try {
    if (listener.kind === 'unix') return await serveUnix(listener.path, socketMode, options)
    const { host: hostname, port } = listener
    // Without it a second one of the same user would silently share the port.
    const server = Bun.serve({ ...options, hostname, port, reusePort: false })
    return { address: server.url.origin, stop: () => server.stop(true) }
  } catch (error) {
    throw refusal(listener, error)
  }
}

async function serveUnix(
  path: string,
  mode: number,
  options: { fetch(request: Request): Promise<Response>; development: false },
): Promise<AdminServer> {
  makeSocketDirectory(dirname(path))
  if (assertSocketOrNothing(path)) await requireStale(path)
  // Complete and with its mode in one step, as the sockets of the workers.
  const temporary = `${path}.${process.pid}.new`
  rmSync(temporary, { force: true })
  const server = Bun.serve({ ...options, unix: temporary })
  chmodSync(temporary, mode)
  const ours = lstatSync(temporary)
  renameSync(temporary, path)
  return {
    address: path,
    stop: async () => {
      removeOurs(path, ours)
      await server.stop(true)
    },
  }
}

const setting = 'JUMPSTARTER_ADMIN_LISTEN'

async function requireStale(path: string): Promise<void> {
  try {
    await ask({ socketPath: path }, '/')
  } catch (error) {
    if (['ECONNREFUSED', 'ENOENT'].includes(errorCode(error) ?? '')) return
  }
  throw new CommandError(
    `unix:${path} is taken: another program listens there. Choose another ${setting}.`,
  )
}

function refusal(listener: AdminListener, error: unknown): unknown {
  if (listener.kind === 'unix') return error
  const name = `tcp:${listener.host}:${listener.port}`
  const reasons: Record<string, string> = {
    EADDRINUSE: `${name} is taken: another program listens there. Choose another ${setting}.`,
    EADDRNOTAVAIL: `This machine does not have the address of ${name}. Choose another ${setting}.`,
    EACCES: `This user may not listen on ${name}. Choose a higher port as ${setting}.`,
  }
  const reason = reasons[errorCode(error) ?? '']
  return reason === undefined ? error : new CommandError(reason)
}
