import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestApp, testApp } from '#testing/app'
import { securityHeaders } from './security-headers'

setDefaultTimeout(60_000)

let site: TestApp
let streamed: string

beforeAll(async () => {
  site = await testApp()
  const [row] = await site.db.$client`
    select id from projects where status = 'live' order by backers_count desc limit 1`
  streamed = `/projects/${row?.['id']}/community`
})

afterAll(() => site.close())

const { 'Content-Security-Policy': _, ...constant } = securityHeaders

function expectGuarded(response: Response): string {
  for (const [name, value] of Object.entries(constant)) {
    expect([name, response.headers.get(name)]).toEqual([name, value])
  }
  const policy = response.headers.get('content-security-policy') ?? ''
  for (const rule of ["default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"]) {
    expect(policy).toContain(rule)
  }
  expect(policy).not.toMatch(/unsafe-inline|unsafe-eval|\*/)
  return policy
}

test.each<[number, string, RequestInit?]>([
  [200, '/'],
  [200, '/projects/1/faqs'],
  [200, '/favicon.svg'],
  [200, '/pictures/people/1.svg'],
  [200, '/robots.txt'],
  [200, '/feeds/newest.atom'],
  [200, '/sitemap.xml'],
  [200, '/healthz'],
  [200, '/version'],
  [200, '/api/v1/projects/1'],
  [301, '/projects/1'],
  [301, '/discover/'],
  [400, '/discover?sort=random'],
  [400, '/%00'],
  [404, '/nothing'],
  [404, '/assets/nothing.css'],
  [404, '/api/v1/nothing'],
  [405, '/discover', { method: 'POST' }],
  [405, '/api/v1/projects', { method: 'DELETE' }],
  [414, `/${'x'.repeat(3_000)}`],
])('on %i %s', async (status, path, init) => {
  const response = await site.get(path, init)
  expect(response.status).toBe(status)
  expect(expectGuarded(response)).toContain("script-src 'none'")
})

test('on 304, where an answer has an ETag', async () => {
  const first = await site.get('/api/v1/projects/1')
  const etag = first.headers.get('etag') ?? ''
  expect(etag).not.toBe('')
  const again = await site.get('/api/v1/projects/1', { headers: { 'if-none-match': etag } })
  expect([again.status, await again.text()]).toEqual([304, ''])
  expectGuarded(again)
})

test.each(['/projects/1/faqs', '/api/v1/projects/1'])(
  'on 500 %s, which tells a number and nothing else',
  async (path) => {
    const { $client } = site.db
    await $client`alter table people rename to people_gone`
    const response = await site.get(path)
    await $client`alter table people_gone rename to people`
    const body = await response.text()
    expect(response.status).toBe(500)
    expectGuarded(response)
    expect(body).not.toMatch(/people_gone|relation|select|\bat .*\(|\.ts/)
    const [error = ''] = site.takeErrors()
    const requestId = /[0-9a-f]{8}-[0-9a-f-]{27}/.exec(body)?.[0] ?? 'none'
    expect(error).toContain(requestId)
    expect(error).toContain('does not exist')
  },
)

test('a page that is not streamed carries no script', async () => {
  for (const path of [
    '/',
    '/discover',
    '/categories/games',
    '/people/1',
    '/search?q=game',
    '/nothing',
  ]) {
    const html = await (await site.get(path)).text()
    expect(html).not.toMatch(/<script|\son\w+="|javascript:|<style|\sstyle="/)
  }
})

test('a streamed page marks each of its scripts with a number of its own', async () => {
  const nonces = new Set<string>()
  for (let times = 0; times < 3; times++) {
    const response = await site.get(streamed)
    const policy = expectGuarded(response)
    const nonce = /script-src 'nonce-([^']+)';/.exec(policy)?.[1] ?? ''
    expect(Buffer.from(nonce, 'base64')).toHaveLength(16)
    nonces.add(nonce)
    const html = await response.text()
    const scripts = [...html.matchAll(/<script([^>]*)>/g)].map((match) => match[1])
    expect(scripts.length).toBeGreaterThan(0)
    for (const attributes of scripts) expect(attributes).toContain(` nonce="${nonce}"`)
    expect(html).not.toMatch(/\son\w+="|javascript:/)
  }
  expect(nonces.size).toBe(3)
})
