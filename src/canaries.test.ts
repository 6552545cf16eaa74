import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { chmodSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { exchange } from '#bench/security/wire'
import { closeDb, type Db, openDb } from '#db/client'
import { draw } from '#testing/pictures'
import { checkoutCommand, type Running, run, start } from '#testing/program'
import { startRedis, type TestRedis } from '#testing/redis'
import { startServer, type TestServer } from '#testing/server'
import { startSmtp } from '#testing/smtp'
import { childPids, eventually, freePort } from '#testing/start-tiny-server'
import { mailedPath, type Visitor, visitor } from '#testing/visitor'

// The real program with a canary in every secret, used rightly and wrongly: whatever it prints,
// logs, answers or tells others is looked through for them.

setDefaultTimeout(180_000)

const mark = 'c4n4ry'
const canary = (what: string) => `${mark}-${what}`
/** What was found out on the way: cookies, links, tokens. */
const made = new Set<string>()
const outputs: [from: string, text: string][] = []

const directory = mkdtempSync(join(tmpdir(), 'jumpstarter-canaries-'))
chmodSync(directory, 0o755)
const adminSocket = join(directory, 'admin.sock')
const smtp = startSmtp()

/** Takes traces, refuses pictures, and says Stripe’s key aloud, as others may. */
const others = Bun.serve({
  port: 0,
  hostname: '127.0.0.1',
  fetch: async (request) => {
    const { pathname } = new URL(request.url)
    if (pathname.startsWith('/v1/traces')) outputs.push(['traces', await request.text()])
    if (!pathname.startsWith('/v1/checkout') && !pathname.startsWith('/v1/customers')) {
      return new Response('<Error><Code>AccessDenied</Code></Error>', { status: 403 })
    }
    const key = request.headers.get('authorization')?.replace('Bearer ', '')
    const error = { type: 'invalid_request_error', message: `Invalid API Key provided: ${key}` }
    return Response.json({ error }, { status: 401 })
  },
})

let postgres: TestServer
let redis: TestRedis
let db: Db
let server: Running
let settings: Record<string, string>
let port: number

beforeAll(async () => {
  postgres = await startServer(canary('postgres/@'))
  redis = await startRedis(canary('redis'))
  port = freePort()
  const { origin } = others.url
  settings = {
    ...{ DATABASE_URL: postgres.url, REDIS_URL: redis.url, LOG_LEVEL: 'debug' },
    SMTP_URL: smtp.url.replace('://', `://me:${canary('smtp')}@`),
    ...{ AWS_ACCESS_KEY_ID: 'AKIATEST', AWS_SECRET_ACCESS_KEY: canary('aws') },
    ...{ JUMPSTARTER_IMAGES: 's3://pictures/site', AWS_ENDPOINT_URL: origin },
    ...{ PAYMENT_PROVIDER: 'stripe', STRIPE_SECRET_KEY: `sk_test_${mark}_key` },
    ...{ STRIPE_WEBHOOK_SECRET: `whsec_${mark}`, STRIPE_API_BASE: origin },
    ...{ OTEL_EXPORTER_OTLP_ENDPOINT: origin, OTEL_TRACES_SAMPLER: 'always_on' },
    OTEL_EXPORTER_OTLP_HEADERS: `api-key=${canary('collector')}`,
    ...{ JUMPSTARTER_ADMIN_LISTEN: `unix:${adminSocket}`, BASE_URL: `http://127.0.0.1:${port}` },
    ...{ JUMPSTARTER_SLOW_REQUEST_MS: '1', JUMPSTARTER_SLOW_QUERY_MS: '1' },
    ...{ JUMPSTARTER_LISTEN: `tcp:127.0.0.1:${port}`, JUMPSTARTER_DATA: directory },
  }
  const words = ['serve', '--migrate', '--workers', '1']
  server = await start([...checkoutCommand, ...words], { env: settings, cwd: directory })
  db = openDb(postgres.adminUrl('site'), { max: 2, applicationName: 'test' })
})

afterAll(async () => {
  await closeDb(db, 1)
  await others.stop(true)
  smtp.close()
  await redis.close()
  await postgres.close()
  rmSync(directory, { recursive: true, force: true })
})

async function get(path: string, init: RequestInit = {}): Promise<Response> {
  const answer = await fetch(`http://127.0.0.1:${port}${path}`, { ...init, redirect: 'manual' })
  const text = await answer.clone().text()
  const headers = [...answer.headers].filter(([name]) => name !== 'set-cookie')
  if (!path.startsWith('/settings/tokens')) {
    outputs.push([`${init.method ?? 'GET'} ${path.replace(/=.*/, '')}`, `${headers}\n${text}`])
  }
  return answer
}

async function command(words: string[], env: Record<string, string>) {
  const { stdout, stderr, exitCode } = await run([...checkoutCommand, ...words], {
    ...{ env, cwd: directory },
  })
  outputs.push([`${words.join(' ')} (${exitCode})`, stdout + stderr])
  return { stdout, stderr, exitCode }
}

const site = {
  get,
  get db() {
    return db
  },
}
const email = 'ana@example.test'
const password = canary('password long')

async function signUp(): Promise<Visitor> {
  const ana = visitor(site)
  await ana.post('/sign-up', { name: 'Ana', email, password })
  const token = new URL(await mailedPath(site, email), 'http://x').searchParams.get('token') ?? ''
  made.add(token)
  expect((await ana.post('/sign-up/confirm', { token })).status).toBe(303)
  made.add(ana.cookies.get('session') ?? '')
  return ana
}

test('somebody uses the site, rightly and wrongly', async () => {
  const ana = await signUp()
  expect((await ana.post('/sign-in', { email, password: canary('wrong') })).status).toBe(422)
  expect((await ana.post('/sign-in', { email, password: canary('x'.repeat(200)) })).status).toBe(
    422,
  )
  await ana.post('/settings/password', { current: canary('wrong'), password: canary('new one') })
  expect((await ana.post('/sign-in', { email, password })).status).toBe(303)
  made.add(ana.cookies.get('session') ?? '')

  const asked = { name: 'Mine', days: '30', password, read: 'on', write: 'on' }
  const shown = await (await ana.post('/settings/tokens', asked)).text()
  const token = /jst_[\w-]{43}/.exec(shown)?.[0] ?? ''
  expect(token).not.toBe('')
  made.add(token)
  const bearer = (value: string) => ({ headers: { authorization: `Bearer ${value}` } })
  expect((await get('/api/v1/me', bearer(token))).status).toBe(200)
  expect((await get('/api/v1/me', bearer(`jst_${canary('token')}`))).status).toBe(401)
  expect((await get('/', { headers: { cookie: `session=${canary('cookie')}` } })).status).toBe(200)
  await get(`/reset-password/confirm?token=${canary('link')}`)
  await get('/webhooks/stripe', {
    ...{ method: 'POST', body: JSON.stringify({ secret: canary('event') }) },
    headers: { 'stripe-signature': `t=1,v1=${canary('signature')}` },
  })
  const card = await ana.get('/settings/cards/new?to=%2Fsettings%2Fcards')
  expect(card.status).toBeGreaterThanOrEqual(400)
  const picture = new FormData()
  picture.append('image', new File([await draw('png', [64, 64])], 'a.png', { type: 'image/png' }))
  await ana.post('/images', picture)
})

test('what it stands on fails', async () => {
  const { $client } = db
  const ana = visitor(site)
  await $client`alter table accounts rename column password_hash to away`
  expect((await ana.post('/sign-in', { email, password })).status).toBe(500)
  await ana.post('/sign-up', { name: 'Bo', email: 'bo@example.test', password })
  await $client`alter table accounts rename column away to password_hash`
  await redis.kill()
  await get('/discover')
  await redis.start()
  const known = `alter role site password`
  await postgres.admin.$client.unsafe(`${known} 'another'`)
  await $client`select pg_terminate_backend(pid) from pg_stat_activity where usename = 'site'`
  await eventually(async () => expect((await get('/people/1')).status).toBe(503))
  await command(['doctor', '--json'], settings)
  await command(['verify'], settings)
  await postgres.admin.$client.unsafe(`${known} '${canary('postgres/@')}'`)
  await eventually(async () => expect((await get('/readyz')).status).toBe(200), 30_000)
})

test('it is asked about itself', async () => {
  const shown = await command(['config'], settings)
  expect(shown.exitCode).toBe(0)
  expect(shown.stdout).toContain('STRIPE_SECRET_KEY=***')
  await command(['config', '--json'], settings)
  await command(['doctor'], settings)
  await command(['migrate', 'status'], settings)
  await command(['verify'], settings)
  await command(['generate', 'systemd'], settings)
  const metrics = await fetch('http://localhost/metrics', { unix: adminSocket })
  outputs.push(['metrics', await metrics.text()])
  for (const pid of [server.pid, ...childPids(server.pid)]) {
    outputs.push(['command line', readFileSync(`/proc/${pid}/cmdline`, 'utf8')])
  }
})

test.each(['TRACE', 'CONNECT'])(
  'TRACE and CONNECT are refused, and nothing is echoed',
  async (method) => {
    const request = `${method} / HTTP/1.1\r\nHost: x\r\nX-Secret: ${canary('header')}\r\n\r\n`
    const { answers } = await exchange({ host: '127.0.0.1', port }, Buffer.from(request), 200)
    for (const { status, head, body } of answers) {
      expect(status).toBeGreaterThanOrEqual(400)
      outputs.push([method, head + body])
    }
  },
)

test.each(['GET', 'HEAD', 'POST'])('%s to a host that is none breaks nothing', async (method) => {
  for (const host of [`${mark}:1:2`, `${mark}/x?`, '1.2.3.4.5', '[::1', '%', `${mark} y`, '']) {
    for (const path of ['/', '/settings', '/discover/', '/api/v1/projects', '/nothing']) {
      const request = `${method} ${path} HTTP/1.1\r\nHost: ${host}\r\nConnection: close\r\n\r\n`
      const { answers } = await exchange({ host: '127.0.0.1', port }, Buffer.from(request), 5_000)
      for (const { status, head, body } of answers) {
        expect([host, path, status < 500]).toEqual([host, path, true])
        outputs.push([`${method} ${path}`, head + body])
      }
    }
  }
})

test('settings are wrong', async () => {
  const wrong = {
    ...{ DATABASE_URL: `postgre://me:${canary('a')}@h/x`, REDIS_URL: `redi://:${canary('b')}@h` },
    ...{
      DATABASE_DIRECT_URL: `mysql://me:${canary('c')}@h/x`,
      SMTP_URL: `s://me:${canary('d')}@h`,
    },
    DATABASE_REPLICA_URLS: `postgres://me:${canary('e')}@h/x,mysql://me:${canary('f')}@h/x`,
    ...{ STRIPE_SECRET_KEY: canary('g'), STRIPE_WEBHOOK_SECRET: canary('h') },
    ...{ AWS_ENDPOINT_URL: `ftp://me:${canary('i')}@h`, OTEL_EXPORTER_OTLP_HEADERS: canary('j') },
    ...{ OTEL_EXPORTER_OTLP_ENDPOINT: `x://me:${canary('k')}@h`, PAYMENT_PROVIDER: 'stripe' },
  }
  const words = [['config'], ['serve'], ['doctor', '--json']]
  for (const { exitCode, stderr } of await Promise.all(words.map((each) => command(each, wrong)))) {
    expect(exitCode).not.toBe(0)
    expect(stderr).toContain('DATABASE_URL')
  }
  const nobody = `127.0.0.1:${freePort()}`
  const unreachable = {
    ...{
      DATABASE_URL: `postgres://me:${canary('l')}@${nobody}/x`,
      SMTP_URL: `smtp://me:${canary('m')}@${nobody}`,
    },
    ...{ REDIS_URL: `redis://:${canary('n')}@${nobody}` },
    DATABASE_REPLICA_URLS: `postgres://me:${canary('o')}@${nobody}/x`,
  }
  const asked = [['serve'], ['doctor'], ['migrate'], ['verify'], ['settle', '--dry-run']]
  const ends = await Promise.all(asked.map((words) => command(words, unreachable)))
  expect(ends.filter(({ exitCode }) => exitCode === 0)).toEqual([])
})

test('no secret is anywhere in what it has said', async () => {
  expect(await server.stop()).toBe(0)
  outputs.push(['log', server.output()])
  for (const name of readdirSync(directory, { recursive: true, withFileTypes: true })) {
    if (!name.isFile()) continue
    outputs.push([`file ${name.name}`, readFileSync(join(name.parentPath, name.name), 'latin1')])
  }
  const of = (from: string) => outputs.filter(([each]) => each === from).map(([, text]) => text)
  expect(of('log').join('')).toContain('"message":"request failed"')
  expect(of('traces').join('')).toContain('/sign-in')
  expect(of('metrics').join('')).toContain('/settings/cards/new')
  expect(made.size).toBeGreaterThanOrEqual(4)
  const found = outputs.flatMap(([from, text]) => {
    const places = [...made, mark].filter((secret) => secret !== '' && text.includes(secret))
    return places.map((secret) => {
      const at = text.indexOf(secret)
      return `${from}: ${text.slice(Math.max(0, at - 80), at + 40)}`
    })
  })
  expect(found).toEqual([])
})
