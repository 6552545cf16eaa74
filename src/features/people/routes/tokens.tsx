import { type Context, Hono } from 'hono'
import type { AppEnv } from '#http/env'
import { readForm } from '#http/forms'
import { limit } from '#http/rate-limit'
import { renderPage } from '#http/render'
import { requireViewer } from '#http/session'
import { paths } from '#web/paths'
import type { Filled } from '../pages/account-pages'
import { NewTokenPage, TokensPage } from '../pages/token-pages'
import { listAccessTokens } from '../reads/access-tokens'
import { accessTokenForm, passwordTries, revokeForm } from '../rules'
import { createAccessToken, revokeAccessToken } from '../writes/access-tokens'

export const tokens = new Hono<AppEnv>()

const problems = {
  password: { password: 'Is not your password.' },
  many: { name: 'You have as many tokens as one may have. Revoke one first.' },
}

tokens.get('/settings/tokens', (c) => page(c, {}))

tokens.post('/settings/tokens', async (c) => {
  const { id } = requireViewer(c)
  const { values, data, errors } = await readForm(c, accessTokenForm)
  if (errors) return page(c, { values, errors })
  await limit(c, 'password', String(id), passwordTries)
  const { db, config } = c.var.deps
  const made = await createAccessToken(db, { personId: id, ...data }, config.baseUrl)
  if ('wrong' in made) return page(c, { values, errors: problems[made.wrong] })
  return renderPage(c, <NewTokenPage name={data.name} token={made.token} />)
})

tokens.post('/settings/tokens/revoke', async (c) => {
  const { id } = requireViewer(c)
  const { data } = await readForm(c, revokeForm)
  if (data) await revokeAccessToken(c.var.deps.db, id, data.token)
  return c.redirect(`${paths.settingsOf('tokens')}?done=revoked`, 303)
})

async function page(c: Context<AppEnv>, filled: Filled): Promise<Response> {
  const { id } = requireViewer(c)
  const tokens = await listAccessTokens(c.var.deps.db, id)
  const done = c.req.query('done') === 'revoked'
  return renderPage(
    c,
    <TokensPage tokens={tokens} done={done} {...filled} />,
    filled.errors ? 422 : 200,
  )
}
