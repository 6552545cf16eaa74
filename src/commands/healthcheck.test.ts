import { afterEach, expect, setDefaultTimeout, spyOn, test } from 'bun:test'
import { join } from 'node:path'
import { CommandError } from '#lib/errors'
import { freePort, startTinyServer, type TinyServer } from '#testing/start-tiny-server'
import { healthcheck } from './healthcheck'

// For a machine that is busy with other things.
setDefaultTimeout(60_000)

const limitMs = 30_000
let server: TinyServer | undefined

afterEach(async () => {
  await server?.stop()
  server = undefined
})

async function run(...args: string[]): Promise<{ exitCode: number; output: string[] }> {
  const log = spyOn(console, 'log').mockImplementation(() => {})
  try {
    const exitCode = await healthcheck.run(args, { embedded: undefined })
    return { exitCode, output: log.mock.calls.map((call) => String(call[0])) }
  } finally {
    log.mockRestore()
  }
}

test(
  'a ready server is ok on TCP, one socket and a directory of them',
  async () => {
    server = await startTinyServer()
    const { port, directory } = server
    const sockets = join(directory, 'run')
    for (const target of [`tcp:127.0.0.1:${port}`, `http://localhost:${port}`]) {
      expect(await run(target)).toEqual({ exitCode: 0, output: [`ok ${target}`] })
    }
    const one = `unix:${join(sockets, '1.sock')}`
    expect(await run(one)).toEqual({ exitCode: 0, output: [`ok ${one}`] })
    expect(await run(`unix:${sockets}`)).toEqual({
      exitCode: 0,
      output: [`ok unix:${join(sockets, '0.sock')}`, `ok ${one}`],
    })
  },
  limitMs,
)

test('what is wrong is said, and the exit code is 1', async () => {
  const port = freePort()
  expect(await run(`tcp:127.0.0.1:${port}`)).toEqual({
    exitCode: 1,
    output: [`not ready tcp:127.0.0.1:${port}: nothing listens there`],
  })
  expect((await run('unix:/nowhere/0.sock')).output).toEqual([
    'not ready unix:/nowhere/0.sock: there is no such socket',
  ])
  expect((await run('unix:/nowhere', '--wait', '0.2')).exitCode).toBe(1)
})

test(
  '--wait waits until the server is ready',
  async () => {
    const port = freePort()
    const waiting = run(`tcp:127.0.0.1:${port}`, '--wait', '20')
    await Bun.sleep(300)
    const late = Bun.serve({ hostname: '127.0.0.1', port, fetch: () => new Response() })
    expect(await waiting).toEqual({ exitCode: 0, output: [`ok tcp:127.0.0.1:${port}`] })
    await late.stop(true)
  },
  limitMs,
)

test('--pid ends the waiting with the process', async () => {
  const target = `tcp:127.0.0.1:${freePort()}`
  const child = Bun.spawn(['sleep', '60'])
  const waiting = run(target, '--wait', '50', '--pid', String(child.pid))
  expect(await Promise.race([waiting, Bun.sleep(500)])).toBeUndefined()
  child.kill()
  expect(await waiting).toEqual({ exitCode: 1, output: [`process ${child.pid} is gone`] })
})

test('a server that is not ready is quoted', async () => {
  const fetch = () => new Response('{"database":\n "down"}', { status: 503 })
  const unready = Bun.serve({ hostname: '127.0.0.1', port: 0, fetch })
  const target = `tcp:127.0.0.1:${unready.port}`
  expect((await run(target)).output).toEqual([
    `not ready ${target}: it answers 503: {"database": "down"}`,
  ])
  await unready.stop(true)
})

test.each([
  [['--wiat', '3'], 'healthcheck has no flag --wiat. Did you mean --wait?'],
  [['--zzzzzzzzzz'], 'It knows --wait, --pid, --help.'],
  [['--pid', '0'], '--pid takes a whole number from 1'],
  [['--wait', 'long'], '--wait takes a number of seconds'],
  [['tcp:a:1', 'tcp:b:2'], 'healthcheck takes at most 1 word besides its flags.'],
  [['localhost'], 'localhost is no TARGET'],
  [['tcp:localhost'], 'tcp:localhost is no TARGET'],
])('%p is refused with exit code 2', async (args, sentence) => {
  const refusal = await run(...args).catch((error: unknown) => error)
  expect(refusal).toBeInstanceOf(CommandError)
  expect(refusal).toMatchObject({ exitCode: 2, message: expect.stringContaining(sentence) })
})
