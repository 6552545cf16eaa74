import { expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { processTree } from '#bench/load/processes'
import { testDatabase } from '#testing/database'
import { installPackages } from '#testing/packages'
import { checkoutCommand } from '#testing/program'
import { isAlive } from '#testing/start-tiny-server'
import { benchRestarts } from './bench-restarts'

// It may have to build the executable first.
setDefaultTimeout(240_000)

test.each([
  [['--only', 'restart,apache'], '--only has no apache. It knows restart, upgrade, kill, and'],
  [['--requests', '5'], '--requests takes a whole number from 100 to 1000000000, not 5.'],
  [['--time', '5'], 'has no flag --time. Did you mean --times?'],
])('%p is refused by name', async (args, sentence) => {
  const running = benchRestarts.run(args, { embedded: undefined })
  await expect(running).rejects.toThrow(sentence)
  await expect(running).rejects.toHaveProperty('exitCode', 2)
})

test('Ctrl-C ends the server, the proxy and the clients, and removes their files', async () => {
  await installPackages({ nginx: 'nginx-light' })
  const { url, close } = await testDatabase()
  const own = mkdtempSync(join(tmpdir(), 'jumpstarter-bench-'))
  const words = ['bench', 'restarts', '--only', 'kill,nginx-unix', '--out', own]
  const child = Bun.spawn([...checkoutCommand, ...words], {
    env: { PATH: process.env['PATH'], HOME: own, DATABASE_URL: url, TMPDIR: own },
    stdio: ['ignore', 'ignore', 'pipe'],
  })
  try {
    let said = ''
    let started: number[] = []
    for await (const part of child.stderr) {
      said += new TextDecoder().decode(part)
      if (started.length > 0 || !said.includes('Restarting: 0%')) continue
      // Supervisor, two workers at least, and nginx with a process of its own.
      while (processTree(child.pid).length < 6) await Bun.sleep(10)
      started = processTree(child.pid)
      child.kill('SIGINT')
    }
    expect(await child.exited).toBe(130)
    expect(said).toEndWith('Interrupted: removing what was made …\njumpstarter: Interrupted.\n')
    expect(started.filter(isAlive)).toEqual([])
    expect(readdirSync(own).filter((name) => name.startsWith('jumpstarter-'))).toEqual([])
  } finally {
    child.kill('SIGKILL')
    rmSync(own, { recursive: true, force: true })
    await close()
  }
})
