import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { checkoutCommand, run } from '#testing/program'
import { settingsTable } from './config'

setDefaultTimeout(30_000)

let directory: string

beforeAll(async () => {
  directory = await mkdtemp(join(tmpdir(), 'jumpstarter-config-'))
})

afterAll(() => rm(directory, { recursive: true, force: true }))

const config = (flags: string[], env: Record<string, string> = {}) =>
  run([...checkoutCommand, 'config', ...flags], { env })

test('the README’s table of settings is the one that is made: `jumpstarter config --markdown`', async () => {
  const readme = await readFile(resolve(import.meta.dir, '..', '..', 'README.md'), 'utf8')
  expect(readme).toContain(`\n\n${settingsTable()}\n\n`)
  const { exitCode, stdout } = await config(['--markdown'])
  expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: `${settingsTable()}\n` })
})

test('says of every setting what it is and who has said so, and nothing that is secret', async () => {
  const file = join(directory, 'smtp')
  await writeFile(file, 'smtp://me:geheim@smtp.test\n')
  const env = {
    ...{ DATABASE_URL: 'postgres://me:geheim@h1:5432,h2/site?password=geheim', PORT: '8080' },
    ...{ SMTP_URL_FILE: file, REDIS_URL: 'redis+sentinel://me:geheim@s1:26379,s2:26379/main' },
    ...{ DATABASE_REPLICA_URLS: 'postgres://me:geheim@r1/site,postgres://me:geheim@r2/site' },
    ...{ AWS_SECRET_ACCESS_KEY: 'geheim', STRIPE_SECRET_KEY: 'sk_live_geheim' },
    ...{ STRIPE_WEBHOOK_SECRET: 'whsec_geheim', BASE_URL: 'https://me:geheim@site.test' },
    ...{ DATABASE_DIRECT_URL: 'postgres://me:geheim@h1/site' },
  }
  const flags = ['--workers', '3', '--listen', 'unix:/run/a', '--listen', 'tcp:[::1]:80']
  const json = await config([...flags, '--json'], env)
  const plain = await config(flags, env)
  for (const { exitCode, stdout, stderr } of [json, plain]) {
    expect({ exitCode, stderr }).toEqual({ exitCode: 0, stderr: '' })
    expect(stdout).not.toContain('geheim')
  }
  const rows: { name: string }[] = JSON.parse(json.stdout)
  const shown = Object.fromEntries(rows.map(({ name, ...rest }) => [name, rest]))
  expect(shown).toMatchObject({
    JUMPSTARTER_WORKERS: { value: '3', source: 'flag', setBy: '--workers' },
    JUMPSTARTER_LISTEN: { value: 'unix:/run/a,tcp:[::1]:80', source: 'flag', setBy: '--listen' },
    SMTP_URL: { value: 'smtp://me:***@smtp.test', source: 'file', setBy: 'SMTP_URL_FILE' },
    DATABASE_URL: { source: 'environment', setBy: 'DATABASE_URL' },
    STRIPE_SECRET_KEY: { value: '(not used)', source: 'environment' },
    LOG_LEVEL: { value: 'error', source: 'environment' },
    JUMPSTARTER_POOL: { value: '4', source: 'default', setBy: null },
  })
  expect(plain.stdout).toContain('JUMPSTARTER_WORKERS=3  (flag, --workers)\n    Worker processes')
  expect(plain.stdout).toContain('SMTP_URL=smtp://me:***@smtp.test  (file, SMTP_URL_FILE)\n')
  expect(plain.stdout).toContain('JUMPSTARTER_POOL=4  (default)\n')
})

test('knows its flags', async () => {
  expect(await config(['--jsn'])).toMatchObject({ exitCode: 2, stdout: '' })
  expect((await config(['--help'])).stdout).toContain('Usage: jumpstarter config')
})
