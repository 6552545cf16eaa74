import { type ReactNode, useId } from 'react'
import { scopes } from '#db/schema/accounts'
import { scopeSentences } from '#http/openapi'
import { formatDate, timeAgo } from '#lib/time'
import { Field, Notice } from '#web/components/form'
import { Document } from '#web/document'
import { paths } from '#web/paths'
import { useSite } from '#web/site'
import type { AccessToken } from '../reads/access-tokens'
import { accessTokenDays, accessTokenNameCharactersMax, passwordCharactersMax } from '../rules'
import type { Filled } from './account-pages'

/** The programs that may act for somebody, and the form for one more. */
export function TokensPage(props: Filled & { tokens: AccessToken[]; done?: boolean }) {
  const { tokens, done } = props
  return (
    <Document title="Access tokens" hidden>
      <div className="settings">
        <h1>Access tokens</h1>
        {done && <Notice>The token works no more.</Notice>}
        <p>
          With a token, a program of yours does through the <a href={paths.api()}>API</a> what you
          do here. Give it no more than it needs, and show it to nobody.
        </p>
        <section aria-labelledby="tokens">
          <h2 id="tokens">Your tokens</h2>
          {tokens.length === 0 ? (
            <p>There are none yet.</p>
          ) : (
            <ul className="session-list">
              {tokens.map((token) => (
                <TokenRow key={token.id} token={token} />
              ))}
            </ul>
          )}
        </section>
        <section aria-labelledby="new">
          <h2 id="new">A new one</h2>
          <TokenForm {...props} />
        </section>
        <p>
          <a href={paths.settings()}>All settings</a>
        </p>
      </div>
    </Document>
  )
}

function TokenRow({ token }: { token: AccessToken }) {
  const { now } = useSite()
  const { id, name, scopes: opens, usedAt, expiresAt } = token
  const isOver = expiresAt <= now
  return (
    <li>
      <div>
        <strong dir="auto">{name}</strong>
        <p>
          {opens.join(', ')} · {usedAt ? `Used ${timeAgo(usedAt, now)}` : 'Never used'} ·{' '}
          {isOver ? 'Ran out' : 'Works until'} {formatDate(expiresAt)}
        </p>
      </div>
      <form method="post" action={paths.revokeToken()}>
        <input type="hidden" name="token" value={id} />
        <button className="button button-quiet" type="submit" aria-label={`Revoke ${name}`}>
          Revoke
        </button>
      </form>
    </li>
  )
}

function TokenForm({ values = {}, errors = {} }: Filled) {
  return (
    <form className="form" method="post" action={paths.settingsOf('tokens')}>
      <Field
        name="name"
        label="Name"
        hint="What it is for, so that you know it again."
        required
        maxLength={accessTokenNameCharactersMax}
        defaultValue={values['name']}
        error={errors['name']}
      />
      <Choices legend="What it may do" error={errors['scopes']}>
        {scopes.map((scope) => (
          <label key={scope}>
            <input type="checkbox" name={scope} defaultChecked={values[scope] !== undefined} />
            <span>
              <strong>{scope}</strong> {scopeSentences[scope]}
            </span>
          </label>
        ))}
      </Choices>
      <Choices legend="For how long it works" error={errors['days']}>
        {accessTokenDays.map((days) => (
          <label key={days}>
            <input
              type="radio"
              name="days"
              value={days}
              defaultChecked={(values['days'] ?? accessTokenDays[1]) === days}
            />
            <span>{days} days</span>
          </label>
        ))}
      </Choices>
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
        Make a token
      </button>
    </form>
  )
}

function Choices(props: { legend: string; error: string | undefined; children: ReactNode }) {
  const id = useId()
  return (
    <fieldset className="choices" aria-describedby={props.error && id}>
      <legend>{props.legend}</legend>
      {props.error && (
        <p className="field-error" id={id}>
          {props.error}
        </p>
      )}
      {props.children}
    </fieldset>
  )
}

/** The only time it is shown. */
export function NewTokenPage({ name, token }: { name: string; token: string }) {
  return (
    <Document title="Your new token" hidden>
      <div className="form-page">
        <h1>Copy this token now</h1>
        <p className="lead">
          It is for <strong dir="auto">{name}</strong>, and it is not shown again: we keep nothing
          from which it could be found out.
        </p>
        <p className="secret">{token}</p>
        <p>
          <a className="button" href={paths.settingsOf('tokens')}>
            I have it
          </a>
        </p>
      </div>
    </Document>
  )
}
