import { expect, test } from 'bun:test'
import { keyOf, mayBeKept } from './keys'

const key = (target: string, init?: RequestInit) =>
  keyOf(new Request(`http://localhost:3000${target}`, init))

test.each([
  ['/', '/'],
  ['/projects/42-a-thing', '/projects/42-a-thing'],
  // What no page knows does not make another page.
  ['/?utm_source=news&fbclid=1', '/'],
  ['/discover?utm_source=news&sort=newest', '/discover?sort=newest'],
  // Nor does their order, an empty one, or the second of two.
  ['/discover?status=live&sort=newest', '/discover?sort=newest&status=live'],
  ['/discover?sort=newest&status=&state=', '/discover?sort=newest'],
  ['/discover?sort=newest&sort=popular', '/discover?sort=newest'],
  ['/search?q=board+game', '/search?q=board+game'],
  ['/search?q=board%20game', '/search?q=board+game'],
  ['/discover?', '/discover'],
])('%s is kept as %s', (target, expected) => {
  expect(key(target)).toBe(expected)
})

test('the API refuses what it does not know, so every parameter counts there', () => {
  expect(key('/api/v1/projects?sort=newest&utm=1')).toBe('/api/v1/projects?sort=newest&utm=1')
  expect(key('/api/v1/projects?sort=a&sort=b')).toBe('/api/v1/projects?sort=a&sort=b')
})

test('nobody waits for what is never kept', () => {
  const own = ['/assets/site-0.css', '/readyz', '/pledges', '/projects/1/pledges/new', '/guests']
  expect(own.map(mayBeKept)).toEqual([false, false, false, false, false])
  expect(['/', '/projects/1-pledge'].map(mayBeKept)).toEqual([true, true])
})

test('a password that a proxy has asked for changes no page', () => {
  expect(key('/', { headers: { authorization: 'Basic x' } })).toBe('/')
})

test('the host is not part of it: pages know their address by BASE_URL', () => {
  expect(keyOf(new Request('http://evil.example/discover?sort=newest'))).toBe(
    '/discover?sort=newest',
  )
})

test.each([
  ['a write', '/projects/1', { method: 'POST' }],
  ['somebody signed in', '/', { headers: { cookie: 'theme=dark; session=abc' } }],
  ['somebody signed in over https', '/', { headers: { cookie: '__Host-session=abc' } }],
  ['a guest who has come by a link', '/pledges', { headers: { cookie: 'guest=abc' } }],
  ['the same over https', '/pledges', { headers: { cookie: '__Host-guest=abc' } }],
  ['a key of the API', '/api/v1/projects', { headers: { authorization: 'Bearer x' } }],
  ['one who asks for timings', '/', { headers: { cookie: 'server-timing=1' } }],
  ['an address longer than any page has', `/search?q=${'x'.repeat(1_001)}`, {}],
])('%s does not come from the cache', (_, target, init) => {
  expect(key(target, init)).toBeUndefined()
})

test.each(['_ga=GA1.2.3; consent=all', 'mysession=1', 'presession=2; sessions=3'])(
  'cookies that sign nobody in do not matter: %s',
  (cookie) => {
    expect(key('/', { headers: { cookie } })).toBe('/')
  },
)
