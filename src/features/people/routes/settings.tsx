import { type Context, Hono } from 'hono'
import { listRestrictions } from '#db/restrictions'
import type { AppEnv } from '#http/env'
import { type FormErrors, readForm } from '#http/forms'
import { found } from '#http/input'
import { limit } from '#http/rate-limit'
import { renderPage } from '#http/render'
import { requireViewer, sessionHash, tellRestriction } from '#http/session'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { ConfirmPage } from '../pages/account-pages'
import { RecoveryCodesPage, SecondStepPage } from '../pages/second-step-pages'
import { type Settings, SettingsPage } from '../pages/settings-pages'
import { findOwnAccount, listSessions } from '../reads/accounts'
import {
  emailForm,
  passwordForm,
  passwordTries,
  profileForm,
  secondStepForm,
  sessionForm,
  tokenForm,
  turnOffForm,
} from '../rules'
import { changeProfile } from '../writes/profile'
import { newSecret, secretUri, turnOffSecondStep, turnOnSecondStep } from '../writes/second-step'
import { askForEmail, changeEmail, changePassword, revokeSession } from '../writes/signing-in'

export const settings = new Hono<AppEnv>()

const doneSentences: Record<string, string> = {
  joined: 'Welcome! Your account is made. Here you may say who you are, or leave that for later.',
  profile: 'Saved. Others see it now.',
  password: 'Your password is changed. All other browsers were signed out.',
  email: 'Now look into the mail of the new address: a link there completes the change.',
  confirmed: 'Your address is changed.',
  session: 'That browser is signed out.',
  'second-step': 'Your password alone signs you in now.',
}

settings.get('/settings', (c) => page(c, { done: doneSentences[c.req.query('done') ?? ''] }))

settings.post('/settings', async (c) => {
  const { id } = requireViewer(c)
  const { values, data, errors } = await readForm(c, profileForm)
  if (errors) return page(c, { profile: { values, errors } }, 422)
  await changeProfile(c.var.deps.db, id, data)
  return c.redirect(paths.settings({ done: 'profile' }), 303)
})

settings.post('/settings/email', async (c) => {
  const { id } = requireViewer(c)
  const { values, data, errors } = await readForm(c, emailForm)
  if (errors) return page(c, { newEmail: { values, errors } }, 422)
  await limit(c, 'password', String(id), passwordTries)
  const { db, config } = c.var.deps
  if (!(await askForEmail(db, { personId: id, ...data }, config.baseUrl))) {
    return page(c, { newEmail: { values, errors: { password: 'Is not your password.' } } }, 422)
  }
  return c.redirect(paths.settings({ done: 'email' }), 303)
})

settings.get('/settings/email/confirm', (c) =>
  renderPage(
    c,
    <ConfirmPage
      title="Confirm your new address"
      lead="From now on mail goes to this address, and you sign in with it."
      action={paths.confirmEmail()}
      token={c.req.query('token') ?? ''}
      label="Use this address"
    />,
  ),
)

settings.post('/settings/email/confirm', async (c) => {
  const { data } = await readForm(c, tokenForm)
  const isChanged = data && (await changeEmail(c.var.deps.db, data.token))
  if (!isChanged) throw new AppError('link_used')
  return c.redirect(paths.settings({ done: 'confirmed' }), 303)
})

settings.post('/settings/password', async (c) => {
  const { id } = requireViewer(c)
  const { data, errors } = await readForm(c, passwordForm)
  if (errors) return page(c, { password: { errors } }, 422)
  await limit(c, 'password', String(id), passwordTries)
  const { db, config } = c.var.deps
  const change = { personId: id, ...data, sessionHash: sessionHash(c) }
  if (!(await changePassword(db, change, config.baseUrl))) {
    return page(c, { password: { errors: { current: 'Is not your password.' } } }, 422)
  }
  return c.redirect(paths.settings({ done: 'password' }), 303)
})

settings.get('/settings/second-step', (c) => {
  const { email } = requireViewer(c)
  return renderPage(c, <SecondStepPage {...newSecret(email)} />)
})

settings.post('/settings/second-step', async (c) => {
  const { id, email } = requireViewer(c)
  const { values, data, errors } = await readForm(c, secondStepForm)
  const again = (wrong: FormErrors) => {
    // What an app has scanned stays, whatever else was wrong.
    const given = wrong['secret'] ? undefined : values['secret']
    const secret = given ?? newSecret(email).secret
    const filled = { secret, uri: secretUri(secret, email), values, errors: wrong }
    return renderPage(c, <SecondStepPage {...filled} />, 422)
  }
  if (errors) return again(errors)
  await limit(c, 'password', String(id), passwordTries)
  const { db, config } = c.var.deps
  const turned = await turnOnSecondStep(db, { personId: id, ...data }, config.baseUrl)
  if ('codes' in turned) return renderPage(c, <RecoveryCodesPage codes={turned.codes} />)
  return again(
    turned.wrong === 'code'
      ? { code: 'Is not the code of now. Codes change every 30 seconds.' }
      : { password: 'Is not your password.' },
  )
})

settings.post('/settings/second-step/turn-off', async (c) => {
  const { id } = requireViewer(c)
  const { data, errors } = await readForm(c, turnOffForm)
  if (errors) return page(c, { turnOff: { errors } }, 422)
  await limit(c, 'password', String(id), passwordTries)
  const { db, config } = c.var.deps
  if (!(await turnOffSecondStep(db, { personId: id, ...data }, config.baseUrl))) {
    return page(c, { turnOff: { errors: { password: 'Is not your password.' } } }, 422)
  }
  return c.redirect(paths.settings({ done: 'second-step' }), 303)
})

settings.post('/settings/sessions', async (c) => {
  const { id } = requireViewer(c)
  const { data } = await readForm(c, sessionForm)
  if (data) await revokeSession(c.var.deps.db, id, data.session)
  return c.redirect(paths.settings({ done: 'session' }), 303)
})

async function page(
  c: Context<AppEnv>,
  given: Partial<Settings>,
  status: 200 | 422 = 200,
): Promise<Response> {
  const { id, restrictions: taken } = requireViewer(c)
  const { db } = c.var.deps
  const [account, sessions, restrictions] = await Promise.all([
    findOwnAccount(db, id),
    listSessions(db, id),
    taken.length > 0 ? listRestrictions(db, id) : [],
  ])
  const {
    email,
    passwordHash: _,
    hasSecondStep,
    ...values
  } = found(account, new AppError('forbidden'))
  const own = sessionHash(c)
  return renderPage(
    c,
    <SettingsPage
      personId={id}
      email={email}
      hasSecondStep={hasSecondStep}
      sessions={sessions}
      currentSession={own && Buffer.from(own).toString('hex').slice(0, 16)}
      profile={{ values }}
      restrictions={restrictions.map(tellRestriction)}
      {...given}
    />,
    status,
  )
}
