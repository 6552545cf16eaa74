import { encode } from 'uqr'
import { Field } from '#web/components/form'
import { Document } from '#web/document'
import { paths } from '#web/paths'
import { passwordCharactersMax } from '../rules'
import type { Filled } from './account-pages'

/** Shows a secret to an authenticator app, and asks for its first code. */
export function SecondStepPage(props: Filled & { secret: string; uri: string }) {
  const { secret, uri, errors = {} } = props
  return (
    <Document title="Turn on the second step" hidden>
      <div className="form-page">
        <h1>A second step</h1>
        <p className="lead">
          Scan this with an authenticator app, or type the secret into it. Then type the six digits
          that it shows.
        </p>
        <QrCode text={uri} label="The secret, for an authenticator app" />
        <p className="secret">{secret.match(/.{1,4}/g)?.join(' ')}</p>
        <form className="form" method="post" action={paths.settingsOf('second-step')}>
          <input type="hidden" name="secret" value={secret} />
          <Field
            name="code"
            label="Code"
            inputMode="numeric"
            autoComplete="one-time-code"
            required
            maxLength={40}
            error={errors['code']}
          />
          <Field
            name="password"
            label="Your password"
            type="password"
            autoComplete="current-password"
            required
            maxLength={passwordCharactersMax}
            error={errors['password']}
          />
          <button className="button" type="submit">
            Turn it on
          </button>
        </form>
        <p className="aside">
          <a href={paths.settings()}>All settings</a>
        </p>
      </div>
    </Document>
  )
}

/** The only time they are shown. */
export function RecoveryCodesPage({ codes }: { codes: string[] }) {
  return (
    <Document title="Your recovery codes" hidden>
      <div className="form-page">
        <h1>Keep these codes</h1>
        <p className="lead">
          Each of them signs you in once when your telephone is gone. They are not shown again:
          write them down, or print this page.
        </p>
        <ul className="secret">
          {codes.map((code) => (
            <li key={code}>{code.match(/.{1,4}/g)?.join(' ')}</li>
          ))}
        </ul>
        <p>
          <a className="button" href={paths.settings()}>
            I have them
          </a>
        </p>
      </div>
    </Document>
  )
}

function QrCode({ text, label }: { text: string; label: string }) {
  const { size, data } = encode(text)
  const dark = data.flatMap((row, y) => row.flatMap((on, x) => (on ? [`M${x} ${y}h1v1h-1z`] : [])))
  return (
    <svg className="qr-code" viewBox={`0 0 ${size} ${size}`} role="img" aria-label={label}>
      <path d={dark.join('')} />
    </svg>
  )
}
