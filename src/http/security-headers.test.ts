import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { createApp } from '#app'
import { type TestApp, testApp } from '#testing/app'
import { securityHeaders } from './security-headers'

setDefaultTimeout(60_000)

let site: TestApp

beforeAll(async () => {
  site = await testApp()
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

test.each<[status: number, path: string, method?: string]>([
  [200, '/'],
  [200, '/discover'],
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
  [405, '/discover', 'POST'],
  [405, '/api/v1/projects', 'DELETE'],
  [414, `/${'x'.repeat(3_000)}`],
])('on %i %s', async (...row) => {
  const [status, path, method = 'GET'] = row
  const response = await site.get(path, { method })
  expect(response.status).toBe(status)
  expect(expectGuarded(response)).toContain("script-src 'self'")
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
    await $client`alter table projects rename saves_count to count_gone`
    const response = await site.get(path)
    await $client`alter table projects rename count_gone to saves_count`
    const body = await response.text()
    expect(response.status).toBe(500)
    expectGuarded(response)
    expect(body).not.toMatch(/count_gone|relation|select|\bat .*\(|\.ts/)
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

test('on https, browsers are told to come by nothing else for a year', async () => {
  const config = { ...site.deps.config, baseUrl: 'https://site.example' }
  const app = createApp({ ...site.deps, config }, { ready: true })
  for (const path of ['/', '/nothing', '/api/v1/nothing', '/discover?sort=random', '/healthz']) {
    const answer = await app.fetch(new Request(config.baseUrl + path))
    expect(answer.headers.get('strict-transport-security')).toBe(
      'max-age=31536000; includeSubDomains',
    )
  }
  const plain = await site.get('/')
  expect(plain.headers.get('strict-transport-security')).toBeNull()
})
