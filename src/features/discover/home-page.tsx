import { CardGrid, ProjectCard } from '#features/projects/parts/card'
import { formatCount, plural } from '#lib/text'
import { Bolt } from '#web/components/bolt'
import { EmptyState } from '#web/components/empty-state'
import { StartLink } from '#web/components/start-link'
import { Document } from '#web/document'
import { paths } from '#web/paths'
import type { Category, Place } from './reads/catalog'
import type { ProjectRow } from './reads/lists'

/** The front page: what the staff picked, what ends soon, and every way in. */
export function HomePage(props: {
  picks: ProjectRow[]
  ending: ProjectRow[]
  popular: ProjectRow[]
  categories: Category[]
  places: Place[]
}) {
  const top = props.categories.filter(({ parent }) => parent === null)
  const live = top.reduce((sum, category) => sum + category.liveCount, 0)
  const [lead, ...picks] = props.picks
  return (
    <Document
      title="Back what should exist"
      description="Discover games, films, food, music and machines that people are making, and help them over the line."
      canonical={paths.home()}
      feed={{ href: paths.newestFeed(), title: 'Newest projects' }}
    >
      <section className="home-hero">
        <Bolt />
        <div>
          <h1>Back what should exist.</h1>
          <p className="home-lede">
            {live > 0
              ? `${plural(live, 'project is', 'projects are')} looking for people like you right now. `
              : 'People make things that others help them to make. '}
            Most are all or nothing: nobody pays unless the goal is reached.
          </p>
          <a className="button button-large" href={paths.discover()}>
            Discover projects
          </a>
          <p className="home-start">
            <StartLink>Or start one yourself</StartLink>
          </p>
        </div>
        {lead && (
          <div className="home-lead">
            <ProjectCard project={lead} level={2} eager />
          </div>
        )}
      </section>
      <CategoryLinks categories={top} />
      <Shelf
        id="picks"
        title="Staff picks"
        href={paths.discover()}
        more="Discover all"
        projects={picks}
        eager
      />
      <Shelf
        id="ending"
        title="Ending soon"
        href={paths.discover({ sort: 'ending' })}
        projects={props.ending}
      />
      <Shelf
        id="popular"
        title="Popular now"
        href={paths.discover({ sort: 'popular' })}
        projects={props.popular}
      />
      {live === 0 && (
        <EmptyState title="No project is live at the moment.">
          <p>
            <a href={paths.discover({ status: 'all' })}>See those that were</a>
          </p>
        </EmptyState>
      )}
      <Places places={props.places} />
    </Document>
  )
}

function SectionHead(props: { id: string; title: string; href: string; more: string }) {
  return (
    <div className="section-head">
      <h2 id={props.id}>{props.title}</h2>
      <a href={props.href}>{props.more}</a>
    </div>
  )
}

function Shelf(props: {
  id: string
  title: string
  href: string
  more?: string
  projects: ProjectRow[]
  eager?: boolean
}) {
  const { id, title, href, more = 'See all', projects, eager = false } = props
  if (projects.length === 0) return null
  return (
    <section className="home-shelf" aria-labelledby={id}>
      <SectionHead id={id} title={title} href={href} more={more} />
      <CardGrid projects={projects} level={3} eagerCards={eager ? 3 : 0} />
    </section>
  )
}

function CategoryLinks({ categories }: { categories: Category[] }) {
  return (
    <nav aria-label="Categories" className="home-categories">
      <ul className="index-links">
        {categories.map((category) => (
          <li key={category.slug}>
            <a href={paths.category(category.slug)}>
              {category.name} <small>{formatCount(category.liveCount)}</small>
            </a>
          </li>
        ))}
      </ul>
    </nav>
  )
}

function Places({ places }: { places: Place[] }) {
  if (places.length === 0) return null
  return (
    <section className="home-shelf" aria-labelledby="places">
      <SectionHead id="places" title="Made near you" href={paths.places()} more="All places" />
      <ul className="place-links">
        {places.map((place) => (
          <li key={place.stateSlug + place.citySlug}>
            <a href={paths.place(place.stateSlug, place.citySlug)}>
              <strong>{place.city}</strong>
              <span>{place.state === place.city ? place.country : place.state}</span>
              <small>{formatCount(place.liveCount)} live</small>
            </a>
          </li>
        ))}
      </ul>
    </section>
  )
}
