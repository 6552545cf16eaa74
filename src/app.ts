import { Hono } from 'hono'
import type { Deps } from '#deps'
import { activityApi } from '#features/activity/api'
import { activity } from '#features/activity/routes'
import { commentsApi } from '#features/comments/api'
import { ownCommentsApi } from '#features/comments/api/own'
import { comments } from '#features/comments/routes'
import { communityApi } from '#features/community/api'
import { community } from '#features/community/routes'
import { dashboard } from '#features/dashboard/routes/dashboard'
import { dashboardFiles } from '#features/dashboard/routes/files'
import { discoverApi, findSamples } from '#features/discover/api'
import { feeds } from '#features/discover/feeds'
import { discover } from '#features/discover/routes'
import { actsApi } from '#features/editor/api/acts'
import { partsApi } from '#features/editor/api/parts'
import { collaboratorsApi } from '#features/editor/api/people'
import { draftsApi } from '#features/editor/api/projects'
import { editActs } from '#features/editor/routes/acts'
import { editFaqs } from '#features/editor/routes/faqs'
import { making } from '#features/editor/routes/making'
import { editParts } from '#features/editor/routes/parts'
import { editPeople } from '#features/editor/routes/people'
import { editRewards } from '#features/editor/routes/rewards'
import { addressesApi } from '#features/fulfilment/api/addresses'
import { reportApi } from '#features/fulfilment/api/report'
import { surveysApi } from '#features/fulfilment/api/surveys'
import { addresses } from '#features/fulfilment/routes/addresses'
import { backers } from '#features/fulfilment/routes/backers'
import { surveys } from '#features/fulfilment/routes/surveys'
import { picturesApi } from '#features/images/api'
import { images } from '#features/images/routes'
import { messagesApi } from '#features/messages/api'
import { messages } from '#features/messages/routes'
import { cardsApi } from '#features/payments/api'
import { cards } from '#features/payments/routes/cards'
import { gateway } from '#features/payments/routes/gateway'
import { providerWebhooks } from '#features/payments/routes/webhooks'
import { peopleApi } from '#features/people/api'
import { tiesApi } from '#features/people/api/ties'
import { accounts } from '#features/people/routes/accounts'
import { outbox } from '#features/people/routes/outbox'
import { avatars } from '#features/people/routes/pictures'
import { settings } from '#features/people/routes/settings'
import { ties } from '#features/people/routes/ties'
import { tokens } from '#features/people/routes/tokens'
import { pledgesApi } from '#features/pledges/api'
import { backing } from '#features/pledges/routes/backing'
import { guests } from '#features/pledges/routes/guests'
import { ownPledges } from '#features/pledges/routes/own'
import { privacy } from '#features/privacy/routes'
import { projectsApi } from '#features/projects/api'
import { projects } from '#features/projects/routes'
import { savesApi } from '#features/saves/api'
import { saves } from '#features/saves/routes'
import { settlementApi } from '#features/settlement/api'
import { money } from '#features/settlement/routes/money'
import { payment } from '#features/settlement/routes/payment'
import { recordProviderEvent } from '#features/settlement/writes/provider-events'
import { settlingOf } from '#features/settlement/writes/settling'
import { reportsApi } from '#features/staff/api'
import { staff } from '#features/staff/routes/console'
import { filing } from '#features/staff/routes/filing'
import { performance } from '#features/staff/routes/performance'
import { updatesApi } from '#features/updates/api'
import { ownUpdatesApi } from '#features/updates/api/own'
import { updateDrafts } from '#features/updates/routes/drafts'
import { updates } from '#features/updates/routes/updates'
import { webhooksApi } from '#features/webhooks/api'
import { webhooks } from '#features/webhooks/routes'
import { api, apiRoot } from '#http/api'
import { apiPage } from '#http/api-page'
import { sameSiteOnly } from '#http/csrf'
import type { AppEnv } from '#http/env'
import { answerError, answerNotFound } from '#http/errors'
import { allowedMethods, saneAddress } from '#http/guards'
import { withDescription } from '#http/openapi'
import { picture } from '#http/picture'
import { probes } from '#http/probes'
import { readersPosition } from '#http/reading'
import { securityHeadersOf } from '#http/security-headers'
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
  ...settlementApi,
  ...updatesApi,
  ...ownUpdatesApi,
  ...commentsApi,
  ...ownCommentsApi,
  ...communityApi,
  ...peopleApi,
  ...tiesApi,
  ...picturesApi,
  ...savesApi,
  ...messagesApi,
  ...activityApi,
  ...cardsApi,
  ...pledgesApi,
  ...draftsApi,
  ...partsApi,
  ...actsApi,
  ...collaboratorsApi,
  ...webhooksApi,
  ...reportApi,
  ...surveysApi,
  ...addressesApi,
  ...reportsApi,
])

/** The whole site: middleware in order, then one line for each room. */
export function createApp(deps: Deps, readiness: { ready: boolean }): Hono<AppEnv> {
  const app = new Hono<AppEnv>()
  const headers = Object.entries(securityHeadersOf(deps.config.baseUrl, deps.payments.origins))

  app.use(async (c, next) => {
    c.set('deps', deps)
    await next()
    for (const [name, value] of headers) {
      if (!c.res.headers.has(name)) c.res.headers.set(name, value)
    }
  })
  app.use(serverTiming)
  app.use(saneAddress)
  app.use(sameSiteOnly(app))

  app.route('/', probes(readiness))
  app.get('/assets/:name', (c) => staticAsset(c, c.req.param('name')))
  app.get('/favicon.svg', (c) => picture(c, favicon))
  if (deps.replicas) app.use(readersPosition)
  app.use(session)

  app.route('/', avatars)
  app.route('/', images)
  app.route('/', accounts)
  app.route('/', settings)
  app.route('/', tokens)
  app.route('/', ties)
  app.route('/', cards)
  app.route('/', gateway)
  app.route(
    '/',
    providerWebhooks((deps, told) => recordProviderEvent(settlingOf(deps), told)),
  )
  app.route('/', outbox)
  app.route('/', making)
  app.route('/', projects)
  for (const room of [backing, guests, ownPledges]) app.route('/', room)
  app.route('/', money)
  app.route('/', payment)
  app.route('/', editParts)
  app.route('/', editActs)
  app.route('/', updates)
  app.route('/', editRewards)
  app.route('/', editFaqs)
  app.route('/', editPeople)
  app.route('/', updateDrafts)
  app.route('/', comments)
  app.route('/', community)
  app.route('/', saves)
  app.route('/', messages)
  app.route('/', activity)
  app.route('/', discover)
  app.route('/', feeds)
  for (const room of [filing, performance, staff]) app.route('/', room)
  app.route('/', dashboard)
  app.route('/', dashboardFiles)
  app.route('/', backers)
  app.route('/', surveys)
  app.route('/', addresses)
  app.route('/', webhooks)
  app.route('/', privacy)
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
