import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { chmod, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { canary, diagnose, expectOnly } from '#testing/diagnosis'
import { installPackages } from '#testing/packages'
import { checkoutCommand, freePort, run, start } from '#testing/program'
import { startServer } from '#testing/server'

setDefaultTimeout(90_000)

const nobody = 65_534
const isRoot = process.getuid?.() === 0
const doctor = [...checkoutCommand, 'doctor']
let directory: string
let port: number
let environment: Record<string, string>

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jumpstarter-doctor-'))
  await chmod(directory, 0o755)
  port = await freePort()
  environment = {
    ...{ BASE_URL: `http://localhost:${port}`, PORT: String(port), JUMPSTARTER_WORKERS: '1' },
    ...{ JUMPSTARTER_DATA: join(directory, 'data') },
    ...{ JUMPSTARTER_ADMIN_LISTEN: `tcp:127.0.0.1:${await freePort()}` },
  }
})

afterAll(() => rm(directory, { recursive: true, force: true }))

test('our own Postgres is not made, joined while the site is served, and left as it was', async () => {
  const before = await run(doctor, { env: environment })
  expect(before).toMatchObject({ exitCode: 0, stderr: '' })
  expect(before.stdout).toContain('There is no database in')
  expect(before.stdout).toContain('→ Start `jumpstarter serve` once')

  const listen = ['--listen', `tcp:127.0.0.1:${port}`, '--listen', `unix:${directory}/sockets`]
  const site = await start([...checkoutCommand, 'serve', ...listen], { env: environment })
  const during = await run([...doctor, ...listen], { env: environment })
  expect(during.stdout).not.toContain('→')
  expect(during).toMatchObject({ exitCode: 0, stderr: '' })
  expect(during.stdout).toContain('Nothing is wrong: ')
  expect((await fetch(`http://localhost:${port}/readyz`)).status).toBe(200)
  await site.stop()

  const after = await run([...doctor, '--json'], { env: environment })
  expect(after.exitCode).toBe(0)
  const report = JSON.parse(after.stdout)
  expect(Object.keys(report)).toEqual(['status', 'version', 'checks'])
  expect(report.status).toBe('ok')
  expect(report.checks).toContainEqual({ name: 'books', status: 'ok', findings: [] })
  expect(report.checks).toContainEqual({
    ...{ name: 'Redis', status: 'skipped', reason: 'REDIS_URL is not set', findings: [] },
  })
})

test('says each thing once in plain lines, without colours, passwords or waiting', async () => {
  const hung = Bun.listen({ hostname: '127.0.0.1', port: 0, socket: { data() {} } })
  const secret = encodeURIComponent(canary)
  const at = `me:${secret}@127.0.0.1:${hung.port}`
  const begun = performance.now()
  const { exitCode, stdout, stderr } = await run(doctor, {
    env: {
      ...environment,
      ...{ DATABASE_URL: `postgres://${at}/site`, REDIS_URL: `redis://${at}` },
      ...{ SMTP_URL: `smtp://${at}`, JUMPSTARTER_IMAGES: 's3://pictures' },
      ...{ AWS_ENDPOINT_URL: `http://127.0.0.1:${hung.port}`, AWS_ACCESS_KEY_ID: 'AKIA' },
      ...{ AWS_SECRET_ACCESS_KEY: canary, PAYMENT_PROVIDER: 'stripe' },
      ...{ STRIPE_SECRET_KEY: 'sk_live_geheim', STRIPE_WEBHOOK_SECRET: 'whsec_geheim' },
      STRIPE_API_BASE: `http://127.0.0.1:${hung.port}`,
    },
  })
  hung.stop(true)
  expect(performance.now() - begun).toBeLessThan(20_000)
  expect({ exitCode, stderr }).toEqual({ exitCode: 1, stderr: '' })
  for (const part of ['Postgres', 'Redis', 'mail server', 'picture storage', 'payments']) {
    expect(stdout).toMatch(new RegExp(`^problem  ${part}\\n +\\S.*\\n +→ \\S.*$`, 'm'))
  }
  expect(stdout).toEndWith('Problems: 5, warnings: 0.\n')
  expect(stdout).not.toContain('\u001b')
  for (const secretPart of ['geheim', canary, secret]) expect(stdout).not.toContain(secretPart)
})

test('wrong usage is told apart from a wrong site', async () => {
  const cases: [string[], Record<string, string>, RegExp][] = [
    [['--jsn'], {}, /no flag --jsn. Did you mean --json/],
    [['now'], {}, /takes no word/],
    [['--proxy-config', '/nonexistent'], {}, /--proxy-config: cannot read/],
    [[], { JUMPSTARTER_WORKRES: '2' }, /did you mean JUMPSTARTER_WORKERS/],
    [[], { DATABASE_URL: 'mysql://me' }, /DATABASE_URL: must begin with/],
  ]
  for (const [flags, env, message] of cases) {
    const result = await run([...doctor, ...flags], { env })
    expect(result).toMatchObject({ exitCode: 2, stdout: '' })
    expect(result.stderr).toMatch(message)
  }
  const help = await run([...doctor, '--help'])
  expect(help).toMatchObject({ exitCode: 0, stderr: '' })
  expect(help.stdout).toContain('Usage: jumpstarter doctor')
})

test('few open files', async () => {
  const limited = ['sh', '-c', 'ulimit -n 300; exec "$@"', 'sh', ...doctor]
  const { exitCode, stdout } = await run(limited, { env: environment })
  expect(exitCode).toBe(1)
  expect(stdout).toMatch(/^problem {2}open files\n.*300 files open.*\n.*LimitNOFILE=65536/m)
})

test.if(isRoot)('a directory of sockets that this user may not write to', async () => {
  const sockets = join(directory, 'read-only')
  await mkdir(sockets, { mode: 0o755 })
  const listen = ['--listen', `unix:${sockets}`]
  const { stdout } = await run([...doctor, ...listen], {
    ...{ env: { ...environment, DATABASE_URL: 'postgres://x@/x?host=/nonexistent' }, uid: nobody },
    cwd: '/',
  })
  expect(stdout).toMatch(/^problem {2}listeners\n.*uid 65534.*may not put.*\n.*→ `install -d/m)
})

test('a database whose clock is five minutes ahead', async () => {
  await installPackages({ faketime: 'faketime' })
  const server = await startServer(canary, {
    LD_PRELOAD: '/usr/$LIB/faketime/libfaketime.so.1',
    ...{ FAKETIME: '+300s', FAKETIME_DONT_FAKE_MONOTONIC: '1' },
  })
  try {
    const migrated = await run([...checkoutCommand, 'migrate'], {
      env: { DATABASE_URL: server.url },
    })
    expect(migrated.exitCode).toBe(0)
    const report = await diagnose({ ...environment, DATABASE_URL: server.url })
    expectOnly(report, {
      ...{ check: 'clock', gravity: 'problem' },
      ...{ cause: 'the database is 5 minutes ahead of', remedy: 'timedatectl' },
    })
    const serve = [...checkoutCommand, 'serve', '--listen', `tcp:127.0.0.1:${port}`]
    const site = await start(serve, {
      env: { ...environment, DATABASE_URL: server.url, LOG_LEVEL: 'warn' },
    })
    await site.stop()
    expect(site.output()).toContain('The clock of the database is 5 minutes ahead of')
    expect(site.output()).not.toContain(canary)
  } finally {
    await server.close()
  }
})
