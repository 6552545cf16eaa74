import type { Restriction } from '#db/restrictions'
import { formatDate, formatMoment } from '#lib/time'
import { Field, FormAlert, Notice } from '#web/components/form'
import { paths } from '#web/paths'
import { ActList } from '../parts/acts'
import type { Typed } from '../parts/forms'
import { Part, StaffPage } from '../parts/frame'
import { RestrictionForm, restrictAction } from '../parts/restriction-form'
import type { LoggedAct } from '../reads/log'
import type { findPersonRecord, listMade } from '../reads/people'
import { restrictionNames } from '../rules'
import { type CreatorRecord, CreatorRecordText, statusNames } from './project-page'

/** The way to a person. */
export function FindPersonPage({ text, problem }: { text: string; problem?: string | undefined }) {
  return (
    <StaffPage title="Find a person" current="people">
      <form className="form log-filter" action={paths.staff('people')}>
        <Field
          name="q"
          label="Number or e-mail address"
          required
          maxLength={254}
          defaultValue={text}
          error={problem}
        />
        <button className="button" type="submit">
          Find
        </button>
      </form>
    </StaffPage>
  )
}

export interface StaffPerson {
  person: NonNullable<Awaited<ReturnType<typeof findPersonRecord>>>
  record: CreatorRecord
  made: Awaited<ReturnType<typeof listMade>>
  restrictions: Restriction[]
  acts: LoggedAct[]
  typed?: Typed | undefined
  done?: string | undefined
  isLate?: boolean
}

/** A person as staff knows them. */
export function StaffPersonPage(props: StaffPerson) {
  const { person, made } = props
  return (
    <StaffPage
      title={person.name}
      current="people"
      lead={
        <>
          {standing(person)} · Joined {formatDate(person.joinedAt)} ·{' '}
          <a href={paths.person(person)}>Their page</a>
        </>
      }
    >
      {props.isLate && (
        <FormAlert>That can no longer be done: somebody of staff was quicker.</FormAlert>
      )}
      {props.done && <Notice>{props.done}</Notice>}
      <Restrictions {...props} />
      <Part id="record" title="Their record">
        <CreatorRecordText record={props.record} />
        <ul className="lines">
          {made.map(({ id, title, status }) => (
            <li key={id}>
              <p>
                <a href={paths.staffProject({ id })} dir="auto">
                  {title || 'Untitled'}
                </a>{' '}
                <span className="line-reason">{statusNames[status]}</span>
              </p>
            </li>
          ))}
        </ul>
      </Part>
      <Part id="acts" title="What staff did">
        <ActList acts={props.acts} empty="Nothing yet." />
      </Part>
    </StaffPage>
  )
}

function standing({ role, deletedAt }: StaffPerson['person']): string {
  if (deletedAt) return 'Has left'
  if (role === null) return 'Without an account'
  return role === 'staff' ? 'Staff' : 'Member'
}

function Restrictions({ person, restrictions, typed }: StaffPerson) {
  return (
    <Part id="restrictions" title="Restrictions">
      {restrictions.length === 0 && <p className="staff-lead">None.</p>}
      <ul className="lines">
        {restrictions.map(({ kind, reason, until }) => (
          <li key={kind} className="line-with-act">
            <div>
              <p>
                <strong>{restrictionNames[kind]}</strong>{' '}
                {until ? `until ${formatMoment(until)}` : 'until it is lifted'}
              </p>
              <p className="line-reason" dir="auto">
                {reason}
              </p>
            </div>
            <form method="post" action={`${restrictAction(person)}/${kind}/lift`}>
              <button className="button button-quiet" type="submit">
                Lift it
              </button>
            </form>
          </li>
        ))}
      </ul>
      {person.role === 'member' && !person.deletedAt ? (
        <RestrictionForm person={person} typed={typed} />
      ) : (
        <p className="staff-lead">
          {person.role === 'staff' ? 'Staff cannot be restricted.' : 'There is nobody to restrict.'}
        </p>
      )}
    </Part>
  )
}
