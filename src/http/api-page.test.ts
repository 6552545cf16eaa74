import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { endpoints } from '#app'
import { migrate } from '#db/migrations'
import { type TestApp, testApp } from '#testing/app'
import { emptyDatabase } from '#testing/database'
import { apiRoot } from './api'

// The first test of a run waits for Postgres and its seed.
setDefaultTimeout(60_000)

let site: TestApp

beforeAll(async () => {
  site = await testApp()
})
afterAll(() => site.close())

test('the page shows every endpoint with a request that works', async () => {
  const response = await site.get('/api')
  expect(response.status).toBe(200)
  const html = await response.text()
  for (const { id, path } of endpoints) {
    expect(html).toContain(`id="${id}"`)
    expect(html).toContain(path)
  }
  const { baseUrl } = site.deps.config
  const requests = [...html.matchAll(/<code>curl &#x27;([^&]+)&#x27;/g)].map(([, url = '']) => url)
  expect(requests).toHaveLength(endpoints.filter(({ scope }) => !scope).length)
  for (const url of requests) {
    expect(url).toStartWith(baseUrl + apiRoot)
    expect((await site.get(url.slice(baseUrl.length))).status).toBe(200)
  }
})

test('on a site without projects it does without examples', async () => {
  const database = await emptyDatabase()
  await migrate(database.db)
  const empty = await testApp(database)
  const html = await (await empty.get('/api')).text()
  await empty.close()
  expect(html).toContain('id="getProject"')
  expect(html).not.toContain('curl')
})
