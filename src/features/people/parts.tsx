import type { ReactNode } from 'react'
import { plural } from '#lib/text'
import { formatMonth } from '#lib/time'
import { Avatar } from '#web/components/avatar'
import { paths } from '#web/paths'
import { useSite } from '#web/site'
import type { Person, Ties } from './reads/profiles'

/** Who this is: at the head of everything a person made or backed. */
export function PersonHeader({ person, children }: { person: Person; children?: ReactNode }) {
  const home = [person.city, person.state === person.city ? '' : person.state, person.country]
    .filter((part) => part !== '')
    .join(', ')
  return (
    <header className="person-header">
      <Avatar id={person.id} image={person.image} size={96} />
      <div>
        <h1>{person.name}</h1>
        <p className="person-facts">
          {home !== '' && `${home} · `}Joined {formatMonth(person.joinedAt)}
        </p>
        {person.bio && <p className="person-bio">{person.bio}</p>}
        {children}
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
export function PersonLink(props: { id: number; name: string; image?: string | null }) {
  const { id, name, image } = props
  return (
    <a className="person-link" href={paths.person({ id })}>
      <Avatar id={id} image={image} size={32} />
      <span>{name}</span>
    </a>
  )
}

type Tie = 'follow' | 'unfollow' | 'block' | 'unblock'
const tieLabels = { follow: 'Follow', unfollow: 'Unfollow', block: 'Block', unblock: 'Unblock' }

/** Follows or blocks somebody, or undoes it. `next` is where it stands. */
export function TieButton(props: {
  act: Tie
  person: { id: number; name: string }
  next?: string
}) {
  const { act, person, next } = props
  const label = tieLabels[act]
  return (
    <form method="post" action={paths[act](person)}>
      {next && <input type="hidden" name="next" value={next} />}
      <button className="button button-quiet" type="submit" aria-label={`${label} ${person.name}`}>
        {label}
      </button>
    </form>
  )
}

/** Follow or unfollow; whoever has not signed in is asked to. Nothing beside one's own name. */
export function FollowButton(props: {
  person: { id: number; name: string }
  ties: Ties | undefined
  next: string
}) {
  const { person, ties, next } = props
  const { viewer } = useSite()
  if (viewer?.id === person.id || ties?.hasBlocked) return null
  const act = ties?.isFollowed ? 'unfollow' : 'follow'
  if (viewer) return <TieButton act={act} person={person} next={next} />
  return (
    <a className="button button-quiet" href={paths.signIn({ next })} rel="nofollow">
      Follow
    </a>
  )
}

/** What whoever is signed in may do about a person. */
export function PersonActs({ person, ties }: { person: Person; ties: Ties | undefined }) {
  const { viewer } = useSite()
  const next = paths.person(person)
  if (viewer?.id === person.id) {
    return (
      <p className="person-acts">
        <a className="button button-quiet" href={paths.settings()}>
          Change what others see
        </a>
      </p>
    )
  }
  return (
    <div className="person-acts">
      <FollowButton person={person} ties={ties} next={next} />
      {viewer && <TieButton act={ties?.hasBlocked ? 'unblock' : 'block'} person={person} />}
      {viewer && <a href={paths.report({ kind: 'person', subject: person.id })}>Report</a>}
    </div>
  )
}
