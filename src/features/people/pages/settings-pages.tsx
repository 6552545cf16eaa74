import type { ReactNode } from 'react'
import { timeAgo } from '#lib/time'
import { Field, FormAlert, Notice, TextField } from '#web/components/form'
import { Document } from '#web/document'
import { paths } from '#web/paths'
import { useSite } from '#web/site'
import type { Session } from '../reads/accounts'
import { bioCharactersMax, browserName, nameCharactersMax, passwordCharactersMax } from '../rules'
import type { Filled } from './account-pages'

/** What somebody may change about their account: each part is a form of its own. */
export interface Settings {
  personId: number
  email: string
  sessions: Session[]
  /** The browser that asks. */
  currentSession: string | undefined
  profile: Filled
  password?: Filled
  newEmail?: Filled
  hasSecondStep: boolean
  turnOff?: Filled
  /** What has just been done. */
  done?: string | undefined
  /** What staff has taken from this account for now, each as a sentence. */
  restrictions: string[]
}

export function SettingsPage(settings: Settings) {
  return (
    <Document title="Settings" hidden>
      <div className="settings">
        <h1>Settings</h1>
        {settings.done && <Notice>{settings.done}</Notice>}
        {settings.restrictions.map((sentence) => (
          <FormAlert key={sentence}>{sentence}</FormAlert>
        ))}
        <ProfileForm {...settings} />
        <EmailForm {...settings} />
        <PasswordForm {...settings} />
        <SecondStep {...settings} />
        <Sessions {...settings} />
        <Elsewhere />
      </div>
    </Document>
  )
}

function Part({ id, title, children }: { id: string; title: string; children: ReactNode }) {
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      {children}
    </section>
  )
}

function ProfileForm({ personId, profile }: Settings) {
  const { values = {}, errors = {} } = profile
  const field = (name: string) => ({ name, defaultValue: values[name], error: errors[name] })
  return (
    <Part id="profile" title="What others see">
      <p>
        <a href={paths.person({ id: personId })}>Your page</a> ·{' '}
        <a href={paths.settingsOf('picture')}>Your picture</a>
      </p>
      <form className="form" method="post" action={paths.settings()}>
        <Field {...field('name')} label="Name" required maxLength={nameCharactersMax} />
        <TextField {...field('bio')} label="About you" maxLength={bioCharactersMax} rows={4} />
        <Field {...field('city')} label="City" maxLength={80} />
        <Field {...field('state')} label="State or region" maxLength={80} />
        <Field {...field('country')} label="Country" maxLength={80} />
        <button className="button" type="submit">
          Save
        </button>
      </form>
    </Part>
  )
}

const current = {
  ...{ type: 'password', autoComplete: 'current-password', required: true },
  maxLength: passwordCharactersMax,
} as const

function EmailForm({ email, newEmail = {} }: Settings) {
  const { values = {}, errors = {}, problem } = newEmail
  return (
    <Part id="e-mail" title="E-mail">
      <p>
        Mail goes to <strong>{email}</strong>. A new address has to be confirmed first.
      </p>
      <form className="form" method="post" action={paths.settingsOf('email')}>
        {problem && <FormAlert>{problem}</FormAlert>}
        <Field
          name="email"
          label="New address"
          type="email"
          required
          maxLength={254}
          defaultValue={values['email']}
          error={errors['email']}
        />
        <Field name="password" label="Your password" {...current} error={errors['password']} />
        <button className="button" type="submit">
          Change address
        </button>
      </form>
    </Part>
  )
}

function PasswordForm({ password = {} }: Settings) {
  const { errors = {}, problem } = password
  return (
    <Part id="password" title="Password">
      <form className="form" method="post" action={paths.settingsOf('password')}>
        {problem && <FormAlert>{problem}</FormAlert>}
        <Field name="current" label="Old password" {...current} error={errors['current']} />
        <Field
          name="password"
          label="New one"
          {...current}
          autoComplete="new-password"
          hint="All other browsers will be signed out."
          error={errors['password']}
        />
        <button className="button" type="submit">
          Change password
        </button>
      </form>
    </Part>
  )
}

function SecondStep({ hasSecondStep, turnOff = {} }: Settings) {
  if (!hasSecondStep) {
    return (
      <Part id="second-step" title="Second step">
        <p>With an app on your telephone, whoever learns your password still cannot sign in.</p>
        <p>
          <a className="button" href={paths.settingsOf('second-step')}>
            Turn it on
          </a>
        </p>
      </Part>
    )
  }
  return (
    <Part id="second-step" title="Second step">
      <p>Signing in asks for a code of your authenticator app.</p>
      <form className="form" method="post" action={paths.turnOffSecondStep()}>
        <Field
          name="password"
          label="Your password"
          {...current}
          error={turnOff.errors?.['password']}
        />
        <button className="button button-quiet" type="submit">
          Turn it off
        </button>
      </form>
    </Part>
  )
}

function Sessions({ sessions, currentSession }: Settings) {
  const { now } = useSite()
  return (
    <Part id="sessions" title="Signed in with">
      <ul className="session-list">
        {sessions.map(({ id, userAgent, seenAt }) => (
          <li key={id}>
            <div>
              <strong>{browserName(userAgent)}</strong>
              <p>{id === currentSession ? 'This browser' : `Seen ${timeAgo(seenAt, now)}`}</p>
            </div>
            <form method="post" action={paths.settingsOf('sessions')}>
              <input type="hidden" name="session" value={id} />
              <button className="button button-quiet" type="submit">
                Sign out
              </button>
            </form>
          </li>
        ))}
      </ul>
    </Part>
  )
}

function Elsewhere() {
  return (
    <Part id="more" title="More">
      <ul>
        <li>
          <a href={paths.settingsOf('notifications')}>Notifications</a>: what comes by mail
        </li>
        <li>
          <a href={paths.cards()}>Your cards</a>, for what you back
        </li>
        <li>
          <a href={paths.addresses()}>Your addresses</a>, for what creators send you
        </li>
        <li>
          <a href={paths.settingsOf('blocked')}>People you have blocked</a>
        </li>
        <li>
          <a href={paths.settingsOf('tokens')}>Access tokens</a>, for programs of yours
        </li>
        <li>
          <a href={paths.settingsOf('privacy')}>Your data</a>: download it, or delete your account
        </li>
      </ul>
    </Part>
  )
}
