import { accessSync, constants, lstatSync, statSync } from 'node:fs'
import { createServer } from 'node:net'
import { dirname, join } from 'node:path'
import { listenerName } from '#config'
import { errorCode } from '#lib/errors'
import { isPublicAddress } from '#lib/public-address'
import { adminRefusal } from '#server/admin'
import { type Address, ask, reachable } from '#server/ask'
import { socketPaths } from '#server/sockets'
import type { AdminListener, Listener } from '#setting-values'
import { type Check, type Finding, problem, type Site, warning } from '../check'
import { plural } from '../units'

/** Whether every listener can be had, or is ours already. Nothing is made or taken away. */
export const listeners: Check<Site> = {
  name: 'listeners',
  run: async ({ config }) => {
    const { listeners, adminListener, workers, socketMode } = config
    const found = listeners.map((listener) =>
      listener.kind === 'tcp'
        ? tcp(listener)
        : directory(listener.directory, { workers, socketMode }),
    )
    if (adminListener !== null) found.push(admin(adminListener))
    return (await Promise.all(found)).flat()
  },
}

type Holder = 'ours' | 'another' | 'nobody'

async function holderOf(address: Address): Promise<Holder> {
  try {
    const { body } = await ask(address, '/version')
    if (body === adminRefusal) return 'ours'
    return JSON.parse(body).name === 'jumpstarter' ? 'ours' : 'another'
  } catch (error) {
    return ['ECONNREFUSED', 'ENOENT'].includes(errorCode(error) ?? '') ? 'nobody' : 'another'
  }
}

/** Where only operators ask. */
async function admin(listener: AdminListener): Promise<Finding[]> {
  const setting = 'JUMPSTARTER_ADMIN_LISTEN'
  if (listener.kind === 'unix') {
    const obstacle = obstacleOf(dirname(listener.path))
    if (obstacle !== undefined) return [obstacle]
    const holder = await holderOf({ socketPath: listener.path })
    if (holder !== 'another') return []
    const cause = `Something else is at ${listener.path}, the socket of ${setting}.`
    return [problem(cause, `Move it away, or choose another ${setting}.`)]
  }
  const { host, port } = listener
  const found = await tcp(listener)
  if (host !== '0.0.0.0' && host !== '::' && !isPublicAddress(host)) return found
  const cause = `${setting} is open to everybody who reaches port ${port}: figures are not secret, and not theirs.`
  return [...found, warning(cause, `Set it to tcp:127.0.0.1:${port} or unix:FILE.`)]
}

async function tcp(listener: Listener & { kind: 'tcp' }): Promise<Finding[]> {
  const name = listenerName(listener)
  const refusal = await tryToListen(listener)
  if (refusal === undefined) return []
  switch (refusal) {
    case 'EADDRINUSE': {
      const address = { host: reachable(listener.host), port: listener.port }
      if ((await holderOf(address)) === 'ours') return []
      const remedy = `Stop it (\`ss -ltnp sport = :${listener.port}\` says which), or choose another address with --listen.`
      return [problem(`Another program listens on ${name}.`, remedy)]
    }
    case 'EACCES':
      return [
        problem(
          `This user may not listen on ${name}: ports below 1024 need CAP_NET_BIND_SERVICE.`,
          'Choose a higher port with --listen and put a proxy in front.',
        ),
      ]
    case 'EADDRNOTAVAIL':
      return [
        problem(
          `This machine does not have the address of ${name}.`,
          'Choose one of its own, or 0.0.0.0 for all of them, with --listen.',
        ),
      ]
    default:
      return [
        problem(`${name} cannot be listened on: ${refusal}.`, 'Choose another with --listen.'),
      ]
  }
}

/** The error's code; undefined when it worked. */
function tryToListen({ host, port }: { host: string; port: number }): Promise<string | undefined> {
  return new Promise((resolve) => {
    const server = createServer()
    server.once('error', (error) => resolve(errorCode(error) ?? error.message))
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(undefined)))
  })
}

async function directory(
  path: string,
  { workers, socketMode }: { workers: number; socketMode: number },
): Promise<Finding[]> {
  const obstacle = obstacleOf(path)
  if (obstacle !== undefined) return [obstacle]
  const found: Finding[] = []
  const stale: string[] = []
  for (const socket of socketPaths(path)) {
    const stats = lstatSync(socket.path)
    if (!stats.isSocket()) {
      if (socket.index >= workers) continue
      const remedy = 'Move it away, or choose another directory with --listen.'
      found.push(problem(`${socket.path} is in the way: it is no socket.`, remedy))
      continue
    }
    const holder = await holderOf({ socketPath: socket.path })
    if (holder === 'nobody') stale.push(socket.path)
    if (holder === 'another') {
      const remedy = `Stop it (\`ss -lxp src ${socket.path}\` says which), or choose another directory with --listen.`
      found.push(problem(`Another program listens on ${socket.path}.`, remedy))
    }
    const mode = stats.mode & 0o777
    if (holder === 'ours' && mode !== socketMode) {
      const [is, should] = [mode, socketMode].map((each) => `0${each.toString(8)}`)
      const remedy = `\`chmod ${should} ${socket.path}\`, or restart Jumpstarter.`
      found.push(warning(`${socket.path} has the mode ${is}, and ${should} is set.`, remedy))
    }
  }
  if (stale.length > 0) {
    const cause = `${plural(stale.length, 'socket')} of dead workers: ${stale.join(', ')}.`
    found.push(
      warning(
        cause,
        'Start `jumpstarter serve`, which takes them over; if it runs, see in its log why a worker is gone.',
      ),
    )
  }
  return [...found, ...reachableBy(path, socketMode)]
}

/** What keeps sockets from being put there. A directory that is missing will be made. */
function obstacleOf(path: string): Finding | undefined {
  let existing = path
  while (!statSync(existing, { throwIfNoEntry: false })) existing = dirname(existing)
  if (!statSync(existing).isDirectory()) {
    return problem(
      `unix:${path} must name a directory, and ${existing} is a file.`,
      'Move it away, or choose another directory with --listen.',
    )
  }
  try {
    accessSync(existing, constants.W_OK | constants.X_OK)
    return undefined
  } catch {
    const owner = statSync(existing).uid
    return problem(
      `This user (uid ${process.getuid?.()}) may not put sockets into ${path}: ${existing} is of uid ${owner}.`,
      `\`install -d -o ${process.getuid?.()} ${path}\`, or choose another directory with --listen.`,
    )
  }
}

/** Sockets that a group or everybody may use, in a directory that they cannot enter. */
function reachableBy(path: string, socketMode: number): Finding[] {
  const forOthers = (socketMode & 0o002) !== 0
  if (!forOthers && (socketMode & 0o020) === 0) return []
  const bit = forOthers ? 0o001 : 0o011
  for (let part = path; ; part = dirname(part)) {
    const stats = statSync(part, { throwIfNoEntry: false })
    if (stats && (stats.mode & bit) === 0) {
      return [
        warning(
          `The proxy cannot reach ${join(path, '0.sock')}: only its owner may enter ${part}.`,
          `\`chmod o+x ${part}\`, or choose another directory with --listen.`,
        ),
      ]
    }
    if (part === dirname(part)) return []
  }
}
