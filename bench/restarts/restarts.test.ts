import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, readlinkSync, rmSync } from 'node:fs'
import { copyFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { ask } from '#server/ask'
import { installPackages } from '#testing/packages'
import { startTinyServer, type TinyServer } from '#testing/start-tiny-server'
import { processTree } from '../load/processes'
import { failed, type Outcomes, startClients } from './client'
import { faults } from './faults'
import { openWay, ways } from './ways'

/** The server around no app, behind the real proxies with the configuration that is shipped. */

// It may have to install the proxies, on a machine that is busy with other things.
setDefaultTimeout(180_000)

const directory = mkdtempSync(join(tmpdir(), 'restarts-'))
const older = join(directory, 'older')
const newer = join(directory, 'newer')
const clients = 16
let server: TinyServer | undefined

async function compile(version: string, outfile: string): Promise<void> {
  const built = await Bun.build({
    entrypoints: [resolve(import.meta.dir, '../../src/testing/tiny-server.ts')],
    target: 'bun',
    define: { TINY_VERSION: JSON.stringify(version) },
    compile: { outfile, autoloadDotenv: false, autoloadBunfig: false },
  })
  expect(built.success).toBe(true)
}

beforeAll(async () => {
  await installPackages({ nginx: 'nginx-light', haproxy: 'haproxy' })
  await compile('1.0.0', older)
  await compile('2.0.0', newer)
})

afterEach(async () => {
  await server?.stop()
  server = undefined
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

/** What becomes of at least so many requests while the fault happens so often. */
async function endure(
  faultId: string,
  wayId: string,
  { times, requests, killEveryMs = 0 }: { times: number; requests: number; killEveryMs?: number },
): Promise<Outcomes> {
  const fault = faults.find(({ id }) => id === faultId)
  const way = ways.find(({ id }) => id === wayId)
  if (!fault || !way) throw new Error(`no ${faultId} or ${wayId}`)
  const executable = join(directory, 'serving')
  await copyFile(older, executable)
  const started = await startTinyServer({ executable })
  server = started
  const { pid, port } = started
  const running = {
    origin: `http://127.0.0.1:${port}`,
    address: { host: '127.0.0.1', port },
    sockets: [0, 1].map((index) => join(started.directory, 'run', `${index}.sock`)),
    pids: () => processTree(pid),
    stop: started.stop,
  }
  const { signal } = new AbortController()
  const { targets, stop } = await openWay(way, running, signal)
  const asking = startClients({ targets, clients, drawPath: () => '/', signal })
  try {
    const subject = { server: running, workers: 2, executable, newer, killEveryMs, signal }
    for (let time = 0; time < times || asking.requests() < requests; time++) {
      await fault.happen(subject)
    }
  } finally {
    await asking.stop()
    await stop()
  }
  return asking.take()
}

const proxied = ['nginx-tcp', 'nginx-unix', 'haproxy-tcp', 'haproxy-unix']

test.each([...proxied, 'unix'])('rolling restarts fail no request: %s', async (way) => {
  const outcomes = await endure('restart', way, { times: 2, requests: 3_000 })
  expect(failed(outcomes)).toBe(0)
  expect(outcomes.answered).toBeGreaterThanOrEqual(3_000)
})

test.each(['nginx-tcp', 'nginx-unix'])('an upgrade fails no request: %s', async (way) => {
  const outcomes = await endure('upgrade', way, { times: 1, requests: 1_000 })
  expect(failed(outcomes)).toBe(0)
  const { pid = 0, directory: own = '', port = 0 } = server ?? {}
  for (const address of [
    { host: '127.0.0.1', port },
    ...[0, 1].map((index) => ({ socketPath: join(own, 'run', `${index}.sock`) })),
  ]) {
    expect(JSON.parse((await ask(address, '/version')).body)).toMatchObject({ version: '2.0.0' })
  }
  expect(readlinkSync(`/proc/${pid}/exe`)).toEndWith(' (deleted)')
})

test.each(proxied)('a killed worker fails no GET, which are asked again: %s', async (way) => {
  const outcomes = await endure('kill', way, { times: 2, requests: 1_000, killEveryMs: 2_500 })
  expect(failed(outcomes)).toBe(0)
  expect(server?.errors()).toContain('SIGKILL')
})

test('without a proxy a killed worker is seen, on Unix sockets and on TCP', async () => {
  for (const way of ['unix', 'tcp']) {
    const outcomes = await endure('kill', way, { times: 1, requests: 1_000, killEveryMs: 1_000 })
    expect(failed(outcomes)).toBeGreaterThan(0)
    await server?.stop()
  }
})
