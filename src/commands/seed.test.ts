import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { chmodSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkoutCommand, freePort, run } from '#testing/program'

setDefaultTimeout(180_000)

let directory: string

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'jumpstarter-seed-'))
  chmodSync(directory, 0o755)
})

afterAll(() => rmSync(directory, { recursive: true, force: true }))

const jumpstarter = (words: string[]) => run([...checkoutCommand, ...words])
const mark = (data: string) => join(data, 'postgres', 'jumpstarter-unsynced')

const postmaster = (data: string) =>
  Number.parseInt(readFileSync(join(data, 'postgres', 'postmaster.pid'), 'utf8'), 10)

/** Ends a load of millions, or its Postgres, by a signal when it has come to the pledges. */
async function interruptedLoad(
  data: string,
  signal: 'SIGTERM' | 'SIGKILL',
  who: 'program' | 'postgres' = 'program',
): Promise<{ exitCode: number; stderr: string }> {
  const loading = Bun.spawn([...checkoutCommand, 'seed', '--projects', '60000', '--data', data], {
    env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent' },
    stdout: 'ignore',
    stderr: 'pipe',
  })
  let stderr = ''
  let ended = false
  for await (const chunk of loading.stderr) {
    stderr += new TextDecoder().decode(chunk)
    if (ended || !stderr.includes('pledges')) continue
    ended = true
    expect(existsSync(mark(data))).toBe(true)
    process.kill(who === 'program' ? loading.pid : postmaster(data), signal)
  }
  return { exitCode: await loading.exited, stderr }
}

test('an interrupted load is not shown, and the same command makes it whole', async () => {
  const data = join(directory, 'interrupted')
  expect((await interruptedLoad(data, 'SIGTERM')).exitCode).toBe(128 + 15)
  expect(existsSync(join(data, 'postgres', 'postmaster.pid'))).toBe(false)
  expect(existsSync(mark(data))).toBe(false)
  for (const words of [
    ['serve', '--listen', `tcp:127.0.0.1:${await freePort()}`],
    ['verify'],
    ['migrate'],
  ]) {
    const result = await jumpstarter([...words, '--data', data])
    expect(result.exitCode).toBe(1)
    expect(result.stderr).toMatch(/filled by `jumpstarter seed`, or that was interrupted/)
  }
  const demo = await jumpstarter(['seed', '--data', data])
  expect(demo).toMatchObject({ exitCode: 1 })
  expect(demo.stderr).toMatch(/interrupted here.*--force/)
  const again = await jumpstarter(['seed', '--projects', '500', '--data', data])
  expect(again).toMatchObject({ exitCode: 0 })
  expect(await jumpstarter(['verify', '--data', data])).toMatchObject({ exitCode: 0 })
  const forced = await jumpstarter(['seed', '--projects', '300', '--force', '--data', data])
  expect(forced).toMatchObject({ exitCode: 0 })
  expect(await jumpstarter(['verify', '--data', data])).toMatchObject({ exitCode: 0 })
})

test('a killed load leaves no Postgres without fsync to anybody else', async () => {
  const data = join(directory, 'killed')
  expect((await interruptedLoad(data, 'SIGKILL')).exitCode).toBe(128 + 9)
  expect(existsSync(join(data, 'postgres', 'postmaster.pid'))).toBe(true)
  // What it was loading goes on until Postgres notices that nobody waits for it.
  let verified = await jumpstarter(['verify', '--data', data])
  while (verified.stderr.includes('wait until it has ended')) {
    await Bun.sleep(500)
    verified = await jumpstarter(['verify', '--data', data])
  }
  expect(verified).toMatchObject({ exitCode: 1 })
  expect(verified.stderr).toMatch(/was interrupted/)
  expect(existsSync(mark(data))).toBe(false)
  const forced = await jumpstarter(['seed', '--force', '--data', data])
  expect(forced).toMatchObject({ exitCode: 0 })
  expect(await jumpstarter(['verify', '--data', data])).toMatchObject({ exitCode: 0 })
})

test('a killed Postgres ends the load with a word on what to do', async () => {
  const data = join(directory, 'postgres-killed')
  const { exitCode, stderr } = await interruptedLoad(data, 'SIGKILL', 'postgres')
  expect(exitCode).toBe(1)
  expect(stderr).toMatch(/Postgres ended during the seed.*run the same command again/)
  expect(stderr).not.toMatch(/\n\s+at /)
  const pid = postmaster(data)
  expect(() => process.kill(pid, 0)).toThrow()
  const again = await jumpstarter(['seed', '--projects', '500', '--data', data])
  expect(again).toMatchObject({ exitCode: 0 })
  expect(await jumpstarter(['verify', '--data', data])).toMatchObject({ exitCode: 0 })
})

test('after a crash of the machine the files of a load are not trusted', async () => {
  const data = join(directory, 'crashed')
  expect((await interruptedLoad(data, 'SIGTERM')).exitCode).toBe(128 + 15)
  await Bun.write(mark(data), 'another run of the kernel')
  const result = await jumpstarter(['verify', '--data', data])
  expect(result.exitCode).toBe(1)
  expect(result.stderr).toMatch(/went down while .* was being filled.*seed again/)
})

test('a disk without room is said before anything is written', async () => {
  const data = join(directory, 'small')
  const vast = ['seed', '--projects', '100000000', '--people', '1000000000', '--data', data]
  const result = await jumpstarter(vast)
  expect(result.exitCode).toBe(1)
  expect(result.stderr).toMatch(/needs \d+\.\d GB in .*, and \d+\.\d GB are free/)
  const demo = await jumpstarter(['seed', '--projects', '200', '--data', data])
  expect(demo).toMatchObject({ exitCode: 0 })
})
