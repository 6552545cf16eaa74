import { plural } from '#lib/text'
import { formatMonth } from '#lib/time'
import { Avatar } from '#web/components/avatar'
import { paths } from '#web/paths'
import type { Person } from './reads/profiles'

/** Who this is: at the head of everything a person made or backed. */
export function PersonHeader({ person }: { person: Person }) {
  const home = [person.city, person.state === person.city ? '' : person.state, person.country]
  return (
    <header className="person-header">
      <Avatar id={person.id} size={96} />
      <div>
        <h1>{person.name}</h1>
        <p className="person-facts">
          {home.filter((part) => part !== '').join(', ')} · Joined {formatMonth(person.joinedAt)}
        </p>
        {person.bio && <p className="person-bio">{person.bio}</p>}
      </div>
    </header>
  )
}

/** What they made, and what they backed. */
export function PersonTabs({ person, current }: { person: Person; current: 'created' | 'backed' }) {
  const mark = (tab: typeof current) => (tab === current ? { 'aria-current': 'page' as const } : {})
  return (
    <nav className="tabs" aria-label="Projects of this person">
      <a href={paths.person(person)} {...mark('created')}>
        {plural(person.projectsCount, 'project')} created
      </a>
      <a href={paths.personBacked(person)} {...mark('backed')}>
        {plural(person.pledgesCount, 'project')} backed
      </a>
    </nav>
  )
}

/** A name beside its picture, leading to the person. */
export function PersonLink({ id, name }: { id: number; name: string }) {
  return (
    <a className="person-link" href={paths.person({ id })}>
      <Avatar id={id} size={32} />
      <span>{name}</span>
    </a>
  )
}
