import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import {
  chmodSync,
  chownSync,
  mkdirSync,
  mkdtempSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { checkoutCommand, freePort, type Running, run, start } from '#testing/program'

/** The command line as its users meet it: real processes, their words and exit codes. */

const directory = mkdtempSync(join(tmpdir(), 'jumpstarter-serve-'))
chmodSync(directory, 0o755)
const data = join(directory, 'data')
const sockets = join(directory, 'sockets')
const startDeadlineMs = 60_000
setDefaultTimeout(startDeadlineMs)
let port = 0
let server: Running

beforeAll(async () => {
  port = await freePort()
  const listeners = ['--listen', `tcp:127.0.0.1:${port}`, '--listen', `unix:${sockets}`]
  const flags = ['--workers', '2', '--data', data, '--socket-mode', '0600']
  server = await start([...checkoutCommand, 'serve', ...listeners, ...flags])
})

afterAll(async () => {
  await server.stop()
  rmSync(directory, { recursive: true, force: true })
})

const jumpstarter = (words: string[], env: Record<string, string> = {}) =>
  run([...checkoutCommand, ...words], { cwd: directory, env })

test('says where it is to be found', () => {
  expect(server.output()).toContain(
    `is ready at http://127.0.0.1:${port} and unix:${sockets} (2 workers, embedded Postgres 18`,
  )
})

test('an empty site is a site: every page says that there is nothing yet', async () => {
  const home = await fetch(`http://127.0.0.1:${port}/`)
  expect(home.status).toBe(200)
  expect(await home.text()).toContain('No project is live at the moment.')
  const list = await fetch(`http://127.0.0.1:${port}/discover?status=all`)
  expect(await list.text()).toContain('No project fits these filters.')
})

test('listens on a socket for each worker with the mode asked for', async () => {
  for (const index of [0, 1]) {
    const unix = join(sockets, `${index}.sock`)
    expect((statSync(unix).mode & 0o777).toString(8)).toBe('600')
    expect((await fetch('http://localhost/healthz', { unix })).status).toBe(200)
  }
})

test('healthcheck speaks TCP and Unix', async () => {
  const words = ['healthcheck', '--wait', '10']
  expect(await jumpstarter([...words, `tcp:127.0.0.1:${port}`])).toMatchObject({ exitCode: 0 })
  const unix = await jumpstarter([...words, `unix:${sockets}`])
  expect(unix.exitCode).toBe(0)
  expect(unix.stdout.split('\n').filter((line) => line.startsWith('ok '))).toHaveLength(2)
  expect(await jumpstarter(['healthcheck', `tcp:127.0.0.1:${await freePort()}`])).toMatchObject({
    exitCode: 1,
  })
})

test('other commands share the running Postgres and leave it running', async () => {
  const status = await jumpstarter(['migrate', 'status', '--data', data])
  expect(status).toMatchObject({ exitCode: 0, stderr: '' })
  expect(status.stdout).toContain('applied  0000_read_side')
  expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200)
  expect(await jumpstarter(['verify', '--data', data])).toMatchObject({ exitCode: 0 })
})

test('a Postgres that is killed alone is started again, and the site answers again', async () => {
  const pidFile = join(data, 'postgres', 'postmaster.pid')
  const postmaster = async () => Number((await Bun.file(pidFile).text()).split('\n')[0])
  const before = await postmaster()
  process.kill(before, 'SIGKILL')
  while ((await postmaster().catch(() => before)) === before) await Bun.sleep(50)
  const health = await jumpstarter(['healthcheck', '--wait', '30', `tcp:127.0.0.1:${port}`])
  expect(health).toMatchObject({ exitCode: 0 })
  expect((await fetch(`http://127.0.0.1:${port}/discover`)).status).toBe(200)
})

/** Words, environment, exit code, and what standard error must say. */
const refusals: [string, string[], Record<string, string>, number, RegExp[]][] = [
  ['unknown command', ['sreve'], {}, 2, [/no command sreve.*Did you mean serve\?/]],
  ['unknown flag', ['serve', '--wrokers', '2'], {}, 2, [/--wrokers.*Did you mean --workers\?/]],
  ['too many words', ['verify', 'now'], {}, 2, [/verify takes no word/]],
  [
    'no time',
    ['migrate', '--lock-timeout', '5 h'],
    {},
    2,
    [/takes a time such as 500ms or 5s, 10m/],
  ],
  ['both kinds', ['migrate', '--pre', '--post'], {}, 2, [/--pre and --post do not go together/]],
  [
    'unknown setting',
    ['serve'],
    { JUMPSTARTER_WORKER_COUNT: '2', JUMPSTARTER_WORKRS: '2' },
    2,
    [/JUMPSTARTER_WORKER_COUNT is not a setting/, /did you mean JUMPSTARTER_WORKERS\?/],
  ],
  [
    'several wrong settings at once',
    ['serve'],
    { PORT: '99999', LOG_LEVEL: 'loud', JUMPSTARTER_LISTEN: 'udp:1' },
    2,
    [/PORT:/, /LOG_LEVEL:/, /JUMPSTARTER_LISTEN: udp:1 is neither tcp:HOST:PORT nor unix:/],
  ],
  [
    'no workers',
    ['serve', '--workers', '0'],
    {},
    2,
    [/--workers: must be a whole number from 1 to 256/],
  ],
  ['wrong mode', ['serve', '--socket-mode', '999'], {}, 2, [/octal mode such as 0660/]],
  [
    'a database that is not there',
    ['migrate'],
    { DATABASE_URL: 'postgres://me:secret@127.0.0.1:1/x' },
    1,
    [/Postgres does not answer: start it, or correct DATABASE_URL/, /me:\*\*\*@/],
  ],
  [
    'a socket that is not there',
    ['migrate'],
    { DATABASE_URL: 'postgres://me@/x?host=/nowhere' },
    1,
    [/There is no Postgres socket/],
  ],
  [
    'not a database URL',
    ['migrate'],
    { DATABASE_URL: 'mysql://x' },
    2,
    [/must begin with postgres/],
  ],
  [
    'a seed beyond bounds',
    ['seed', '--projects', 'many'],
    {},
    2,
    [/--projects takes a whole number from 1 to 100000000, not many/],
  ],
  [
    'an unknown scale',
    ['seed', '--scale', 'huge'],
    {},
    2,
    [/--scale knows demo, 1m and full, not huge/],
  ],
  [
    'a demo of another size',
    ['seed', '--scale', 'demo', '--people', '5'],
    {},
    2,
    [/--people does not go/],
  ],
  [
    'a seed of nobody',
    ['seed', '--people', '5'],
    {},
    2,
    [/--people takes a whole number from 100 /],
  ],
  ['a worker by hand', ['worker'], {}, 2, [/started by `jumpstarter serve`/]],
]

test.each(refusals)(
  'refuses %s in one sentence',
  async (_name, words, env, exitCode, sentences) => {
    const result = await jumpstarter(words, env)
    expect(result.exitCode).toBe(exitCode)
    for (const sentence of sentences) expect(result.stderr).toMatch(sentence)
    expect(result.stderr).not.toMatch(/\n\s+at |secret/)
  },
)

test('refuses a port and a socket that another Jumpstarter has, and says which', async () => {
  const other = ['--data', join(directory, 'other')]
  for (const listener of [`tcp:127.0.0.1:${port}`, `unix:${sockets}`]) {
    const result = await jumpstarter(['serve', '--listen', listener, ...other])
    expect(result.exitCode).toBe(1)
    expect(result.stderr).toMatch(/Jumpstarter \d+\.\d+\.\d+, process \d+/)
  }
  expect((await fetch(`http://127.0.0.1:${port}/healthz`)).status).toBe(200)
})

test('refuses data of another Postgres and a directory that is none, and harms neither', async () => {
  const old = join(directory, 'old', 'postgres')
  mkdirSync(old, { recursive: true })
  writeFileSync(join(old, 'PG_VERSION'), '16\n')
  // As root Postgres runs as somebody else, to whom the data would belong.
  if (process.getuid?.() === 0) {
    for (const path of [join(directory, 'old'), old]) chownSync(path, 65_534, 65_534)
  }
  const version = await jumpstarter(['migrate', '--data', join(directory, 'old')])
  expect(version).toMatchObject({ exitCode: 1 })
  expect(version.stderr).toMatch(/16.*18/)
  const file = join(directory, 'file')
  writeFileSync(file, 'mine')
  const none = await jumpstarter(['migrate', '--data', file])
  expect(none).toMatchObject({ exitCode: 1 })
  expect(none.stderr).not.toMatch(/\n\s+at /)
})

test('refuses to seed what is not empty, and leaves it as it was', async () => {
  const seeded = join(directory, 'seeded')
  const words = ['seed', '--projects', '30', '--data', seeded]
  expect(await jumpstarter(words)).toMatchObject({ exitCode: 0 })
  const again = await jumpstarter(words)
  expect(again.exitCode).toBe(1)
  expect(again.stderr).toContain('not empty')
  expect(await jumpstarter(['verify', '--data', seeded])).toMatchObject({ exitCode: 0 })
})

test('an outside database with an old schema is refused without --migrate', async () => {
  const url = `postgres://jumpstarter@/postgres?host=${encodeURIComponent(join(data, 'run'))}`
  const result = await jumpstarter(['serve', '--listen', `tcp:127.0.0.1:${await freePort()}`], {
    DATABASE_URL: url,
  })
  expect(result.exitCode).toBe(1)
  expect(result.stderr).toMatch(/older than this program.*--migrate/)
})

test.each(['serve', 'migrate', 'seed', 'verify', 'healthcheck', 'config', 'version', 'openapi'])(
  '%s explains itself',
  async (command) => {
    const result = await jumpstarter([command, '--help'])
    expect(result).toMatchObject({ exitCode: 0, stderr: '' })
    expect(result.stdout).toContain(`Usage: jumpstarter ${command}`)
  },
)

test('two first starts at once fill one database together, and both serve', async () => {
  const shared = join(directory, 'shared')
  const servers = await Promise.all(
    [await freePort(), await freePort()].map((own) =>
      start([
        ...[...checkoutCommand, 'serve', '--demo', '--workers', '1', '--data', shared],
        ...['--listen', `tcp:127.0.0.1:${own}`],
      ]),
    ),
  )
  expect(await Promise.all(servers.map((running) => running.stop()))).toEqual([0, 0])
  expect(await jumpstarter(['verify', '--data', shared])).toMatchObject({ exitCode: 0 })
})

test('a first start that is interrupted leaves no Postgres behind, and the next one goes on', async () => {
  const interrupted = join(directory, 'interrupted')
  const seeding = Bun.spawn([...checkoutCommand, 'seed', '--data', interrupted], {
    env: { PATH: '/usr/bin:/bin', HOME: '/nonexistent' },
    stdout: 'ignore',
    stderr: 'pipe',
  })
  for await (const chunk of seeding.stderr) {
    if (new TextDecoder().decode(chunk).includes('pledges')) break
  }
  seeding.kill('SIGTERM')
  expect(await seeding.exited).toBe(128 + 15)
  expect(await Bun.file(join(interrupted, 'postgres', 'postmaster.pid')).exists()).toBe(false)
  const words = ['seed', '--projects', '20', '--data', interrupted]
  expect(await jumpstarter(words)).toMatchObject({ exitCode: 0 })
})

test('what only reads makes no database where there is none', async () => {
  for (const words of [['verify'], ['migrate', 'status']]) {
    const result = await jumpstarter([...words, '--data', join(directory, 'mistyped')])
    expect(result.exitCode).toBe(1)
    expect(result.stderr).toMatch(/There is no database in .*mistyped/)
  }
})

test('a path that cannot be is refused in a sentence', async () => {
  for (const words of [
    ['migrate', '--data', '/proc/nowhere'],
    ['serve', '--listen', 'unix:/proc/nowhere'],
  ]) {
    const result = await jumpstarter(words)
    expect(result.exitCode).toBe(1)
    expect(result.stderr).toMatch(/^jumpstarter: .*\/proc\/nowhere.*\n$/)
  }
})

test('SIGTERM ends it cleanly: exit 0, no socket and no Postgres left', async () => {
  const ownSockets = join(directory, 'ended')
  const ownData = join(directory, 'ended-data')
  const own = await start([
    ...[...checkoutCommand, 'serve', '--workers', '1', '--data', ownData],
    ...['--listen', `unix:${ownSockets}`],
  ])
  expect(await own.stop()).toBe(0)
  expect([...new Bun.Glob('*').scanSync({ cwd: ownSockets, onlyFiles: false })]).toEqual([])
  expect(await Bun.file(join(ownData, 'postgres', 'postmaster.pid')).exists()).toBe(false)
})
