import { PersonActs, PersonHeader, PersonTabs } from '#features/people/parts'
import type { Person, Ties } from '#features/people/reads/profiles'
import { formatCount, plural } from '#lib/text'
import { EmptyState } from '#web/components/empty-state'
import { Document } from '#web/document'
import { paths } from '#web/paths'
import { Filters, ProjectList } from './parts'
import { type Category, type Place, placesMax } from './reads/catalog'
import type { ProjectRow } from './reads/lists'
import { type ListQuery, sortNames, statusNames } from './rules'

interface ListProps {
  query: ListQuery
  projects: ProjectRow[]
  next: string | null
}

const sortNameOf = ({ status, sort }: ListQuery) =>
  sort === 'ending' && status !== 'live' ? 'Latest to end:' : sortNames[sort]

const headingOf = (query: ListQuery) => {
  const status = query.status === 'live' || query.status === 'all' ? '' : statusNames[query.status]
  return `${sortNameOf(query)} projects${status && `, ${status.toLowerCase()}`}`
}

/** Everything, narrowed by the filters. */
export function DiscoverPage(props: ListProps & { categories: Category[] }) {
  const { query, projects, categories } = props
  const { after: _, ...filters } = query
  const category = categories.find(({ slug }) => slug === query.category)
  const place = query.state && query.city ? ` in ${query.city}, ${query.state}` : ''
  return (
    <Document
      title={`${headingOf(query)}${category ? ` in ${category.name}` : ''}${place}`}
      description="Every project on Jumpstarter, by category, place and status."
      canonical={paths.discover(filters)}
      hidden={query.after !== undefined}
    >
      <div className="list-head">
        <h1>Discover</h1>
        {place && (
          <p>
            Only projects{place}.{' '}
            <a href={paths.discover({ ...filters, state: undefined, city: undefined })}>
              From anywhere
            </a>
          </p>
        )}
      </div>
      <Filters action={paths.discover()} query={query} categories={categories} />
      <ProjectList
        projects={projects}
        label={headingOf(query)}
        next={props.next && paths.discover({ ...filters, after: props.next })}
        first={query.after ? paths.discover(filters) : null}
        empty="No project fits these filters."
      />
    </Document>
  )
}

/** A category with its subcategories, or one of those. */
export function CategoryPage(
  props: ListProps & { category: Category; parent: Category | undefined; siblings: Category[] },
) {
  const { query, category, parent, siblings } = props
  const filters = { status: query.status, sort: query.sort }
  const top = parent ?? category
  const self = (more: Record<string, string | undefined> = {}) =>
    paths.category(category.slug, { ...filters, ...more })
  return (
    <Document
      title={parent ? `${category.name} · ${parent.name}` : category.name}
      description={`${plural(category.liveCount, 'live project')} in ${category.name} on Jumpstarter.`}
      canonical={paths.category(category.slug)}
      hidden={query.after !== undefined}
    >
      <div className="list-head">
        {parent && (
          <p className="list-parent">
            <a href={paths.category(parent.slug)}>{parent.name}</a>
          </p>
        )}
        <h1>{category.name}</h1>
        <p>
          {formatCount(category.liveCount)} live of {plural(category.projectsCount, 'project')}
        </p>
      </div>
      <nav aria-label="Subcategories">
        <ul className="category-links">
          <li>
            <a href={paths.category(top.slug)} {...(parent ? {} : { 'aria-current': 'page' })}>
              All of {top.name}
            </a>
          </li>
          {siblings.map((sub) => (
            <li key={sub.slug}>
              <a
                href={paths.category(sub.slug)}
                {...(sub.slug === category.slug ? { 'aria-current': 'page' } : {})}
              >
                {sub.name} <small>{formatCount(sub.liveCount)}</small>
              </a>
            </li>
          ))}
        </ul>
      </nav>
      <Filters action={paths.category(category.slug)} query={filters} categories={[]} />
      <ProjectList
        projects={props.projects}
        label={`${headingOf(query)} in ${category.name}`}
        next={props.next && self({ after: props.next })}
        first={query.after ? self() : null}
        empty={`No project in ${category.name} fits.`}
      />
    </Document>
  )
}

export function PlacePage(props: ListProps & { place: Place }) {
  const { query, place } = props
  const filters = { status: query.status, sort: query.sort }
  const self = (more: Record<string, string | undefined> = {}) =>
    paths.place(place.stateSlug, place.citySlug, { ...filters, ...more })
  return (
    <Document
      title={`${place.city}, ${place.state}`}
      description={`${plural(place.liveCount, 'live project')} from ${place.city} on Jumpstarter.`}
      canonical={paths.place(place.stateSlug, place.citySlug)}
      hidden={query.after !== undefined}
    >
      <div className="list-head">
        <p className="list-parent">
          <a href={paths.places()}>Places</a>
        </p>
        <h1>{place.city}</h1>
        <p>
          {place.state === place.city ? place.country : `${place.state}, ${place.country}`} ·{' '}
          {formatCount(place.liveCount)} live of {plural(place.projectsCount, 'project')}
        </p>
      </div>
      <Filters
        action={paths.place(place.stateSlug, place.citySlug)}
        query={filters}
        categories={[]}
      />
      <ProjectList
        projects={props.projects}
        label={`${headingOf(query)} from ${place.city}`}
        next={props.next && self({ after: props.next })}
        first={query.after ? self() : null}
        empty={`No project from ${place.city} fits.`}
      />
    </Document>
  )
}

export function PlacesPage({ places }: { places: Place[] }) {
  const live = (cities: Place[]) => cities.reduce((sum, { liveCount }) => sum + liveCount, 0)
  const countries = [...Map.groupBy(places, ({ country }) => country)].toSorted(
    ([, a], [, b]) => live(b) - live(a),
  )
  return (
    <Document
      title="Places"
      description="Where the projects on Jumpstarter are made."
      canonical={paths.places()}
    >
      <div className="list-head">
        <h1>Places</h1>
        <p>
          Where projects are made, busiest first
          {places.length >= placesMax && `: the first ${formatCount(placesMax)}`}.
        </p>
      </div>
      {places.length === 0 && <EmptyState title="No project has come from anywhere yet." />}
      {countries.map(([country, cities]) => (
        <section key={country} aria-label={country}>
          <h2 className="places-country">{country}</h2>
          <ul className="place-links">
            {cities.map((place) => (
              <li key={place.stateSlug + place.citySlug}>
                <a href={paths.place(place.stateSlug, place.citySlug)}>
                  <strong>{place.city}</strong>
                  <span>{place.state}</span>
                  <small>{formatCount(place.liveCount)} live</small>
                </a>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </Document>
  )
}

const searchesToTry = ['board game', 'lighthouse', '"short film"', 'vinyl or cassette', 'Chicago']

/** A larger search box, and what could be put into it. */
function SearchStart() {
  return (
    <>
      <form action={paths.search()} className="search-box search-box-large">
        <label className="visually-hidden" htmlFor="search">
          Words to look for
        </label>
        <input id="search" type="search" name="q" maxLength={200} required />
        <button type="submit">Search</button>
      </form>
      <ul className="category-links" aria-label="Searches to try">
        {searchesToTry.map((words) => (
          <li key={words}>
            <a href={paths.search({ q: words })}>{words}</a>
          </li>
        ))}
      </ul>
    </>
  )
}

export function SearchPage(props: {
  text: string
  projects: ProjectRow[]
  next: string | null
  isFirstPage: boolean
}) {
  const { text, projects } = props
  return (
    <Document title={text ? `“${text}”` : 'Search'} query={text} hidden>
      <div className="list-head">
        <h1>{text ? <>Projects about “{text}”</> : 'Search'}</h1>
        <p>
          Words in title, description, creator, place and category; very common ones are left out.
          Use quotes for “exact words”, <code>or</code> for either, and a minus for{' '}
          <code>-without</code>.
        </p>
      </div>
      {!text && <SearchStart />}
      {text && (
        <ProjectList
          projects={projects}
          label="Search results"
          next={props.next && paths.search({ q: text, after: props.next })}
          first={props.isFirstPage ? null : paths.search({ q: text })}
          empty={`Nothing found for “${text}”.`}
        />
      )}
    </Document>
  )
}

/** What a person made or backed. */
export function PersonPage(props: {
  person: Person
  show: 'created' | 'backed'
  projects: ProjectRow[]
  next: string | null
  first: string | null
  /** Of whoever is signed in with this person. */
  ties: Ties | undefined
}) {
  const { person, show, projects, ties } = props
  return (
    <Document
      title={show === 'created' ? person.name : `Backed by ${person.name}`}
      description={
        person.bio || `${person.name} on Jumpstarter: projects created and projects backed.`
      }
      canonical={show === 'created' ? paths.person(person) : paths.personBacked(person)}
    >
      <PersonHeader person={person}>
        <PersonActs person={person} ties={ties} />
      </PersonHeader>
      <PersonTabs person={person} current={show} />
      <ProjectList
        projects={projects}
        label={`Projects ${show} by ${person.name}`}
        next={props.next}
        first={props.first}
        empty={
          show === 'created'
            ? `${person.name} has not launched a project yet.`
            : `${person.name} has not backed a project under their name yet.`
        }
      />
    </Document>
  )
}
