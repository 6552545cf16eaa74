import type { Permission } from '#db/schema/making'
import type { FormErrors, FormValues } from '#http/forms'
import { Avatar } from '#web/components/avatar'
import { EmptyState } from '#web/components/empty-state'
import { Field, FormAlert } from '#web/components/form'
import { Document } from '#web/document'
import { paths } from '#web/paths'
import { EditorPage } from '../parts/frame'
import { PartFields } from '../parts/people-form'
import type { Draft } from '../reads/drafts'
import type { Collaborator, Invitation } from '../reads/people'
import { permissionNames, whoCharactersMax } from '../rules/people'

interface Filled {
  values: FormValues
  errors: FormErrors
}

/** Who helps with a project, and the form by which others are asked to. */
export function PeoplePage(props: {
  draft: Draft
  collaborators: Collaborator[]
  /** Of the two forms, the one that came back. */
  invitation?: Filled | undefined
  withdrawal?: Filled | undefined
  done?: string | undefined
}) {
  const { draft, collaborators, invitation, withdrawal, done } = props
  return (
    <EditorPage draft={draft} part="people" done={done}>
      {collaborators.length === 0 && (
        <EmptyState title="Nobody helps you yet.">
          <p>Whoever you invite stands here once they have agreed.</p>
        </EmptyState>
      )}
      <ul className="editor-rows">
        {collaborators.map((person) => (
          <li key={person.id} className="editor-row">
            <Avatar id={person.id} image={person.image} size={48} />
            <div>
              <h3>
                <a href={paths.person(person)}>{person.name}</a>
              </h3>
              <p className="editor-row-facts">
                {[person.title, namesOf(person.permissions)].filter(Boolean).join(' · ')}
              </p>
            </div>
            <div className="editor-row-acts">
              <a href={paths.editPerson(draft, person.id)} aria-label={`Change ${person.name}`}>
                Change
              </a>
            </div>
          </li>
        ))}
      </ul>
      <InviteForm draft={draft} filled={invitation} />
      <WithdrawForm draft={draft} filled={withdrawal} />
    </EditorPage>
  )
}

const namesOf = (permissions: readonly Permission[]) =>
  permissions.map((permission) => permissionNames[permission].label).join(', ')

interface FormProps {
  draft: Draft
  filled: Filled | undefined
}

function InviteForm({ draft, filled }: FormProps) {
  const { values = {}, errors = {} } = filled ?? {}
  return (
    <section className="editor-act" aria-labelledby="invite">
      <h3 id="invite">Invite somebody</h3>
      {filled && <FormAlert>Nobody is invited yet: see below.</FormAlert>}
      <form className="form" method="post" action={paths.edit(draft, 'people')}>
        <WhoField
          label="Who"
          hint="The e-mail address of their account, or the address of their page here."
          filled={filled}
        />
        <PartFields values={values} errors={errors} />
        <button className="button" type="submit">
          Invite
        </button>
      </form>
    </section>
  )
}

function WithdrawForm({ draft, filled }: FormProps) {
  return (
    <section className="editor-act" aria-labelledby="withdraw">
      <h3 id="withdraw">Take an invitation back</h3>
      <p>As long as they have not agreed, it is as if they had never been asked.</p>
      <form className="form" method="post" action={paths.withdrawInvitation(draft)}>
        <WhoField label="Who was invited" filled={filled} />
        <button className="button button-quiet" type="submit">
          Take it back
        </button>
      </form>
    </section>
  )
}

function WhoField(props: { label: string; hint?: string; filled: Filled | undefined }) {
  const { filled, ...field } = props
  return (
    <Field
      {...field}
      name="who"
      autoComplete="off"
      required
      maxLength={whoCharactersMax}
      defaultValue={filled?.values['who']}
      error={filled?.errors['who']}
    />
  )
}

/** What one helper is called and may do. */
export function PersonPage(props: { draft: Draft; person: Collaborator; filled?: Filled }) {
  const { draft, person, filled } = props
  const stored: FormValues = {
    title: person.title,
    ...Object.fromEntries(person.permissions.map((permission) => [permission, 'yes'])),
  }
  const address = paths.editPerson(draft, person.id)
  return (
    <EditorPage draft={draft} part="people">
      <p>
        <a href={paths.edit(draft, 'people')}>Everybody who helps</a>
      </p>
      <h3>{person.name}</h3>
      {filled && <FormAlert>Nothing is saved yet: see below.</FormAlert>}
      <form className="form" method="post" action={address}>
        <PartFields values={filled?.values ?? stored} errors={filled?.errors ?? {}} />
        <button className="button" type="submit">
          Save
        </button>
      </form>
      <section className="editor-act" aria-labelledby="remove">
        <h3 id="remove">Send {person.name} away</h3>
        <p>They may do nothing here any more from that moment on. What they have done stays.</p>
        <form method="post" action={`${address}/remove`}>
          <button className="button button-quiet" type="submit">
            Send away
          </button>
        </form>
      </section>
    </EditorPage>
  )
}

/** What somebody is asked to help with, or helps with: to agree to, or to leave. */
export function InvitationPage({ invitation }: { invitation: Invitation }) {
  const { projectTitle, creatorId, creatorName, title, permissions, acceptedAt } = invitation
  const name = projectTitle || 'Untitled'
  const answer = (act: 'accept' | 'leave') => `${paths.invitation(invitation)}/${act}`
  return (
    <Document title={`Helping with ${name}`} hidden scripted>
      <div className="form-page">
        <h1>{name}</h1>
        <p className="lead">
          {acceptedAt ? 'You help ' : 'You are asked to help '}
          <a href={paths.person({ id: creatorId })}>{creatorName}</a> with this project
          {title && ` as “${title}”`}.
        </p>
        <h2>What you may do</h2>
        <dl className="invitation-permissions">
          {permissions.map((permission) => (
            <div key={permission}>
              <dt>{permissionNames[permission].label}</dt>
              <dd>{permissionNames[permission].hint}</dd>
            </div>
          ))}
        </dl>
        <p>Your name stands on the page of the project as long as you help.</p>
        <div className="editor-acts">
          {!acceptedAt && (
            <form method="post" action={answer('accept')}>
              <button className="button" type="submit">
                Help
              </button>
            </form>
          )}
          <form method="post" action={answer('leave')}>
            <button className="button button-quiet" type="submit">
              {acceptedAt ? 'Leave the project' : 'No, thank you'}
            </button>
          </form>
        </div>
      </div>
    </Document>
  )
}
