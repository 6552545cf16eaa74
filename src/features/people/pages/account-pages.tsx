import type { FormErrors, FormValues } from '#http/forms'
import { Field, FormAlert, Notice } from '#web/components/form'
import { FormerFields, KeptFields, keptTo } from '#web/components/kept-fields'
import { Document } from '#web/document'
import { paths } from '#web/paths'
import { nameCharactersMax, passwordCharactersMax, passwordCharactersMin } from '../rules'

/** What the form shows when it comes back. */
export interface Filled {
  values?: FormValues
  errors?: FormErrors
  /** What is wrong with the whole. */
  problem?: string
}

const email = { type: 'email', autoComplete: 'email', required: true, maxLength: 254 } as const
const newPassword = {
  ...{ type: 'password', autoComplete: 'new-password', required: true },
  ...{ minLength: passwordCharactersMin, maxLength: passwordCharactersMax },
  hint: `At least ${passwordCharactersMin} characters. A few words in a row are easy to remember.`,
} as const

export function JoinPage({ values = {}, errors = {}, problem }: Filled) {
  return (
    <Document title="Join" hidden>
      <div className="form-page">
        <h1>Join Jumpstarter</h1>
        <p className="lead">Back what you would like to exist, or make it yourself.</p>
        <form className="form" method="post" action={paths.signUp()}>
          {problem && <FormAlert>{problem}</FormAlert>}
          <input type="hidden" name="next" value={values['next'] ?? ''} />
          <Field
            name="name"
            label="Name"
            hint="Others see it. It need not be your legal name."
            autoComplete="name"
            required
            maxLength={nameCharactersMax}
            defaultValue={values['name']}
            error={errors['name']}
          />
          <Field
            name="email"
            label="E-mail"
            {...email}
            defaultValue={values['email']}
            error={errors['email']}
          />
          <Field name="password" label="Password" {...newPassword} error={errors['password']} />
          <button className="button" type="submit">
            Join
          </button>
        </form>
        <p className="aside">
          Already here? <a href={paths.signIn({ next: values['next'] })}>Sign in</a>
        </p>
      </div>
    </Document>
  )
}

/** After something was mailed, or would have been: it says the same in both cases. */
export function MailedPage(props: { title: string; email: string; outbox: boolean }) {
  return (
    <Document title={props.title} hidden>
      <div className="form-page">
        <h1>Look into your mail</h1>
        <p className="lead">
          We have written to <strong>{props.email}</strong>. Follow the link in that mail to go on.
          Nothing there after a few minutes? Look among the spam, or try again.
        </p>
        {props.outbox && (
          <Notice>
            This is a demo, so nothing is really sent:{' '}
            <a href={paths.outbox()}>read it in the outbox</a>.
          </Notice>
        )}
      </div>
    </Document>
  )
}

/** A link may be opened by a scanner, so it is a button that does what it says. */
export function ConfirmPage(props: {
  title: string
  lead: string
  action: string
  token: string
  /** Where it goes on from there. */
  next?: string | undefined
  label: string
}) {
  return (
    <Document title={props.title} hidden>
      <div className="form-page">
        <h1>{props.title}</h1>
        <p className="lead">{props.lead}</p>
        <form className="form" method="post" action={props.action}>
          <input type="hidden" name="token" value={props.token} />
          {props.next && <input type="hidden" name="next" value={props.next} />}
          <button className="button" type="submit">
            {props.label}
          </button>
        </form>
      </div>
    </Document>
  )
}

export function SignInPage({ values = {}, errors = {}, problem }: Filled) {
  return (
    <Document title="Sign in" hidden>
      <div className="form-page">
        <h1>Sign in</h1>
        <form className="form" method="post" action={paths.signIn()} {...carrying(values)}>
          {problem && <FormAlert>{problem}</FormAlert>}
          <KeptFields values={values} />
          <input type="hidden" name="next" value={values['next'] ?? ''} />
          <Field
            name="email"
            label="E-mail"
            {...email}
            defaultValue={values['email']}
            error={errors['email']}
          />
          <Field
            name="password"
            label="Password"
            type="password"
            autoComplete="current-password"
            required
            maxLength={passwordCharactersMax}
            error={errors['password']}
          />
          <button className="button" type="submit">
            Sign in
          </button>
        </form>
        <p className="aside">
          <a href={paths.reset()}>Forgot your password?</a> New here?{' '}
          <a href={paths.signUp({ next: values['next'] })}>Join</a>
        </p>
      </div>
    </Document>
  )
}

/** A form that carries another may be long, and is shorter in parts. */
const carrying = (values: FormValues) =>
  values[keptTo] === undefined ? {} : ({ encType: 'multipart/form-data' } as const)

/** After signing in: what was written before goes to where it was going. */
export function SendAgainPage({ values, to }: { values: FormValues; to: string }) {
  return (
    <Document title="You are signed in" hidden scripted>
      <div className="form-page">
        <h1>You are signed in</h1>
        <p className="lead">What you wrote is still here. Send it, and you are where you were.</p>
        <form
          className="form"
          method="post"
          action={to}
          encType="multipart/form-data"
          data-send-now=""
        >
          <FormerFields values={values} />
          <button className="button" type="submit">
            Send it now
          </button>
        </form>
      </div>
    </Document>
  )
}

/** The second step, for those who have turned it on. */
export function CodePage({ values = {}, errors = {} }: Filled) {
  return (
    <Document title="Type your code" hidden>
      <div className="form-page">
        <h1>One more step</h1>
        <p className="lead">Your authenticator app shows six digits for Jumpstarter.</p>
        <form className="form" method="post" action={paths.signInCode()} {...carrying(values)}>
          <KeptFields values={values} />
          <input type="hidden" name="next" value={values['next'] ?? ''} />
          <Field
            name="code"
            label="Code"
            hint="No telephone at hand? One of your recovery codes does it too, once."
            inputMode="numeric"
            autoComplete="one-time-code"
            required
            maxLength={40}
            error={errors['code']}
          />
          <button className="button" type="submit">
            Go on
          </button>
        </form>
      </div>
    </Document>
  )
}

export function ResetPage({ values = {}, errors = {} }: Filled) {
  return (
    <Document title="Choose a new password" hidden>
      <div className="form-page">
        <h1>Forgot your password?</h1>
        <p className="lead">We mail you a link to a new one.</p>
        <form className="form" method="post" action={paths.reset()}>
          <Field
            name="email"
            label="E-mail"
            {...email}
            defaultValue={values['email']}
            error={errors['email']}
          />
          <button className="button" type="submit">
            Mail me a link
          </button>
        </form>
      </div>
    </Document>
  )
}

export function NewPasswordPage({ token, errors = {} }: Filled & { token: string }) {
  return (
    <Document title="Choose a new password" hidden>
      <div className="form-page">
        <h1>Choose a new password</h1>
        <p className="lead">All browsers you are signed in with will be signed out.</p>
        <form className="form" method="post" action={paths.confirmReset()}>
          <input type="hidden" name="token" value={token} />
          <Field name="password" label="New password" {...newPassword} error={errors['password']} />
          <button className="button" type="submit">
            Use this password
          </button>
        </form>
      </div>
    </Document>
  )
}
