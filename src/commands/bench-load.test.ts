import { expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findInstrument } from '#bench/load/instruments'
import { processTree } from '#bench/load/processes'
import { testDatabase } from '#testing/database'
import { checkoutCommand, run } from '#testing/program'
import { isAlive } from '#testing/start-tiny-server'
import { benchLadder } from './bench-ladder'
import { loadChoice } from './bench-load'
import { benchPeers } from './bench-peers'

// It may have to build the executable first.
setDefaultTimeout(240_000)

test.each([
  [['--seconds', '0'], '--seconds takes a whole number from 1 to 3600, not 0.'],
  [['--connections', '8,many'], '--connections takes a whole number from 1 to 10000, not many.'],
  [['--warm-up', 'long'], '--warm-up takes a whole number from 1 to 3600, not long.'],
  [['--page', '9'], 'has no flag --page. Did you mean --pages?'],
])('%p is refused by name', async (args, sentence) => {
  for (const command of [benchLadder, benchPeers]) {
    const running = command.run(args, { embedded: undefined })
    await expect(running).rejects.toThrow(sentence)
    await expect(running).rejects.toHaveProperty('exitCode', 2)
  }
})

test('a peer that is none is refused, with those there are', async () => {
  const running = benchPeers.run(['--peers', 'nginx,apache'], { embedded: undefined })
  await expect(running).rejects.toThrow('--peers has no apache. It knows express-2018, next, ')
})

test('a flag wins over --quick, and that over the default', () => {
  const usual = { pages: '9', connections: '256,32', seconds: '5', 'warm-up': '2', rounds: '5' }
  expect(loadChoice({ quick: true, seconds: '3' }, usual)).toEqual({
    ...{ pages: 500, connections: [32], seconds: 3, warmUpSeconds: 1, rounds: 1 },
  })
  expect(loadChoice({}, usual).connections).toEqual([256, 32])
})

test('a program that is not installed is named with its package', async () => {
  const { url, close } = await testDatabase()
  const nowhere = { PATH: '/nonexistent', DATABASE_URL: url }
  try {
    const { exitCode, stderr } = await run([...checkoutCommand, 'bench', 'ladder'], {
      env: nowhere,
    })
    expect(exitCode).toBe(1)
    expect(stderr).toStartWith(
      'jumpstarter: bench ladder needs wrk and h2load and redis-server: run',
    )
    expect(stderr).toContain('apt-get install wrk nghttp2-client redis-server')
  } finally {
    await close()
  }
})

const tools = ['wrk', 'h2load', 'redis-server'].every((name) => findInstrument(name) !== null)

test.if(tools)('Ctrl-C ends everything that was started', async () => {
  const { url, close } = await testDatabase()
  const out = mkdtempSync(join(tmpdir(), 'jumpstarter-bench-'))
  const child = Bun.spawn([...checkoutCommand, 'bench', 'ladder', '--quick', '--out', out], {
    env: { PATH: process.env['PATH'], HOME: out, DATABASE_URL: url },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  try {
    let said = ''
    let started: number[] = []
    for await (const part of child.stderr) {
      said += new TextDecoder().decode(part)
      if (started.length > 0 || !said.includes('Measuring: 10%')) continue
      while (processTree(child.pid).length < 3) await Bun.sleep(10)
      started = processTree(child.pid)
      child.kill('SIGINT')
    }
    expect(await child.exited).toBe(130)
    expect(said).toEndWith('Interrupted: removing what was made …\njumpstarter: Interrupted.\n')
    expect(started.filter(isAlive)).toEqual([])
  } finally {
    child.kill('SIGKILL')
    rmSync(out, { recursive: true, force: true })
    await close()
  }
})
