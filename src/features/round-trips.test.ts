import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestApp, testApp } from '#testing/app'
import { countQueries } from '#testing/waves'

// What each page costs the database. The numbers are ceilings: raise one only with a reason.

setDefaultTimeout(60_000)

let site: TestApp
let project: { id: number; address: string; updateNumber: number }

beforeAll(async () => {
  site = await testApp()
  const [row] = await site.db.$client`
    select project_id as id, number from updates order by comments_count desc, project_id limit 1`
  const id = Number(row?.['id'])
  const response = await site.get(`/projects/${id}`)
  const address = response.headers.get('location') ?? ''
  project = { id, address, updateNumber: row?.['number'] }
})

afterAll(() => site.close())

test.each<[name: string, queries: number, waves: number, path: () => string]>([
  ['home', 5, 1, () => '/'],
  ['discover', 2, 1, () => '/discover?category=games&sort=newest'],
  [
    'a category in a place',
    ...([3, 2] as const),
    () => '/discover?category=games&state=New+York&city=Brooklyn',
  ],
  ['a category', 2, 1, () => '/categories/games'],
  ['a category, every status', 5, 1, () => '/categories/games?status=all'],
  ['a place', 2, 2, () => '/places/new-york/brooklyn'],
  ['all places', 1, 1, () => '/places'],
  ['a search', 1, 1, () => '/search?q=game'],
  ['suggestions', 3, 1, () => '/api/v1/suggestions?q=board+ga'],
  ['suggestions for one letter', 0, 0, () => '/api/v1/suggestions?q=b'],
  ['a person', 2, 1, () => '/people/1'],
  ['a person’s backed projects', 2, 1, () => '/people/1/backed'],
  ['a project', 4, 1, () => project.address],
  ['its rewards', 4, 1, () => `${project.address}/rewards`],
  ['its FAQ', 2, 1, () => `${project.address}/faqs`],
  ['its updates', 2, 1, () => `${project.address}/updates`],
  ['one update', 3, 1, () => `${project.address}/updates/${project.updateNumber}`],
  ['its comments', 3, 1, () => `${project.address}/comments`],
  ['its community', 3, 1, () => `${project.address}/community`],
  ['the feed of the newest', 4, 1, () => '/feeds/newest.atom'],
  ['its reminder', 1, 1, () => `/projects/${project.id}/reminder.ics`],
  ['a picture', 0, 0, () => '/pictures/projects/games/1.svg'],
])('%s: at most %i queries in %i waves', async (_, count, waves, path) => {
  const seen = await countQueries(site.db, async () => {
    await (await site.get(path())).text()
  })
  expect(seen).toEqual({ count, waves })
})
