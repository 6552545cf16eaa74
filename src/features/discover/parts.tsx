import { CardGrid, type CardProject } from '#features/projects/parts/card'
import { EmptyState } from '#web/components/empty-state'
import { Pager } from '#web/components/pager'
import { paths } from '#web/paths'
import type { Category } from './reads/catalog'
import { type ListQuery, sortNames, sorts, statusFilters, statusNames } from './rules'

/** A page of projects and the way on, or why there is none. */
export function ProjectList(props: {
  projects: CardProject[]
  label: string
  next: string | null
  first: string | null
  empty: string
}) {
  if (props.projects.length === 0 && props.next !== null) {
    // Where what fits is rare, one page looks only so far.
    return (
      <EmptyState title="Nothing fits so far.">
        <p>
          <a href={props.next} rel="next">
            Keep looking
          </a>
        </p>
      </EmptyState>
    )
  }
  if (props.projects.length === 0) {
    return (
      <EmptyState title={props.empty}>
        <p>
          <a href={props.first ?? paths.discover({ status: 'all' })}>
            {props.first ? 'Back to the start' : 'See all projects'}
          </a>
        </p>
      </EmptyState>
    )
  }
  return (
    <>
      <CardGrid projects={props.projects} level={2} label={props.label} eagerCards={3} />
      <Pager label="Pages of projects" next={props.next} first={props.first} />
    </>
  )
}

/** The filters as one form: works with the Enter key and without a script. */
export function Filters(props: {
  action: string
  query: Pick<ListQuery, 'category' | 'state' | 'city' | 'status' | 'sort'>
  /** Shown to choose from; empty where the page itself is the category. */
  categories: Category[]
}) {
  const { action, query, categories } = props
  return (
    <form className="filters" action={action}>
      {categories.length > 0 && (
        <label>
          Category
          <select name="category" defaultValue={query.category ?? ''}>
            <option value="">All categories</option>
            {categories
              .filter(({ parent }) => parent === null)
              .map((top) => (
                <optgroup key={top.slug} label={top.name}>
                  <option value={top.slug}>All of {top.name}</option>
                  {categories
                    .filter(({ parent }) => parent === top.slug)
                    .map((sub) => (
                      <option key={sub.slug} value={sub.slug}>
                        {sub.name}
                      </option>
                    ))}
                </optgroup>
              ))}
          </select>
        </label>
      )}
      <label>
        Status
        <select name="status" defaultValue={query.status}>
          {statusFilters.map((status) => (
            <option key={status} value={status}>
              {statusNames[status]}
            </option>
          ))}
        </select>
      </label>
      <label>
        Sort by
        <select name="sort" defaultValue={query.sort}>
          {sorts.map((sort) => (
            <option key={sort} value={sort}>
              {sortNames[sort]}
            </option>
          ))}
        </select>
      </label>
      {query.state && <input type="hidden" name="state" value={query.state} />}
      {query.city && <input type="hidden" name="city" value={query.city} />}
      <button type="submit" className="button button-quiet">
        Show
      </button>
    </form>
  )
}
