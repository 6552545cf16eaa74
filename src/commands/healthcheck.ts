import { listenerName, loadConfig } from '#config'
import { CommandError, errorCode } from '#lib/errors'
import { type Address, ask, reachable } from '#server/ask'
import { socketPaths } from '#server/sockets'
import type { Listener } from '#setting-values'
import type { Command } from './command'
import { parseFlags, wholeNumber } from './flags'

const retryMs = 100
const reasonCharactersMax = 200
const waitSecondsMax = 3600
// Linux counts no higher.
const pidMax = 2 ** 22

const usage = `Usage: jumpstarter healthcheck [TARGET] [--wait SECONDS] [--pid N]

Asks a running server whether it is ready, one line for each listener; exits 0 if all are.

TARGET is http://HOST:PORT, tcp:HOST:PORT, unix:/DIRECTORY/N.sock or unix:/DIRECTORY (all its
sockets). Default: the configured listeners.

  --wait SECONDS  ask again until all are ready or the time is over
  --pid N         with --wait: no longer than process N lives; exits 1 if it is gone
  --help          show this`

const flags = { wait: { type: 'string' }, pid: { type: 'string' } } as const

export const healthcheck: Command = {
  summary: 'ask whether a running server is ready',
  usage,
  run: async (args) => {
    const { values, positionals } = parseFlags('healthcheck', args, flags, 1)
    const targets = positionals[0] === undefined ? configured() : [parseTarget(positionals[0])]
    const deadline = Date.now() + waitMs(values.wait)
    const pid = values.pid === undefined ? undefined : wholeNumber('--pid', values.pid, 1, pidMax)
    let reports = await check(targets)
    while (!allReady(reports) && Date.now() < deadline) {
      if (pid !== undefined && isGone(pid)) {
        console.log(`process ${pid} is gone`)
        return 1
      }
      await Bun.sleep(retryMs)
      reports = await check(targets)
    }
    for (const { name, problem } of reports) {
      console.log(problem === undefined ? `ok ${name}` : `not ready ${name}: ${problem}`)
    }
    return allReady(reports) ? 0 : 1
  },
}

function waitMs(seconds: string | undefined): number {
  if (seconds === undefined) return 0
  const number = Number(seconds)
  if (seconds.trim() !== '' && number >= 0 && number <= waitSecondsMax) return number * 1000
  throw new CommandError(
    `--wait takes a number of seconds from 0 to ${waitSecondsMax}, not ${seconds}.`,
    2,
  )
}

function isGone(pid: number): boolean {
  try {
    return !process.kill(pid, 0)
  } catch (error) {
    // EPERM: it is there, and another's.
    return errorCode(error) === 'ESRCH'
  }
}

interface Report {
  name: string
  problem: string | undefined
}

type Target = { name: string; address: Address } | { name: string; directory: string }

function configured(): Target[] {
  return loadConfig().listeners.map((listener: Listener) => {
    const name = listenerName(listener)
    return listener.kind === 'unix'
      ? { name, directory: listener.directory }
      : { name, address: { host: reachable(listener.host), port: listener.port } }
  })
}

function parseTarget(text: string): Target {
  if (text.startsWith('unix:')) {
    const path = text.slice('unix:'.length)
    if (path.endsWith('.sock')) return { name: text, address: { socketPath: path } }
    if (path !== '') return { name: text, directory: path }
  }
  const url = /^(?:tcp:|http:\/\/)([^/]+)\/?$/.exec(text)?.[1]
  const parsed = url === undefined ? null : URL.parse(`http://${url}`)
  const explicitPort = /:(\d+)$/.exec(url ?? '')?.[1]
  const port = Number(explicitPort ?? (text.startsWith('http:') ? 80 : Number.NaN))
  if (parsed && port > 0) {
    const host = parsed.hostname.replace(/^\[|\]$/g, '')
    return { name: text.replace(/\/$/, ''), address: { host: reachable(host), port } }
  }
  throw new CommandError(
    `${text} is no TARGET: give http://HOST:PORT, tcp:HOST:PORT, unix:/DIRECTORY/N.sock ` +
      'or unix:/DIRECTORY.',
    2,
  )
}

// A directory is read anew each time: its sockets appear while we wait.
async function check(targets: Target[]): Promise<Report[]> {
  const reports = targets.map(async (target) => {
    if ('address' in target) return [await report(target.name, target.address)]
    const sockets = socketPaths(target.directory)
    if (sockets.length === 0) return [{ name: target.name, problem: 'there is no socket in it' }]
    return await Promise.all(
      sockets.map(({ path }) => report(`unix:${path}`, { socketPath: path })),
    )
  })
  return (await Promise.all(reports)).flat()
}

async function report(name: string, address: Address): Promise<Report> {
  try {
    const { status, body } = await ask(address, '/readyz')
    if (status === 200) return { name, problem: undefined }
    const detail = body.trim().replaceAll(/\s+/g, ' ').slice(0, reasonCharactersMax)
    return { name, problem: `it answers ${status}${detail === '' ? '' : `: ${detail}`}` }
  } catch (error) {
    return { name, problem: reason(error) }
  }
}

function reason(error: unknown): string {
  switch (errorCode(error)) {
    case 'ECONNREFUSED':
      return 'nothing listens there'
    case 'ENOENT':
      return 'there is no such socket'
    case 'EACCES':
      return 'this user may not connect to it'
    case 'ABORT_ERR':
      return 'it does not answer'
    default:
      return error instanceof Error ? error.message : String(error)
  }
}

function allReady(reports: Report[]): boolean {
  return reports.every(({ problem }) => problem === undefined)
}
