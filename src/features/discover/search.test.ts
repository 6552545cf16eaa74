import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestApp, testApp } from '#testing/app'
import { searchPagesMax, searchProjects } from './reads/search'
import { suggest } from './reads/suggestions'
import { pageRows } from './rules'

setDefaultTimeout(60_000)

let site: TestApp

beforeAll(async () => {
  site = await testApp()
})

afterAll(() => site.close())

/** Adds so many copies of the first project that differ in what is given; their ids. */
async function addProjects(
  count: number,
  { title = 'Copy', description = 'Words', backers = '0', status = 'successful' },
): Promise<number[]> {
  const rows = await site.db.$client.unsafe(`
    insert into projects (creator_id, creator_name, status, title, description, category,
        subcategory, city, state, country, goal, backers_count, launched_at, ends_at)
      select creator_id, 'Nobody', '${status}', '${title}', '${description}', category, subcategory,
        city, state, country, goal, ${backers}, '2040-01-01', '2040-06-01'
        from projects, generate_series(1, ${count}) n where id = 1
      returning id`)
  return rows.map((row) => Number(row['id']))
}

const remove = (ids: number[]) => site.db.$client`delete from projects where id = any(${ids})`

async function search(text: string): Promise<number[]> {
  return (await searchProjects(site.db, text)).projects.map(({ id }) => id)
}

/** Ids of every page, best match first. */
async function walk(text: string): Promise<number[]> {
  const ids: number[] = []
  let after: string | undefined
  for (let pages = 0; pages <= searchPagesMax; pages++) {
    const { projects, next } = await searchProjects(site.db, text, after)
    ids.push(...projects.map(({ id }) => id))
    if (next === null) return ids
    expect(projects).toHaveLength(pageRows)
    after = next
  }
  throw new Error('the search has no end')
}

test('accents do not matter, and a category is found by its name', async () => {
  const [row] = await site.db.$client`
    select id, city from projects where city ~ '[éãüíó]' and is_listed(status) limit 1`
  const plain = String(row?.['city'])
    .normalize('NFD')
    .replace(/[\u0300-\u036f]/g, '')
  for (const text of [plain, row?.['city'], `"${plain}"`]) {
    const { projects } = await searchProjects(site.db, text)
    expect(projects.map(({ city }) => city)).toContain(row?.['city'])
  }
  const { projects } = await searchProjects(site.db, 'photography')
  expect(projects.some(({ category }) => category === 'photography')).toBe(true)
})

test('each match once: with the words in its title first, then the most popular', async () => {
  const walked = await walk('game or film')
  expect(walked.length).toBeGreaterThan(3 * pageRows)
  const rows = await site.db.$client`
    select id from projects, websearch_to_tsquery('english', 'game or film') query
      where search @@ query and is_listed(status)
      order by search_words(title) @@ query desc, popularity desc, id desc`
  expect(walked).toEqual(rows.map(({ id }) => Number(id)))
})

test('a phrase is its words side by side, not only both of them', async () => {
  const [beside] = await addProjects(1, { description: 'A quomble of zibbets' })
  const [apart] = await addProjects(1, { title: 'Zibbets', description: 'without a quomble' })
  const [hyphen] = await addProjects(1, { title: 'Some quomble-zibbet' })
  const [accents] = await addProjects(1, { description: 'Quômble zîbbet' })
  const all = [beside, apart, hyphen, accents].map(Number)
  const found = async (text: string) => new Set(await search(text))
  expect(await found('quomble zibbet')).toEqual(new Set(all))
  expect(await found('"quomble of zibbets"')).toEqual(new Set([Number(beside)]))
  expect(await found('"quomble zibbet"')).toEqual(new Set([Number(hyphen), Number(accents)]))
  expect(await found('"zibbets quomble"')).toEqual(new Set())
  expect(await found('quomble -"quomble zibbet"')).toEqual(new Set([Number(beside), Number(apart)]))
  await remove(all)
})

test('a minus leaves out what has the word, and asks for nothing by itself', async () => {
  const [plain] = await addProjects(1, { title: 'Frundle' })
  const [other] = await addProjects(1, { title: 'Frundle', description: 'with gossamer' })
  expect(await search('frundle')).toEqual([Number(other), Number(plain)])
  expect(await search('frundle -gossamer')).toEqual([Number(plain)])
  for (const nothing of ['-gossamer', '-"two words"', 'frundle or -gossamer', 'the', 'the -of']) {
    expect([nothing, await search(nothing)]).toEqual([nothing, []])
  }
  await remove([Number(plain), Number(other)])
})

test('what is not listed is not found', async () => {
  const ids = await addProjects(2, { title: 'Hidden snorfle', status: 'suspended' })
  expect(await search('snorfle')).toEqual([])
  await remove(ids)
})

test('whatever is typed is text', async () => {
  for (const q of [
    `'`,
    `"'`,
    '\\',
    'a:*b',
    '<->',
    '(((',
    '!',
    '& |',
    "x<->y'",
    "it's",
    '%_',
    '🎲',
  ]) {
    expect([q, await search(`${q} qqzzqq`)]).toEqual([q, []])
    expect((await site.get(`/search?q=${encodeURIComponent(q)}`)).status).toBe(200)
    const response = await site.get(`/api/v1/suggestions?q=${encodeURIComponent(`ab${q}`)}`)
    expect([q, response.status]).toEqual([q, 200])
  }
})

describe('of a word that very many have', () => {
  let famous: number[]

  beforeAll(async () => {
    await addProjects(900, { title: 'Plumbus of the quiet', backers: 'n % 90' })
    famous = await addProjects(250, { title: 'Plumbus of the famous', backers: '1000 + n' })
  })

  test('the well known are the answer', async () => {
    const walked = await walk('plumbus')
    expect(walked.toSorted((a, b) => a - b)).toEqual(famous)
  })

  test('the most popular live ones are there all the same', async () => {
    const fresh = await addProjects(1, { title: 'Plumbus just begun', status: 'live' })
    expect(await walk('plumbus')).toContain(Number(fresh[0]))
    await remove(fresh)
  })

  test('the less known are asked when the well known are few', async () => {
    const walked = await walk('plumbus quiet')
    expect(walked).toHaveLength(searchPagesMax * pageRows)
    expect(new Set(walked).size).toBe(walked.length)
    expect(walked.filter((id) => famous.includes(id))).toEqual([])
  })
})

describe('suggestions', () => {
  const titles = async (q: string) => (await suggest(site.db, q)).projects.map(({ title }) => title)

  test('are well known projects with all of the words, the last as a beginning', async () => {
    const many = await addProjects(9, { title: 'Vorpal lighthouse', backers: '200 + n' })
    const [best] = await addProjects(1, { title: 'Vorpal lantern', backers: '90000' })
    const [unknown] = await addProjects(1, { title: 'Vorpal ladder', backers: '99' })
    expect(await titles('vorp')).toEqual(['Vorpal lantern', ...Array(7).fill('Vorpal lighthouse')])
    expect(await titles('vorpal la')).toEqual(['Vorpal lantern'])
    // Also as a stem, without accents, and with one letter of the next word.
    expect(await titles('Vórpal lanterns')).toEqual(['Vorpal lantern'])
    expect(await titles('lantern vorpal x')).toEqual(['Vorpal lantern'])
    expect(await titles('vorpal nothing')).toEqual([])
    await remove([...many, Number(best), Number(unknown)])
  })

  test('name categories and places by the beginnings of their words', async () => {
    const { categories, places } = await suggest(site.db, 'bro')
    expect(places.map(({ city }) => city)).toContain('Brooklyn')
    expect(categories).toEqual([])
    const games = await suggest(site.db, 'GAM')
    expect(games.categories[0]?.slug).toBe('games')
    expect((await suggest(site.db, 'york')).places.map(({ city }) => city)).toContain('New York')
  })

  test('are JSON with addresses that lead there; for one letter there are none', async () => {
    const response = await site.get('/api/v1/suggestions?q=new+y')
    const { places } = (await response.json()) as { places: { url: string }[] }
    const [place] = places
    expect((await site.get(new URL(String(place?.url)).pathname)).status).toBe(200)
    for (const q of ['', '?q=', '?q=b', '?q=%20-']) {
      const empty = await site.get(`/api/v1/suggestions${q}`)
      expect(await empty.json()).toEqual({ projects: [], categories: [], places: [] })
    }
  })
})
