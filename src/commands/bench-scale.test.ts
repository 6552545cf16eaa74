import { expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtempSync, readdirSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { findInstrument } from '#bench/load/instruments'
import { processTree } from '#bench/load/processes'
import { openConfinement } from '#bench/scale/cgroup'
import { testDatabase } from '#testing/database'
import { checkoutCommand, run } from '#testing/program'
import { isAlive } from '#testing/start-tiny-server'
import { benchScale } from './bench-scale'
import { scaleChoice } from './bench-scale-flags'

setDefaultTimeout(120_000)

test.each([
  [['--instances', '1,none'], '--instances takes a whole number from 1 to 30, not none.'],
  [['--share', '0.1'], '--share takes a whole number from 1 to 100, not 0.1.'],
  [['--connections', '8,16'], '--connections takes a whole number from 1 to 100, not 8,16.'],
  [['--kind', 'api'], '--kind takes page or cached, not api.'],
  [['--instance', '9'], 'has no flag --instance. Did you mean --instances?'],
])('%p is refused by name', async (args, sentence) => {
  const running = benchScale.run(args, { embedded: undefined })
  await expect(running).rejects.toThrow(sentence)
  await expect(running).rejects.toHaveProperty('exitCode', 2)
})

test('instances are counted up to a number, or listed with one among them', () => {
  expect(scaleChoice({}, 2)).toMatchObject({ counts: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], share: 0.1 })
  expect(scaleChoice({ instances: '10, 5,5' }, 2).counts).toEqual([1, 5, 10])
  expect(scaleChoice({ quick: true, rounds: '3' }, 2)).toMatchObject({
    ...{ counts: [1, 2, 4], seconds: 2, rounds: 3, pages: 500, kind: 'page' },
  })
})

test('the usual share leaves half of the cores to the others', () => {
  const share = (instances: string, cores: number) => scaleChoice({ instances }, cores).share
  expect([share('10', 1), share('4', 1), share('10', 64)]).toEqual([0.05, 0.1, 0.1])
})

/** Where groups are made; undefined where that is not permitted, as cgroup.test.ts says. */
function hierarchyHere(): string | undefined {
  try {
    return openConfinement().description.replace(/^.* in /, '')
  } catch {
    return undefined
  }
}

const hierarchy = hierarchyHere()
const nobody = 65_534

test.if(process.getuid?.() === 0)(
  'who may not make cgroups is told so, and nothing runs',
  async () => {
    const { exitCode, stderr } = await run([...checkoutCommand, 'bench', 'scale'], { uid: nobody })
    expect(exitCode).toBe(1)
    expect(stderr).toStartWith(
      'jumpstarter: bench scale confines each instance to its share of a core',
    )
    expect(stderr).toContain("mkdir '/sys/fs/cgroup")
  },
)

test.if(hierarchy !== undefined)('a database with too few projects is refused', async () => {
  const { url, close } = await testDatabase()
  try {
    const words = ['bench', 'scale', '--require-projects', '10000000']
    const { exitCode, stderr } = await run([...checkoutCommand, ...words], {
      env: { DATABASE_URL: url },
    })
    expect([exitCode, stderr]).toEqual([
      1,
      'jumpstarter: The database has 400 projects, and --require-projects asks for 10,000,000: ' +
        'run jumpstarter seed --force --projects 10000000.\n',
    ])
  } finally {
    await close()
  }
})

const tools = ['wrk', 'h2load', 'nginx'].every((name) => findInstrument(name) !== null)

test.if(tools && hierarchy !== undefined)(
  'Ctrl-C ends everything that was started, and removes the groups',
  async () => {
    const { url, close } = await testDatabase()
    const out = mkdtempSync(join(tmpdir(), 'scale-test-'))
    const words = ['bench', 'scale', '--quick', '--instances', '2', '--out', out]
    const child = Bun.spawn([...checkoutCommand, ...words], {
      env: { PATH: process.env['PATH'], HOME: out, TMPDIR: out, DATABASE_URL: url },
      stdio: ['ignore', 'ignore', 'pipe'],
    })
    const groups = () =>
      readdirSync(hierarchy ?? '').filter((name) =>
        name.startsWith(`jumpstarter-bench-${child.pid}-`),
      )
    try {
      let said = ''
      let started: number[] = []
      for await (const part of child.stderr) {
        said += new TextDecoder().decode(part)
        if (started.length > 0 || !said.includes('1 instance, Unix sockets')) continue
        started = processTree(child.pid)
        // Two instances with a worker each, nginx with one, and perhaps wrk.
        expect(started.length).toBeGreaterThanOrEqual(7)
        expect(groups()).toHaveLength(2)
        child.kill('SIGINT')
      }
      expect(await child.exited).toBe(130)
      expect(said).toEndWith('Interrupted: removing what was made …\njumpstarter: Interrupted.\n')
      expect(started.filter(isAlive)).toEqual([])
      expect(groups()).toEqual([])
      expect(readdirSync(out).filter((name) => name.startsWith('jumpstarter-'))).toEqual([])
    } finally {
      child.kill('SIGKILL')
      rmSync(out, { recursive: true, force: true })
      await close()
    }
  },
)
