import { Hono } from 'hono'
import { z } from 'zod'
import { findPersonFor } from '#features/people/reads/profiles'
import type { AppEnv } from '#http/env'
import { found, idSchema, numberAfter, validQuery } from '#http/input'
import { keepBriefly } from '#http/keep'
import { readDb } from '#http/reading'
import { renderPage } from '#http/render'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { HomePage } from './home-page'
import { CategoryPage, DiscoverPage, PersonPage, PlacePage, PlacesPage, SearchPage } from './pages'
import { findPlace, listCategories, listPlaces, placesMax } from './reads/catalog'
import { listBacked, listProjects, listStaffPicks } from './reads/lists'
import { searchProjects } from './reads/search'
import { listQuery, requireKnown, searchQuery } from './rules'

export const discover = new Hono<AppEnv>()

const validList = validQuery(listQuery)

const homePicks = 7
const homeShelf = 6
const homePlaces = 12

discover.get('/', async (c) => {
  const db = readDb(c)
  const [picks, ending, popular, categories, places] = await Promise.all([
    listStaffPicks(db, homePicks),
    listProjects(db, {}, { status: 'live', sort: 'ending', rows: homeShelf }),
    listProjects(db, {}, { status: 'live', sort: 'popular', rows: homeShelf }),
    listCategories(db),
    listPlaces(db, homePlaces),
  ])
  keepBriefly(c)
  return renderPage(
    c,
    <HomePage
      picks={picks}
      ending={ending.projects}
      popular={popular.projects}
      categories={categories}
      places={places}
    />,
  )
})

discover.get('/discover', validList, async (c) => {
  const db = readDb(c)
  const query = c.req.valid('query')
  const { category, state, city } = query
  if (!state !== !city) {
    throw new AppError('invalid_input', {
      field: state ? 'city' : 'state',
      detail: '“state” and “city” name a place together: give both or neither.',
    })
  }
  const place = state && city ? { state, city } : undefined
  const [categories, page] = await Promise.all([
    listCategories(db),
    listProjects(db, { category, place }, query),
  ])
  requireKnown(category, categories)
  keepBriefly(c)
  return renderPage(c, <DiscoverPage query={query} categories={categories} {...page} />)
})

discover.get('/categories/:slug{[a-z0-9-]+}/:sub{[a-z0-9-]+}?', validList, async (c) => {
  const db = readDb(c)
  const { slug, sub } = c.req.param()
  const key = sub ? `${slug}/${sub}` : (slug ?? '')
  const query = c.req.valid('query')
  const [categories, page] = await Promise.all([
    listCategories(db),
    listProjects(db, { category: key }, query),
  ])
  const category = found(
    categories.find((candidate) => candidate.slug === key),
    new AppError('category_not_found'),
  )
  keepBriefly(c)
  return renderPage(
    c,
    <CategoryPage
      query={query}
      category={category}
      parent={categories.find((candidate) => candidate.slug === category.parent)}
      siblings={categories.filter(({ parent }) => parent === slug)}
      {...page}
    />,
  )
})

discover.get('/places', async (c) => {
  keepBriefly(c)
  return renderPage(c, <PlacesPage places={await listPlaces(readDb(c), placesMax)} />)
})

discover.get('/places/:state/:city', validList, async (c) => {
  const db = readDb(c)
  const query = c.req.valid('query')
  const { state, city } = c.req.param()
  const place = found(await findPlace(db, state, city), new AppError('place_not_found'))
  const page = await listProjects(db, { place }, query)
  keepBriefly(c)
  return renderPage(c, <PlacePage query={query} place={place} {...page} />)
})

discover.get('/search', validQuery(searchQuery), async (c) => {
  const { q, after } = c.req.valid('query')
  const page = q ? await searchProjects(readDb(c), q, after) : { projects: [], next: null }
  keepBriefly(c)
  return renderPage(c, <SearchPage text={q} {...page} isFirstPage={!after} />)
})

discover.get('/people/:id', validQuery(listQuery.pick({ after: true })), async (c) => {
  const db = readDb(c)
  const id = personId(c.req.param('id'))
  const { after } = c.req.valid('query')
  const [known, page] = await Promise.all([
    findPersonFor(db, c.var.viewer?.id, id),
    listProjects(db, { creatorId: id }, { status: 'all', sort: 'newest', after }),
  ])
  const { person, ties } = found(known, new AppError('person_not_found'))
  keepBriefly(c)
  return renderPage(
    c,
    <PersonPage
      person={person}
      show="created"
      projects={page.projects}
      next={page.next && paths.person(person, { after: page.next })}
      first={after ? paths.person(person) : null}
      ties={ties}
    />,
  )
})

discover.get('/people/:id/backed', validQuery(z.object({ after: numberAfter })), async (c) => {
  const db = readDb(c)
  const id = personId(c.req.param('id'))
  const { after } = c.req.valid('query')
  const [known, page] = await Promise.all([
    findPersonFor(db, c.var.viewer?.id, id),
    listBacked(db, id, after),
  ])
  const { person, ties } = found(known, new AppError('person_not_found'))
  keepBriefly(c)
  return renderPage(
    c,
    <PersonPage
      person={person}
      show="backed"
      projects={page.projects}
      next={page.next === null ? null : paths.personBacked(person, { after: page.next })}
      first={after ? paths.personBacked(person) : null}
      ties={ties}
    />,
  )
})

/** What cannot be an id belongs to nobody. */
function personId(text: string): number {
  const parsed = idSchema.safeParse(text)
  if (!parsed.success) throw new AppError('person_not_found')
  return parsed.data
}
