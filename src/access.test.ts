import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import {
  changes,
  everybody,
  fromAnywhere,
  leaving,
  type Options,
  ownPages,
  publicPages,
  type Row,
} from '#testing/access-tables'
import { type TestApp, testApp } from '#testing/app'
import { type Cast, makeCast } from '#testing/cast'
import type { Visitor } from '#testing/visitor'

// Whether the site answers everybody as its tables say.

setDefaultTimeout(60_000)

let site: TestApp
let cast: Cast
beforeAll(async () => {
  site = await testApp()
  cast = await makeCast(site)
})
afterAll(() => site.close(), 30_000)

const isApi = (path: string) => path.startsWith('/api/')
const plainPath = (path: string) => path.replace(/:(\w+)\{.*?\}(?=\/|\?|$)/g, ':$1')
const routes = (methods: string[]) =>
  site.app.routes.filter(({ method, path }) => methods.includes(method) && !path.includes('*'))

test('every page and every route that changes something is in a table', () => {
  const changing = routes(['POST', 'PUT', 'PATCH', 'DELETE']).filter(({ path }) => !isApi(path))
  const names = changing.map(({ method, path }) => `${method} ${plainPath(path)}`)
  expect([...new Set(names)].toSorted()).toEqual([...Object.keys(changes), leaving].toSorted())
  const pages = routes(['GET']).flatMap(({ path }) => (isApi(path) ? [] : [plainPath(path)]))
  const known = [...Object.keys(ownPages), ...publicPages]
  expect([...new Set(pages)].filter((path) => !known.includes(path))).toEqual([])
  expect(known.filter((path) => !pages.includes(path))).toEqual([])
})

const optionsOf = (row: Row): Options => row[6] ?? {}

function actors({ needs }: Options): Visitor[] {
  const { anonymous, member, owner, staff } = cast
  const helpers = [needs ? cast.helperWithout(needs) : cast.helperWith(), cast.helperWith(needs)]
  return [anonymous, member, ...helpers, owner, staff]
}

/** The answers to everybody, each about a project of its own. */
async function ask(
  row: Row,
  path: string,
  request: (actor: Visitor, path: string) => Promise<Response>,
): Promise<Response[]> {
  const { on = 'live', params } = optionsOf(row)
  const answers = []
  for (const actor of actors(optionsOf(row))) {
    const made = path.includes(':') ? await cast.makeProject(on) : {}
    const known: Record<string, string | undefined> = { ...made, ...params }
    const filled = path.replace(/:(\w+)/g, (_, name: string) => known[name] ?? `no-${name}`)
    answers.push(await request(actor, filled))
  }
  return answers
}

const statusesOf = (answers: Response[]) => answers.map(({ status }) => status)

describe('what changes something', () => {
  test.each(Object.entries(changes))('%s', async (name, row) => {
    const [method = '', path = ''] = name.split(' ')
    expect(method).toBe('POST')
    const { fields = {} } = optionsOf(row)
    const answers = await ask(row, path, (actor, at) => actor.post(at, fields))
    expect(statusesOf(answers)).toEqual(row.slice(0, 6) as number[])
    if (row[0] === 303) expect(answers[0]?.headers.get('location')).toBe('/sign-in')
  })

  test.each(Object.entries(changes))('%s from another site', async (name, row) => {
    const path = name.slice(name.indexOf(' ') + 1)
    const elsewhere = { 'sec-fetch-site': 'cross-site' }
    const answers = await ask(row, path, (actor, at) => actor.post(at, {}, elsewhere))
    expect(statusesOf(answers)).toEqual(everybody(fromAnywhere.includes(name) ? 404 : 403))
  })

  test(leaving, async () => {
    const path = '/sign-out'
    const from = { 'sec-fetch-site': 'same-site' }
    expect((await cast.anonymous.post(path, {}, from)).status).toBe(403)
    expect((await cast.anonymous.post(path, {})).status).toBe(303)
  })
})

describe('what is somebody’s own', () => {
  test.each(Object.entries(ownPages))('%s', async (path, row) => {
    const answers = await ask(row, path, (actor, at) => actor.get(at))
    expect(statusesOf(answers)).toEqual(row.slice(0, 6) as number[])
    for (const [index, answer] of answers.entries()) {
      if (answer.status === 200 && index > 0) {
        expect(answer.headers.get('cache-control')).toBe('private, no-store')
      }
    }
    if (row[0] === 303) expect(answers[0]?.headers.get('location')).toStartWith('/sign-in?next=')
  })
})
