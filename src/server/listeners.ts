import { chmodSync, lstatSync, renameSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { listenerName } from '#config'
import { CommandError, errorCode } from '#lib/errors'
import type { Listener } from '#setting-values'
import { type Address, ask, reachable } from './ask'
import {
  assertSocketOrNothing,
  makeSocketDirectory,
  removeOurs,
  socketPath,
  socketPaths,
} from './sockets'

/** Longer than the keep-alive of any proxy we configure, or a reused connection ends in a 502. */
export const idleTimeoutSeconds = 120
/** Above what any form takes, so that it is the form that says so. */
export const bodyBytesMax = 32 * 1024 * 1024

export type Fetch = (request: Request, server: Bun.Server<unknown>) => Response | Promise<Response>

export interface ListenOptions {
  workerIndex: number
  /** Mode of a Unix socket, such as 0o660. */
  socketMode: number
  /** A worker that listens here hands over to this one: its live socket is replaced. */
  replaces: boolean
  fetch: Fetch
  /** Answers for a `fetch` that threw. */
  error(error: Error): Response
}

/** A listener in use. */
export interface Bound {
  /** Such as `tcp:0.0.0.0:3000` or `unix:/run/jumpstarter/0.sock`. */
  name: string
  /** Takes a Unix socket's name away: who looks for it finds another, who has connected is served. */
  hide?(): void
  /**
   * Takes no new connection, closes idle ones, and resolves when the others have been answered.
   * With `force` cuts what is left.
   */
  stop(force?: boolean): Promise<void>
  /** Requests whose answers have not been sent to the last byte. */
  pending(): number
}

/** Listens for one worker. Throws CommandError when the address cannot be had. */
export async function listen(listener: Listener, options: ListenOptions): Promise<Bound> {
  return listener.kind === 'tcp'
    ? await listenTcp(listener, options)
    : await listenUnix(listener.directory, options)
}

function serveOptions({ fetch, error }: ListenOptions) {
  return {
    fetch,
    error,
    idleTimeout: idleTimeoutSeconds,
    maxRequestBodySize: bodyBytesMax,
    development: false,
  }
}

async function listenTcp(
  listener: Listener & { kind: 'tcp' },
  options: ListenOptions,
): Promise<Bound> {
  const { host: hostname, port } = listener
  try {
    const server = Bun.serve({ ...serveOptions(options), hostname, port, reusePort: true })
    return {
      name: listenerName({ ...listener, port: server.port ?? port }),
      stop: (force) => server.stop(force),
      pending: () => server.pendingRequests,
    }
  } catch (error) {
    throw await tcpRefusal(listener, error)
  }
}

// The name appears complete, with its mode, in one step, and takes the place of an old socket
// without a moment in which there is none. Bun's stop() unlinks by name, so the temporary name
// also keeps a draining worker from deleting its successor's socket.
async function listenUnix(directory: string, options: ListenOptions): Promise<Bound> {
  makeSocketDirectory(directory)
  const path = socketPath(directory, options.workerIndex)
  if (assertSocketOrNothing(path) && !options.replaces) await assertStale(path)
  const temporary = join(directory, `${options.workerIndex}.${process.pid}.new`)
  rmSync(temporary, { force: true })
  // The types give idleTimeout to TCP alone; Bun heeds it on Unix sockets as well.
  const unixOptions = { ...serveOptions(options), unix: temporary }
  const server = Bun.serve(unixOptions as Bun.Serve.Options<unknown>)
  chmodSync(temporary, options.socketMode)
  const ours = lstatSync(temporary)
  renameSync(temporary, path)
  return {
    name: `unix:${path}`,
    hide: () => removeOurs(path, ours),
    stop: (force) => {
      removeOurs(path, ours)
      return server.stop(force)
    },
    pending: () => server.pendingRequests,
  }
}

/**
 * Asks, before the first of `workers` is started, whether they will be able to listen. Throws
 * CommandError naming the listener and who holds it. Clears sockets that dead workers left behind.
 */
export async function probeListener(listener: Listener, workers: number): Promise<void> {
  if (listener.kind === 'unix') return await probeDirectory(listener.directory, workers)
  const { host: hostname, port } = listener
  try {
    // Without SO_REUSEPORT: with it, two servers of one user would silently share the port.
    const server = Bun.serve({ hostname, port, reusePort: false, fetch: () => new Response() })
    await server.stop(true)
  } catch (error) {
    throw await tcpRefusal(listener, error)
  }
}

async function probeDirectory(directory: string, workers: number): Promise<void> {
  makeSocketDirectory(directory)
  for (const { index, path } of socketPaths(directory)) {
    if (!lstatSync(path).isSocket()) {
      if (index < workers) assertSocketOrNothing(path)
      continue
    }
    await assertStale(path)
    rmSync(path, { force: true })
  }
}

async function tcpRefusal(listener: Listener & { kind: 'tcp' }, error: unknown): Promise<unknown> {
  const name = listenerName(listener)
  switch (errorCode(error)) {
    case 'EADDRINUSE': {
      const address = { host: reachable(listener.host), port: listener.port }
      return taken(name, await holder(address))
    }
    case 'EACCES':
      return new CommandError(
        `This user may not listen on ${name}: ports below 1024 need CAP_NET_BIND_SERVICE. ` +
          'Choose a higher port with --listen and put a proxy in front.',
      )
    case 'EADDRNOTAVAIL':
      return new CommandError(
        `This machine does not have the address of ${name}. Choose one of its own, ` +
          'or 0.0.0.0 for all of them, with --listen.',
      )
    default:
      return error
  }
}

async function assertStale(path: string): Promise<void> {
  const owner = await holder({ socketPath: path })
  if (owner !== undefined) throw taken(`unix:${path}`, owner)
}

function taken(name: string, owner = 'another program'): CommandError {
  const sentence = `${owner.charAt(0).toUpperCase()}${owner.slice(1)} already listens there.`
  return new CommandError(
    `${name} is taken. ${sentence} Stop it, or choose another address with --listen.`,
  )
}

/** Who listens at an address; undefined when nobody does. */
async function holder(address: Address): Promise<string | undefined> {
  try {
    const { body } = await ask(address, '/version')
    const version: unknown = JSON.parse(body)
    return isOurs(version)
      ? `Jumpstarter ${version.version}, process ${version.supervisorPid ?? version.pid},`
      : 'another program'
  } catch (error) {
    const code = errorCode(error)
    return code === 'ECONNREFUSED' || code === 'ENOENT' ? undefined : 'another program'
  }
}

function isOurs(
  answer: unknown,
): answer is { version: string; pid: number; supervisorPid?: number } {
  return (
    typeof answer === 'object' &&
    answer !== null &&
    'name' in answer &&
    answer.name === 'jumpstarter'
  )
}
