import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { createMeter } from '#observability/meter'
import { type TestApp, testApp } from '#testing/app'
import { type Admission, createAdmission, urgencyOf } from './admission'
import { securityHeaders } from './security-headers'

setDefaultTimeout(60_000)

let site: TestApp
beforeAll(async () => {
  site = await testApp()
})
afterAll(() => site.close())

const post = { method: 'POST' }

test.each([
  ['pledge', '/projects/7-a-lamp/pledges/checkout', post],
  ['pledge', '/projects/7-a-lamp/pledges/new', {}],
  ['pledge', '/projects/7/pledge', post],
  ['pledge', '/api/v1/projects/7/pledge', post],
  ['pledge', '/pledges', {}],
  ['pledge', '/settings/cards', post],
  ['pledge', '/webhooks/stripe', post],
  ['sign_in', '/sign-in', post],
  ['sign_in', '/sign-in/code', {}],
  ['sign_in', '/reset-password', {}],
  ['member', '/discover', { headers: { cookie: 'theme=dark; session=abc' } }],
  ['member', '/api/v1/projects', {}],
  ['member', '/projects/7/comments', post],
  ['browse', '/discover', { headers: { cookie: 'theme=dark' } }],
  ['browse', '/projects/7-pledges/updates', {}],
  ['browse', '/', {}],
] as const)('%s: %s', (urgency, path, init) => {
  expect(urgencyOf(new Request(`http://localhost${path}`, init), path)).toBe(urgency)
})

describe('at the door', () => {
  const meter = createMeter()
  let admission: Admission
  beforeAll(() => {
    const config = { waitMs: 250, baseUrl: 'http://localhost' }
    admission = createAdmission({ ...site.deps, meter, config }, 0)
  })
  afterAll(() => admission.close())

  const ask = (path: string, init: RequestInit = {}) =>
    admission.admit(new Request(`http://localhost${path}`, init))
  /** Lets in whoever comes until somebody is refused; that refusal, and how many are within. */
  const fill = (path: string, init: RequestInit = {}) => {
    const leaves: (() => void)[] = []
    for (;;) {
      const door = ask(path, init)
      if (door instanceof Response) return { leaves, refusal: door }
      leaves.push(door)
    }
  }
  const refused = (urgency: string) =>
    meter
      .report()
      .find(([name, [own]]) => name === 'jumpstarter_refused_requests' && own === urgency)?.[2][0]

  test('who looks around is refused first, then members, then those who pledge', () => {
    const browsing = fill('/discover')
    expect(ask('/discover')).toBeInstanceOf(Response)
    const members = fill('/discover', { headers: { cookie: 'session=abc' } })
    const backers = fill('/projects/7/pledges/new')
    for (const { leaves } of [browsing, members, backers]) {
      expect(leaves.length).toBeGreaterThan(50)
    }
    // What is written stands in another queue, and signing in in a third.
    for (const path of ['/projects/7/pledges/checkout', '/sign-in']) {
      const door = ask(path, post)
      expect(door).toBeFunction()
      if (typeof door === 'function') door()
    }
    expect(refused('browse')).toBe(2)
    expect(refused('member')).toBe(1)
    for (const { leaves } of [browsing, members, backers]) for (const leave of leaves) leave()
    const door = ask('/discover')
    expect(door).toBeFunction()
    if (typeof door === 'function') door()
  })

  test('probes, our own files and pictures that come in are never refused', () => {
    const { leaves } = fill('/projects/7/pledges/new')
    for (const path of ['/healthz', '/readyz', '/version', '/assets/site-1.css', '/favicon.svg']) {
      expect([path, typeof ask(path)]).toEqual([path, 'function'])
    }
    const upload = { ...post, headers: { 'content-type': 'multipart/form-data; boundary=x' } }
    expect(ask('/images', upload)).toBeFunction()
    for (const leave of leaves) leave()
  })

  test('a person is given a page that asks again, a program problem+json', async () => {
    const { leaves, refusal } = fill('/discover')
    const html = await refusal.text()
    expect(refusal.status).toBe(503)
    expect(Number(refusal.headers.get('retry-after'))).toBeWithin(1, 10)
    expect(refusal.headers.get('cache-control')).toBe('no-store')
    expect(refusal.headers.get('content-security-policy')).toBe(
      securityHeaders['Content-Security-Policy'] ?? '',
    )
    expect(html).toContain('Many people at the door')
    expect(html).toMatch(/<meta http-equiv="refresh" content="[1-9]">/)
    expect(html).toContain(site.deps.assets.stylesheet)
    expect(html.length).toBeLessThan(2_000)
    const program = fill('/api/v1/projects')
    expect(program.refusal.headers.get('content-type')).toBe('application/problem+json')
    expect(await program.refusal.json()).toMatchObject({
      type: 'urn:jumpstarter:busy',
      status: 503,
    })
    // Not all come back at the same moment.
    const waits = Array.from({ length: 6 }, () => {
      const door = ask('/discover')
      return door instanceof Response ? door.headers.get('retry-after') : undefined
    })
    expect(new Set(waits).size).toBe(6)
    for (const leave of [...leaves, ...program.leaves]) leave()
  })
})

test('where nobody is to wait for less, everybody is let in, and nothing is looked at', () => {
  const config = { waitMs: 0, baseUrl: 'http://localhost' }
  const { admit, close } = createAdmission({ ...site.deps, config }, 0)
  for (let one = 0; one < 2_000; one++) {
    expect(admit(new Request('http://localhost/discover'))).toBeFunction()
  }
  close()
})
