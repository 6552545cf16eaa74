import { expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { processTree } from '#bench/load/processes'
import { testDatabase } from '#testing/database'
import { installPackages } from '#testing/packages'
import { checkoutCommand, run } from '#testing/program'
import { isAlive } from '#testing/start-tiny-server'
import { benchSockets } from './bench-sockets'
import { choiceOf } from './bench-sockets-flags'

setDefaultTimeout(240_000)

test.each([
  [['--hops', 'app,nginks'], '--hops has no nginks. Did you mean nginx?'],
  [['--kinds', 'video'], '--kinds has no video. It knows cached-page, page, api.'],
  [['--connections', '1,5000'], '--connections takes a whole number from 1 to 2000, not 5000.'],
  [['--seconds', '0'], '--seconds takes seconds from 0.1 to 3600, not 0.'],
  [['--rounds', '5'], '--rounds takes an even number, so that TCP and Unix sockets are first'],
  [['--workers', 'two'], '--workers takes a whole number from 1 to 64, not two.'],
  [['--hops', 'redis', '--kinds', 'page'], 'what is made anew asks no Redis.'],
  [['--hop', 'app'], 'has no flag --hop. Did you mean --hops?'],
])('%p is refused by name', async (args, sentence) => {
  const running = benchSockets.run(args, { embedded: undefined })
  await expect(running).rejects.toThrow(sentence)
  await expect(running).rejects.toHaveProperty('exitCode', 2)
})

test('in a hurry each hop is asked for one kind of answer, unless kinds are named', () => {
  const { groups, seconds, rounds } = choiceOf({ quick: true, rounds: '2' })
  expect(groups.map(({ hop, kind }) => `${hop} ${kind}`)).toEqual([
    ...['app cached-page', 'nginx cached-page', 'postgres api'],
    ...['redis cached-page', 'end-to-end api'],
  ])
  expect([seconds, rounds]).toEqual([0.3, 2])
  const named = choiceOf({ quick: true, hops: 'app', kinds: 'api,page', seconds: '2' })
  expect(named.groups.map(({ kind }) => kind).toSorted()).toEqual(['api', 'page'])
  expect(named.seconds).toBe(2)
})

test('what a hop needs and is not there is named with its package, before anything starts', async () => {
  const { url, close } = await testDatabase()
  const env = { PATH: '/nonexistent', DATABASE_URL: url }
  const words = ['bench', 'sockets', '--hops', 'redis']
  const { exitCode, stderr } = await run([...checkoutCommand, ...words], { env })
  await close()
  expect(exitCode).toBe(1)
  expect(stderr).toStartWith('jumpstarter: bench sockets needs h2load and redis-server: run')
  expect(stderr).toContain('apt-get install nghttp2-client redis-server')
})

test('a Postgres without TCP is no hop, and is named', async () => {
  await installPackages({ h2load: 'nghttp2-client' })
  const { url, close } = await testDatabase()
  const words = ['bench', 'sockets', '--hops', 'postgres']
  const env = { PATH: `${process.env['PATH']}`, DATABASE_URL: url }
  const { exitCode, stderr } = await run([...checkoutCommand, ...words], { env })
  await close()
  expect(exitCode).toBe(1)
  expect(stderr).toContain('not measured, the Postgres of DATABASE_URL does not listen on TCP.')
})

test('it writes what it finds, and Ctrl-C ends everything that was started', async () => {
  await installPackages({ h2load: 'nghttp2-client' })
  const { url, close } = await testDatabase()
  const out = mkdtempSync(join(tmpdir(), 'jumpstarter-test-'))
  const temporary = mkdtempSync(join(tmpdir(), 'jumpstarter-test-'))
  const env = {
    PATH: process.env['PATH'],
    HOME: '/nonexistent',
    DATABASE_URL: url,
    TMPDIR: temporary,
  }
  const words = ['bench', 'sockets', '--hops', 'app', '--kinds', 'api', '--connections', '2']
  const start = (more: string[]) =>
    Bun.spawn([...checkoutCommand, ...words, '--warm-up', '0.1', '--out', out, ...more], {
      env,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  try {
    const whole = start(['--rounds', '2', '--seconds', '0.3'])
    expect(await new Response(whole.stdout).text()).toMatch(/client → app, 2 cells: /)
    expect(await whole.exited).toBe(0)
    expect(readdirSync(out).toSorted()).toEqual(['sockets.json', 'sockets.md', 'sockets.svg'])
    expect((await Bun.file(join(out, 'sockets.json')).json()).rows).toHaveLength(6)

    const cut = start(['--seconds', '60'])
    let said = ''
    let started: number[] = []
    for await (const part of cut.stderr) {
      said += new TextDecoder().decode(part)
      if (started.length > 0 || !said.includes('connections, keep-alive')) continue
      while (processTree(cut.pid).length < 4) await Bun.sleep(10)
      started = processTree(cut.pid)
      cut.kill('SIGINT')
    }
    expect(await cut.exited).toBe(130)
    expect(said).toEndWith('Interrupted: removing what was made …\njumpstarter: Interrupted.\n')
    expect(started.filter(isAlive)).toEqual([])
    expect(readdirSync(temporary)).toEqual([])
  } finally {
    for (const each of [out, temporary]) rmSync(each, { recursive: true, force: true })
    await close()
  }
})
