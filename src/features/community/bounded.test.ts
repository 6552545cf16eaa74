import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestApp, testApp } from '#testing/app'
import { readPage } from '#testing/page'
import { countedPledgesMax, findCommunity } from './reads'

// A project with more backers than are counted.

setDefaultTimeout(60_000)

const more = 40
let site: TestApp
let project: number

beforeAll(async () => {
  site = await testApp()
  const { $client } = site.db
  const [row] = await $client`
    insert into projects (creator_id, creator_name, status, title, description, category,
        subcategory, city, state, country, goal, launched_at, ends_at)
      select creator_id, creator_name, 'live', 'Everybody’s', 'Words', category, subcategory, city,
        state, country, goal, '2040-01-01', '2041-01-01' from projects where id = 1
      returning id`
  project = Number(row?.['id'])
  // The first ones, who are not counted, are from elsewhere and come back; every tenth has no name.
  await $client`
    with backers as (
      insert into people (name) select 'Backer ' || n
        from generate_series(1, ${countedPledgesMax + more}::int) n returning id),
    numbered as (select id, row_number() over (order by id) as n from backers)
    insert into pledges (project_id, backer_id, amount, anonymous, backed_before, city, country)
      select ${project}, id, 100, n % 10 = 0, n <= ${more}::int,
          case when n <= ${more}::int then 'Elsewhere' else 'Here' end, 'Utopia'
        from numbered order by n`
  await $client`update projects set backers_count = ${countedPledgesMax + more} where id = ${project}`
})

afterAll(() => site.close())

test('the latest are counted', async () => {
  const community = await findCommunity(site.db, project)
  expect(community).toEqual({
    counted: countedPledgesMax,
    unnamed: countedPledgesMax / 10,
    returning: 0,
    cities: [{ city: 'Here', country: 'Utopia', backers: countedPledgesMax }],
    countries: [{ country: 'Utopia', backers: countedPledgesMax }],
  })
})

test('the page says so, and how many there are in all', async () => {
  const address = (await site.get(`/projects/${project}`)).headers.get('location') ?? ''
  const { text } = await readPage(await site.get(`${address}/community`))
  expect(text).toContain('5,040 people are supporting')
  expect(text).toContain('Counted over the latest 5,000 of 5,040 backers.')
  const [last] = await site.db.$client`
    select max(id) - 20 as id from pledges where project_id = ${project}`
  const end = await readPage(await site.get(`${address}/community?after=${last?.['id']}`))
  expect(end.text).toContain('500 backers who prefer not to be named among the latest 5,000.')
  const [other] = await site.db.$client`
    select id from projects where status = 'live' and backers_count between 1 and 1000 limit 1`
  const small = (await site.get(`/projects/${other?.['id']}`)).headers.get('location') ?? ''
  expect((await readPage(await site.get(`${small}/community`))).text).not.toContain('Counted over')
})

test('so does the API', async () => {
  const response = await site.get(`/api/v1/projects/${project}/community`)
  expect(await response.json()).toMatchObject({ total: 5_040, counted: 5_000, new: 5_000 })
})
