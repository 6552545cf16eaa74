import { Hono } from 'hono'
import type { Deps } from '#deps'
import { commentsApi } from '#features/comments/api'
import { comments } from '#features/comments/routes'
import { communityApi } from '#features/community/api'
import { community } from '#features/community/routes'
import { discoverApi, findSamples } from '#features/discover/api'
import { feeds } from '#features/discover/feeds'
import { discover } from '#features/discover/routes'
import { peopleApi } from '#features/people/api'
import { accounts } from '#features/people/routes/accounts'
import { outbox } from '#features/people/routes/outbox'
import { avatars } from '#features/people/routes/pictures'
import { settings } from '#features/people/routes/settings'
import { projectsApi } from '#features/projects/api'
import { projects } from '#features/projects/routes'
import { saves } from '#features/saves/routes'
import { updatesApi } from '#features/updates/api'
import { updates } from '#features/updates/routes'
import { api, apiRoot } from '#http/api'
import { apiPage } from '#http/api-page'
import { sameSiteOnly } from '#http/csrf'
import type { AppEnv } from '#http/env'
import { answerError, answerNotFound } from '#http/errors'
import { allowedMethods, saneAddress } from '#http/guards'
import { withDescription } from '#http/openapi'
import { picture } from '#http/picture'
import { probes } from '#http/probes'
import { securityHeaders } from '#http/security-headers'
import { serverTiming } from '#http/server-timing'
import { session } from '#http/session'
import { staticAsset } from '#http/static-assets'
import { AppError } from '#lib/errors'
import { favicon } from '#web/favicon'
import { paths } from '#web/paths'

/** What the API answers, room by room. */
export const endpoints = withDescription([
  ...discoverApi,
  ...projectsApi,
  ...updatesApi,
  ...commentsApi,
  ...communityApi,
  ...peopleApi,
])

/** The whole site: middleware in order, then one line for each room. */
export function createApp(deps: Deps, readiness: { ready: boolean }): Hono<AppEnv> {
  const app = new Hono<AppEnv>()

  app.use(async (c, next) => {
    c.set('deps', deps)
    await next()
    for (const [name, value] of Object.entries(securityHeaders)) {
      if (!c.res.headers.has(name)) c.res.headers.set(name, value)
    }
  })
  app.use(serverTiming)
  app.use(saneAddress)
  app.use(sameSiteOnly(app))

  app.route('/', probes(readiness))
  app.get('/assets/:name', (c) => staticAsset(c, c.req.param('name')))
  app.get('/favicon.svg', (c) => picture(c, favicon))
  app.use(session)

  app.route('/', avatars)
  app.route('/', accounts)
  app.route('/', settings)
  app.route('/', outbox)
  app.route('/', projects)
  app.route('/', updates)
  app.route('/', comments)
  app.route('/', community)
  app.route('/', saves)
  app.route('/', discover)
  app.route('/', feeds)
  app.route('/', api(endpoints))
  app.get('/api', apiPage(endpoints, findSamples))
  app.get(apiRoot, (c) => c.redirect(paths.api()))

  app.notFound((c) => {
    const allowed = allowedMethods(app, c.req.path)
    if (allowed.length === 0) return answerNotFound(c)
    c.header('Allow', allowed.join(', '))
    return answerError(new AppError('method_not_allowed'), c)
  })
  app.onError(answerError)
  return app
}
