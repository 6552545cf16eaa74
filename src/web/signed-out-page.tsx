import { Field } from './components/form'
import { KeptFields, type KeptForm } from './components/kept-fields'
import { Document } from './document'
import { paths } from './paths'

/** For whoever sends a form after their session has ended: it holds what they wrote. */
export function SignedOutPage({ values }: { values: KeptForm }) {
  return (
    <Document title="Sign in to go on" hidden scripted>
      <div className="form-page">
        <h1>Sign in to go on</h1>
        <p className="lead">
          You are not signed in, or no longer. What you wrote is kept in this page: sign in, and it
          is sent. A file has to be chosen again.
        </p>
        <form
          className="form"
          method="post"
          action={paths.signIn()}
          // Or the letters of some languages would take nine characters each.
          encType="multipart/form-data"
        >
          <KeptFields values={values} />
          <Field name="email" label="E-mail" type="email" autoComplete="email" required />
          <Field
            name="password"
            label="Password"
            type="password"
            autoComplete="current-password"
            required
          />
          <button className="button" type="submit">
            Sign in and go on
          </button>
        </form>
      </div>
    </Document>
  )
}
