import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { type Config, loadConfig, readWorkerOrder } from '#config'
import { CommandError } from '#lib/errors'
import { createLog } from '#observability/log'
import type { Readiness } from '#server/drain'
import { probeListener } from '#server/listeners'
import { supervise } from '#server/supervisor'
import { runWorker, type WorkerApp } from '#server/worker'

// A whole server around no app, for the tests of src/server. Configured like the real one; a file
// `mode` in its data directory makes workers misbehave from then on: fail, crash, hang.
const slowMs = 1500

// Put in where it is compiled, as an executable that can be upgraded.
declare const TINY_VERSION: string | undefined
const compiled = typeof TINY_VERSION === 'string'
const version = compiled ? TINY_VERSION : '0.1.0'

function mode(config: Config): string {
  const path = join(config.dataDirectory, 'mode')
  return existsSync(path) ? readFileSync(path, 'utf8').trim() : ''
}

async function open(config: Config, readiness: Readiness): Promise<WorkerApp> {
  if (mode(config) === 'fail') throw new CommandError('The database is not there.')
  if (mode(config) === 'hang') await Bun.sleep(60_000)
  if (mode(config) === 'crash') setTimeout(() => process.kill(process.pid, 'SIGKILL'), 20)
  if (mode(config) === 'bug') {
    setTimeout(() => {
      throw new Error('a bug')
    }, 200)
  }
  return { fetch: (request) => respond(request, readiness), close: async () => {} }
}

function respond(request: Request, readiness: Readiness): Response | Promise<Response> {
  const { pathname } = new URL(request.url)
  switch (pathname) {
    case '/slow':
      return Bun.sleep(slowMs).then(() => new Response('slow'))
    case '/stream':
      return new Response(stream())
    case '/version':
      return Response.json({ name: 'jumpstarter', version, pid: process.pid })
    case '/readyz':
      return new Response('', { status: readiness.ready ? 200 : 503 })
    default:
      return new Response(String(process.pid))
  }
}

async function* stream(): AsyncGenerator<string> {
  for (let line = 0; line < 5; line++) {
    yield `${line}\n`
    await Bun.sleep(slowMs / 5)
  }
}

async function serve(): Promise<number> {
  const config = loadConfig()
  for (const listener of config.listeners) await probeListener(listener, config.workers)
  return await supervise({
    config,
    log: createLog(config.logLevel),
    command: [process.execPath, ...(compiled ? [] : [import.meta.path]), 'worker'],
    onReady: () => console.log('ready'),
  })
}

try {
  if (process.argv[2] === 'worker') {
    const order = readWorkerOrder()
    await runWorker({ order, open: ({ config }, readiness) => open(config, readiness) })
  }
  process.exit(await serve())
} catch (error) {
  console.error(error instanceof CommandError ? error.message : error)
  process.exit(1)
}
