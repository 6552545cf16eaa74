import { passwordCharactersMax, passwordCharactersMin } from '#features/people/rules'
import { Field, Notice } from '#web/components/form'
import { Document } from '#web/document'
import { paths } from '#web/paths'

/** The same whether the address has an account or not. */
export function InvitedPage({ email, outbox }: { email: string; outbox: boolean }) {
  return (
    <Document title="Look into your mail" hidden>
      <div className="form-page">
        <h1>Look into your mail</h1>
        <p className="lead">
          We have written to <strong>{email}</strong>. Follow the link in that mail to go on with
          your pledge. Nothing is pledged so far.
        </p>
        {outbox && (
          <Notice>
            This is a demo, so nothing is really sent:{' '}
            <a href={paths.outbox()}>read it in the outbox</a>.
          </Notice>
        )}
      </div>
    </Document>
  )
}

/** A guest becomes a member: the address is known to be theirs, so a password is all it takes. */
export function ClaimPage(props: {
  name: string
  email: string
  errors?: Readonly<Record<string, string>>
}) {
  const { name, email, errors = {} } = props
  return (
    <Document title="Make an account" hidden>
      <div className="form-page">
        <h1>Make an account of it</h1>
        <p className="lead">
          What you have pledged as {name} becomes part of your account. You sign in with{' '}
          <strong>{email}</strong> and this password.
        </p>
        <form className="form" method="post" action={paths.claimGuest()}>
          <Field
            name="password"
            label="Password"
            type="password"
            autoComplete="new-password"
            required
            minLength={passwordCharactersMin}
            maxLength={passwordCharactersMax}
            hint={`At least ${passwordCharactersMin} characters. A few words in a row are easy to remember.`}
            error={errors['password']}
          />
          <button className="button" type="submit">
            Make my account
          </button>
        </form>
      </div>
    </Document>
  )
}
