import { type Context, Hono } from 'hono'
import { findPending } from '#db/sessions'
import type { AppEnv } from '#http/env'
import { type FormValues, readForm } from '#http/forms'
import { addressOf, delayBeyond, limit } from '#http/rate-limit'
import { renderPage } from '#http/render'
import { nextPath, sessionHash, signIn, signOut } from '#http/session'
import { AppError } from '#lib/errors'
import { hashToken } from '#lib/tokens'
import { keptTo } from '#web/components/kept-fields'
import { paths } from '#web/paths'
import {
  CodePage,
  ConfirmPage,
  JoinPage,
  MailedPage,
  NewPasswordPage,
  ResetPage,
  SendAgainPage,
  SignInPage,
} from '../pages/account-pages'
import { findLink } from '../reads/accounts'
import {
  codeForm,
  joinForm,
  newPasswordForm,
  resetForm,
  showsOutbox,
  signInForm,
  tokenForm,
} from '../rules'
import { askToJoin, join } from '../writes/joining'
import { takeCode } from '../writes/second-step'
import { askForReset, checkPassword, resetPassword } from '../writes/signing-in'

export const accounts = new Hono<AppEnv>()

const hourS = 3600
// Of one address: a school or an office may be behind it. Of one account: whoever guesses.
const mailsPerAddress = { times: 20, seconds: hourS }
const mailsPerAccount = { times: 4, seconds: hourS }
const triesPerAddress = { times: 60, seconds: hourS / 4 }
const triesPerAddressAndAccount = { times: 10, seconds: hourS / 4 }
const triesPerAccount = { times: 30, seconds: hourS / 4 }
const codesPerAccount = { times: 10, seconds: hourS / 4 }

accounts.get('/sign-up', (c) =>
  renderPage(c, <JoinPage values={{ next: onward(c.req.query('next')) }} />),
)

accounts.post('/sign-up', async (c) => {
  const { values, data, errors } = await readForm(c, joinForm)
  if (errors) return renderPage(c, <JoinPage values={values} errors={errors} />, 422)
  await limitMails(c, data.email)
  const { db, config } = c.var.deps
  await askToJoin(db, { ...data, next: onward(data.next) }, config.baseUrl)
  return mailed(c, 'Join', data.email)
})

accounts.get('/sign-up/confirm', async (c) => {
  const link = await requireLink(c, 'sign-up')
  return renderPage(
    c,
    <ConfirmPage
      title="Confirm your address"
      lead={`Nearly done, ${link.name}: this makes your account with ${link.email}.`}
      action={paths.confirmSignUp()}
      token={link.token}
      next={onward(c.req.query('next'))}
      label="Make my account"
    />,
  )
})

accounts.post('/sign-up/confirm', async (c) => {
  const { data } = await readForm(c, tokenForm)
  if (!data) throw new AppError('link_used')
  await signIn(c, await join(c.var.deps.db, data.token))
  return c.redirect(onward(data.next) || paths.settings({ done: 'joined' }), 303)
})

/** Where somebody was going when they were asked to join; empty when nowhere. */
function onward(text: string | undefined): string {
  const path = nextPath(text)
  return path === paths.home() ? '' : path
}

accounts.get('/sign-in', (c) => {
  const next = nextPath(c.req.query('next'))
  if (c.var.viewer) return c.redirect(next, 303)
  return renderPage(c, <SignInPage values={{ next: onward(next) }} />)
})

accounts.post('/sign-in', async (c) => {
  const { values, data, errors } = await readForm(c, signInForm)
  if (errors) return renderPage(c, <SignInPage values={values} errors={errors} />, 422)
  const { email, password } = data
  const address = addressOf(c)
  await limit(c, 'sign-in', address, triesPerAddress)
  await limit(c, 'sign-in', `${address} ${email}`, triesPerAddressAndAccount)
  // From many addresses at once, nobody is locked out of their own account.
  await delayBeyond(c, 'sign-in', email, triesPerAccount)
  const account = await checkPassword(c.var.deps.db, email, password)
  if (!account) {
    const problem = 'No account has this address and this password.'
    return renderPage(c, <SignInPage values={values} problem={problem} />, 422)
  }
  const next = nextPath(data.next)
  await signIn(c, account.personId, { pending: account.hasSecondStep })
  if (!account.hasSecondStep) return goOn(c, values, next)
  if (values[keptTo]) return renderPage(c, <CodePage values={values} />)
  return c.redirect(paths.signInCode({ next }), 303)
})

accounts.get('/sign-in/code', (c) =>
  renderPage(c, <CodePage values={{ next: nextPath(c.req.query('next')) }} />),
)

accounts.post('/sign-in/code', async (c) => {
  const { db } = c.var.deps
  const { values, data, errors } = await readForm(c, codeForm)
  if (errors) return renderPage(c, <CodePage values={values} errors={errors} />, 422)
  const hash = sessionHash(c)
  const personId = hash && (await findPending(db, hash))
  if (personId === undefined) return c.redirect(paths.signIn({ next: nextPath(data.next) }), 303)
  await limit(c, 'code', String(personId), codesPerAccount)
  if (!(await takeCode(db, personId, data.code))) {
    const wrong = { code: 'Is not the code of now. Codes change every 30 seconds.' }
    return renderPage(c, <CodePage values={values} errors={wrong} />, 422)
  }
  await signIn(c, personId)
  return goOn(c, values, nextPath(data.next))
})

/** Whoever wrote something before signing in sends it now. */
function goOn(c: Context<AppEnv>, values: FormValues, next: string): Response {
  const to = values[keptTo]
  if (to === undefined) return c.redirect(next, 303)
  c.header('Cache-Control', 'private, no-store')
  return renderPage(c, <SendAgainPage values={values} to={nextPath(to)} />)
}

accounts.post('/sign-out', async (c) => {
  await signOut(c)
  return c.redirect(paths.home(), 303)
})

accounts.get('/reset-password', (c) => renderPage(c, <ResetPage />))

accounts.post('/reset-password', async (c) => {
  const { values, data, errors } = await readForm(c, resetForm)
  if (errors) return renderPage(c, <ResetPage values={values} errors={errors} />, 422)
  await limitMails(c, data.email)
  const { db, config } = c.var.deps
  await askForReset(db, data.email, config.baseUrl)
  return mailed(c, 'Choose a new password', data.email)
})

accounts.get('/reset-password/confirm', async (c) => {
  const { token } = await requireLink(c, 'reset')
  return renderPage(c, <NewPasswordPage token={token} />)
})

accounts.post('/reset-password/confirm', async (c) => {
  const { values, data, errors } = await readForm(c, newPasswordForm)
  if (errors) {
    const token = values['token'] ?? ''
    return renderPage(c, <NewPasswordPage token={token} errors={errors} />, 422)
  }
  const { db, config } = c.var.deps
  const { personId, hasSecondStep } = await resetPassword(db, data, config.baseUrl)
  const next = paths.settings({ done: 'password' })
  await signIn(c, personId, { pending: hasSecondStep })
  return c.redirect(hasSecondStep ? paths.signInCode({ next }) : next, 303)
})

async function limitMails(c: Context<AppEnv>, email: string): Promise<void> {
  await limit(c, 'mail', addressOf(c), mailsPerAddress)
  await limit(c, 'mail', email, mailsPerAccount)
}

/** The same answer whether there is an account or not. */
function mailed(c: Context<AppEnv>, title: string, email: string): Response {
  const outbox = showsOutbox(c.var.deps.config)
  return renderPage(c, <MailedPage title={title} email={email} outbox={outbox} />)
}

/** The link this page was opened by. Throws AppError link_used when it works no more. */
async function requireLink(c: Context<AppEnv>, kind: 'sign-up' | 'reset') {
  const token = c.req.query('token') ?? ''
  const link = await findLink(c.var.deps.db, hashToken(token))
  if (link?.kind !== kind) throw new AppError('link_used')
  return { ...link, token }
}
