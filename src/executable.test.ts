import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { chmodSync, copyFileSync, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { chown } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { freePort, type Running, run, start } from '#testing/program'

// For a machine that is busy with other things.
setDefaultTimeout(60_000)

/** The one file, alone in an empty directory, as its operator runs it. */

const root = resolve(import.meta.dir, '..')
// Any account without a name: as root we step down to it, an ordinary user stays who they are.
const ordinaryUid = process.getuid?.() === 0 ? 65_534 : undefined
const buildDeadlineMs = 180_000
const startDeadlineMs = 60_000

const directory = mkdtempSync(join(tmpdir(), 'jumpstarter-executable-'))
const executable = join(directory, 'jumpstarter')
const as = ordinaryUid === undefined ? {} : { uid: ordinaryUid }
const env = { HOME: directory, PATH: '/nonexistent' }
let server: Running | undefined

beforeAll(async () => {
  const built = await run([process.execPath, 'src/build.ts', '--outfile', executable], {
    cwd: root,
    env: { PATH: process.env['PATH'] ?? '', HOME: process.env['HOME'] ?? '/tmp' },
  })
  expect(built).toMatchObject({ exitCode: 0, stderr: '' })
  chmodSync(directory, 0o755)
  if (ordinaryUid !== undefined) await chown(directory, ordinaryUid, ordinaryUid)
}, buildDeadlineMs)

afterAll(async () => {
  await server?.stop()
  rmSync(directory, { recursive: true, force: true })
})

test('carries no development React', () => {
  const bytes = readFileSync(executable)
  for (const mark of ['Each child in a list should have a unique', 'react-stack-bottom-frame']) {
    expect(bytes.includes(mark)).toBe(false)
  }
})

test('says which program it is, without Node, Bun or a .env that lies around', async () => {
  await Bun.write(join(directory, '.env'), 'JUMPSTARTER_WORKERZ=1\nLOG_LEVEL=nonsense\n')
  await Bun.write(join(directory, 'bunfig.toml'), 'preload = ["./nowhere.ts"]\n')
  const version = await run([executable, 'version', '--json'], { cwd: directory, env, ...as })
  expect(version).toMatchObject({ exitCode: 0, stderr: '' })
  expect(JSON.parse(version.stdout)).toMatchObject({ name: 'jumpstarter' })
  expect(await run([executable, 'config'], { cwd: directory, env, ...as })).toMatchObject({
    exitCode: 0,
  })
})

test(
  'serves the demo from an empty directory, and loses nothing when all is killed at once',
  async () => {
    const port = await freePort()
    const url = `http://127.0.0.1:${port}`
    const command = [executable, '--demo', '--workers', '2', '--listen', `tcp:127.0.0.1:${port}`]
    server = await start(command, { cwd: directory, env, ...as })
    const before = await (await fetch(`${url}/projects/1`)).text()
    expect(before).toContain('<h1>')
    expect(existsSync(join(directory, '.jumpstarter', 'postgres', 'PG_VERSION'))).toBe(true)

    const workers = new Set<number>()
    while (workers.size < 2) {
      const { pid } = (await (await fetch(`${url}/version`, { keepalive: false })).json()) as {
        pid: number
      }
      workers.add(pid)
    }
    const pidFile = join(directory, '.jumpstarter', 'postgres', 'postmaster.pid')
    const postmaster = Number(readFileSync(pidFile, 'utf8').split('\n')[0])
    for (const pid of [server.pid, ...workers, postmaster]) process.kill(pid, 'SIGKILL')
    await server.exited

    server = await start(command, { cwd: directory, env, ...as })
    expect(server.output()).not.toContain('Seeding')
    const after = await (await fetch(`${url}/projects/1`)).text()
    expect(after).toBe(before)
    const verified = await run([executable, 'verify'], { cwd: directory, env, ...as })
    expect(verified.stdout).toContain('Everything agrees')
    expect(await server.stop()).toBe(0)
    server = undefined
    expect(existsSync(pidFile)).toBe(false)
  },
  2 * startDeadlineMs,
)

test('draws the page of all results alone', async () => {
  const words = ['bench', 'report', '--results', '.', '--out', 'report.html']
  const own = mkdtempSync(join(tmpdir(), 'jumpstarter-executable-'))
  try {
    copyFileSync(join(root, 'bench/results/ladder.json'), join(own, 'ladder.json'))
    const drawn = await run([executable, ...words], { cwd: own, env })
    expect(drawn).toMatchObject({ exitCode: 0, stderr: '' })
    expect(readFileSync(join(own, 'report.html'), 'utf8')).toContain('<svg width="860"')
    expect(readFileSync(join(own, 'ladder.svg'), 'utf8')).toContain('One server, step by step')
  } finally {
    rmSync(own, { recursive: true, force: true })
  }
})

test('a copy of the file needs nothing of the place it was built in', async () => {
  const copy = join(directory, 'copy')
  copyFileSync(executable, copy)
  chmodSync(copy, 0o755)
  const help = await run([copy, 'help'], { cwd: '/', env, ...as })
  expect(help.stdout).toContain('Usage: jumpstarter')
})
