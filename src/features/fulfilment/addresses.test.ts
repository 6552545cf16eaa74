import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { addressOf, type Backed, elmStreet, page, refused, sent, testBacked } from '#testing/backed'
import { signedIn } from '#testing/cast'
import { addressesMax } from './rules/addresses'

setDefaultTimeout(60_000)

let backed: Backed
let site: Backed['site']
let ada: Backed['ada']
let bob: Backed['bob']
beforeAll(async () => {
  backed = await testBacked()
  ;({ site, ada, bob } = backed)
})
afterAll(() => backed.site.close(), 30_000)
beforeEach(async () => {
  await backed.site.db.$client`delete from rate_limits`
})

describe('the address book', () => {
  test('takes addresses, one of them used first', async () => {
    const eve = await signedIn(site, 'Eve Book')
    expect(await page(eve, '/settings/addresses')).toContain('Your first address')
    const first = await addressOf(eve)
    // Twice is once.
    await sent(eve, '/settings/addresses', elmStreet)
    await sent(eve, '/settings/addresses', { ...elmStreet, line1: 'Oak Road 2' })
    const book = await page(eve, '/settings/addresses')
    expect(book.match(/class="postal"/g)).toHaveLength(2)
    expect(book.split('Used first')[0]).toContain('Elm Street 1')
    const second = [...book.matchAll(/addresses\/(\d+)"/g)].map(([, id]) => id).at(-1) ?? ''
    await sent(eve, `/settings/addresses/${second}/default`)
    expect((await page(eve, '/settings/addresses')).split('Used first')[0]).toContain('Oak Road 2')
    expect(await page(eve, `/settings/addresses/${first}`)).toContain('value="Elm Street 1"')
    await sent(eve, `/settings/addresses/${first}`, { ...elmStreet, line1: 'Elm Street 9' })
    expect(await page(eve, '/settings/addresses')).toContain('Elm Street 9')
    await sent(eve, `/settings/addresses/${second}/remove`)
    await sent(eve, `/settings/addresses/${second}/remove`)
    const left = await page(eve, '/settings/addresses')
    expect(left.match(/class="postal"/g)).toHaveLength(1)
    expect(left.split('Used first')[0]).toContain('Elm Street 9')
  })

  test('gives back what is wrong, and is nobody else’s', async () => {
    const wrong = { ...elmStreet, line1: ' ', country: 'Atlantis', city: 'x'.repeat(121) }
    const html = await refused(ada, '/settings/addresses', wrong)
    expect(html).toContain('Please give street and number.')
    expect(html).toContain('Please choose a country of the list.')
    expect(html).toContain('May have 120 characters at most.')
    expect(html).toContain('value="Ada Lovelace 🌻"')
    const id = await addressOf(ada)
    for (const path of [`/settings/addresses/${id}`, `/settings/addresses/${id}/default`]) {
      expect((await bob.post(path, elmStreet)).status).toBe(404)
    }
    expect((await bob.get(`/settings/addresses/${id}`)).status).toBe(404)
    await sent(bob, `/settings/addresses/${id}/remove`)
    expect(await page(ada, '/settings/addresses')).toContain('Elm Street 1')
  })

  test('holds so many', async () => {
    const max = await signedIn(site, 'Max Book')
    await site.db.$client`
      insert into addresses (person_id, name, line1, city, country)
      select ${max.id}, 'Max', 'Street ' || n, 'Lyon', 'France' from generate_series(1, ${addressesMax}::int) n`
    expect(await page(max, '/settings/addresses')).toContain('Remove one first')
    expect(await refused(max, '/settings/addresses', elmStreet)).toContain(
      'as many as one may have',
    )
  })

  test('leads back to the survey that asked, and nowhere else', async () => {
    const next = (path: string) => `/settings/addresses?next=${encodeURIComponent(path)}`
    expect(await sent(ada, next('/projects/1/survey'), elmStreet)).toBe('/projects/1/survey')
    expect(await sent(ada, next('https://evil.example'), elmStreet)).toBe('/')
  })
})
