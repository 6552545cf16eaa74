import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { chmodSync, chownSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findProgram } from '#testing/packages'
import { checkoutCommand, freePort, run } from '#testing/program'
import { askRaw, installProxies } from '#testing/proxies'
import { eventually } from '#testing/start-tiny-server'
import { type Bound, listen } from '../listeners'
import { socketPath } from '../sockets'

// Sockets with the mode they usually have, and a HAProxy that steps down to its own account.

setDefaultTimeout(60_000)

const isRoot = process.getuid?.() === 0
/** In the place of jumpstarter: a group that every system has, and HAProxy's account is not in. */
const group = 'daemon'
let directory: string
let bound: Bound

beforeAll(async () => {
  if (!isRoot) return
  await installProxies()
  directory = mkdtempSync(join(tmpdir(), 'jumpstarter-access-'))
  chmodSync(directory, 0o755)
  bound = await listen(
    { kind: 'unix', directory },
    {
      workerIndex: 0,
      socketMode: 0o660,
      replaces: false,
      fetch: () => new Response('here'),
      error: () => new Response(null, { status: 500 }),
    },
  )
  chownSync(socketPath(directory, 0), 0, groupId(group))
})

afterAll(async () => {
  await bound?.stop(true)
  if (directory) rmSync(directory, { recursive: true, force: true })
})

function groupId(name: string): number {
  const line = readFileSync('/etc/group', 'utf8').match(new RegExp(`^${name}:[^:]*:(\\d+):`, 'm'))
  return Number(line?.[1])
}

/** What a reader gets through HAProxy with the text we print, in which `own` is our group. */
async function statusThrough(own: string): Promise<number> {
  let logged = ''
  const log = await Bun.udpSocket({
    hostname: '127.0.0.1',
    socket: {
      data: (_, line) => {
        logged += line.toString()
      },
    },
  })
  const port = await freePort()
  const words = ['--listen', `unix:${directory}`, '--workers', '1', '--socket-mode', '0660']
  const generated = await run([
    ...[...checkoutCommand, 'generate', 'haproxy', ...words],
    ...['--proxy-listen', `127.0.0.1:${port}`],
  ])
  expect(generated.stdout).toContain('    group jumpstarter\n')
  const file = join(directory, 'haproxy.cfg')
  const text = generated.stdout
    .replace('    group jumpstarter\n', `    group ${own}\n`)
    .replace('log /dev/log ', `log 127.0.0.1:${log.port} `)
  await Bun.write(file, text)
  const child = Bun.spawn([findProgram('haproxy') ?? 'haproxy', '-db', '-f', file], {
    stdio: ['ignore', 'ignore', 'ignore'],
  })
  try {
    let status = 0
    await eventually(async () => {
      status = (await askRaw({ host: '127.0.0.1', port }, '/')).status
    })
    await eventually(() => expect(logged).toContain(` ${status} `))
    expect(logged).toContain('"GET / HTTP/1.1"')
    expect(statSync(`/proc/${child.pid}`).uid).not.toBe(0)
    return status
  } finally {
    child.kill('SIGTERM')
    await child.exited
    log.close()
  }
}

test.if(isRoot)('HAProxy reaches sockets of mode 0660 as their group alone, and logs', async () => {
  expect(await statusThrough(group)).toBe(200)
  expect(await statusThrough('haproxy')).toBe(503)
})
