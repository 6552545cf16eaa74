import type { ReactNode } from 'react'
import { plural } from '#lib/text'
import { EmptyState } from '#web/components/empty-state'
import { Pager } from '#web/components/pager'
import { Document } from '#web/document'
import { paths } from '#web/paths'
import { PersonLink, TieButton } from '../parts'

/** Whom somebody follows. */
export function FollowingPage(props: {
  people: { id: number; name: string; image: string | null; projectsCount: number }[]
  next: string | null
  isFirstPage: boolean
}) {
  const { people, next, isFirstPage } = props
  return (
    <Document title="People you follow" hidden>
      <div className="settings">
        <h1>People you follow</h1>
        {people.length === 0 ? (
          <EmptyState title={isFirstPage ? 'You follow nobody yet.' : 'That is all.'}>
            <p>
              “Follow” stands beside a creator’s name. Whoever follows a creator hears of each new
              project and update.
            </p>
            <p>
              <a className="button" href={paths.discover()}>
                Find a project
              </a>
            </p>
          </EmptyState>
        ) : (
          <TieList people={people} after={({ projectsCount }) => plural(projectsCount, 'project')}>
            {(person) => <TieButton act="unfollow" person={person} next={paths.following()} />}
          </TieList>
        )}
        <Pager
          label="Pages of people"
          next={next && paths.following({ after: next })}
          first={isFirstPage ? null : paths.following()}
        />
      </div>
    </Document>
  )
}

/** Whom somebody has blocked. */
export function BlockedPage(props: {
  people: { id: number; name: string; image: string | null }[]
  next: number | null
  isFirstPage: boolean
}) {
  const { people, next, isFirstPage } = props
  const here = paths.settingsOf('blocked')
  return (
    <Document title="People you have blocked" hidden>
      <div className="settings">
        <h1>People you have blocked</h1>
        <p>
          You and they cannot write to each other or follow each other, and neither hears what the
          other does. To block somebody, open their page.
        </p>
        {people.length === 0 ? (
          <EmptyState title={isFirstPage ? 'You have blocked nobody.' : 'That is all.'} />
        ) : (
          <TieList people={people}>
            {(person) => <TieButton act="unblock" person={person} next={here} />}
          </TieList>
        )}
        <Pager
          label="Pages of people"
          next={next === null ? null : `${here}?after=${next}`}
          first={isFirstPage ? null : here}
        />
        <p>
          <a href={paths.settings()}>All settings</a>
        </p>
      </div>
    </Document>
  )
}

function TieList<Person extends { id: number; name: string; image: string | null }>(props: {
  people: Person[]
  after?: (person: Person) => string
  children: (person: Person) => ReactNode
}) {
  return (
    <ul className="session-list">
      {props.people.map((person) => (
        <li key={person.id}>
          <div>
            <PersonLink id={person.id} name={person.name} image={person.image} />
            {props.after && <p>{props.after(person)}</p>}
          </div>
          {props.children(person)}
        </li>
      ))}
    </ul>
  )
}
