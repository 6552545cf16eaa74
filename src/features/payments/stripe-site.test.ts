import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { createApp } from '#app'
import { openStripe } from '#payments/stripe'
import { type TestApp, testApp } from '#testing/app'
import { makeCampaign, pledgeWith } from '#testing/campaign'
import { type Member, signedIn } from '#testing/cast'
import { startStripe, stripeEvent } from '#testing/stripe-server'

// The whole site with Stripe: what readers and Stripe itself see of it.

setDefaultTimeout(60_000)

let stripe: Awaited<ReturnType<typeof startStripe>>
let site: TestApp
let ana: Member

beforeAll(async () => {
  const opened = await testApp()
  stripe = await startStripe()
  const deps = { ...opened.deps, payments: openStripe(stripe.config) }
  const app = createApp(deps, { ready: true })
  const get = async (path: string, init?: RequestInit) =>
    app.fetch(new Request(deps.config.baseUrl + path, init))
  site = { ...opened, deps, app, get }
  ana = await signedIn(site, 'Ana Stripe')
})

afterEach(() => {
  expect(stripe.takeProblems()).toEqual([])
})

afterAll(async () => {
  await stripe.close()
  await site.close()
})

const placeOf = (answer: Response) => answer.headers.get('location') ?? ''
const tell = (
  { body, headers }: { body: string; headers: Record<string, string> },
  to = 'stripe',
) => site.get(`/webhooks/${to}`, { method: 'POST', body, headers })

test('a card is given on Stripe’s page and is there afterwards', async () => {
  const away = await ana.get('/settings/cards/new?to=%2Fsettings%2Fcards')
  expect(away.status).toBe(303)
  const page = placeOf(away)
  expect(page).toStartWith('https://checkout.stripe.com/')
  const back = new URL(stripe.account.giveCard(page, 'pays', '1881'))
  const answer = await ana.get(back.pathname + back.search)
  expect(placeOf(answer)).toMatch(/^\/settings\/cards\?card=\d+&done=added$/)
  const list = await ana.get('/settings/cards')
  expect(list.headers.get('content-security-policy')).toContain('https://checkout.stripe.com')
  const text = await list.text()
  expect(text).toContain('Visa ending in 1881')
  expect(text).toContain('It never reaches us')

  const id = /cards\/(\d+)\/remove/.exec(text)?.[1]
  expect((await ana.post(`/settings/cards/${id}/remove`, {})).status).toBe(303)
  const [gone] = [...stripe.account.kept.values()].filter(
    ({ object }) => object === 'payment_method',
  )
  expect(gone?.['customer']).toBeNull()
})

test('the test gateway is not there, and the test cards are not either', async () => {
  for (const path of ['/test-cards', '/test-gateway/cards/x', '/test-gateway/payments/x']) {
    expect((await ana.get(path)).status).toBe(404)
  }
  expect((await tell({ body: '{}', headers: {} }, 'test')).status).toBe(404)
})

test('while Stripe is away, somebody who adds a card is told so', async () => {
  stripe.trouble(500)
  const answer = await ana.get('/settings/cards/new')
  expect(answer.status).toBe(503)
  expect(await answer.text()).toContain('Nothing was charged')
  const logged = site.takeErrors()
  expect([logged.length, logged.join().includes(stripe.config.secretKey)]).toEqual([1, false])
  expect((await ana.get('/settings/cards/new')).status).toBe(303)
})

/** A pledge whose charge waits for what Stripe tells. */
async function charged() {
  const sql = site.db.$client
  const project = await makeCampaign(sql)
  const [pledge] = await pledgeWith(sql, project, [{ amount: 2_550, card: null }])
  const ref = `pi_${crypto.randomUUID()}`
  await sql`insert into charges (project_id, pledge_id, attempt, provider, amount, status, provider_ref)
    values (${project}, ${pledge?.pledgeId ?? 0}, 1, 'stripe', 2550, 'needs_action', ${ref})`
  return {
    intent: { id: ref, object: 'payment_intent', status: 'succeeded', metadata: {} },
    state: async () => {
      const [row] = await sql`
        select status, (select count(*)::int from ledger l
            where l.project_id = p.project_id and l.kind = 'capture') as captures
          from pledges p where project_id = ${project}`
      return [row?.['status'], row?.['captures']]
    },
  }
}

test('what Stripe tells is done once, however often and at once it is told', async () => {
  const { intent, state } = await charged()
  const event = stripeEvent('payment_intent.succeeded', intent)
  const answers = await Promise.all(Array.from({ length: 8 }, () => tell(event)))
  expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 8 }, () => 200))
  expect(await state()).toEqual(['collected', 1])
  // The same under another name changes nothing either.
  expect((await tell(stripeEvent('payment_intent.succeeded', intent))).status).toBe(200)
  expect(await state()).toEqual(['collected', 1])
})

test('what is forged, altered, old or no event is refused and does nothing', async () => {
  const { intent, state } = await charged()
  const right = stripeEvent('payment_intent.succeeded', intent)
  const old = new Date(Date.now() - 6 * 60_000)
  for (const wrong of [
    { ...right, headers: {} },
    { ...right, headers: { 'stripe-signature': 'nonsense' } },
    { ...right, body: right.body.replace('succeeded', 'canceled') },
    stripeEvent('payment_intent.succeeded', intent, { secret: 'whsec_forged' }),
    stripeEvent('payment_intent.succeeded', intent, { at: old }),
    { body: 'no event', headers: right.headers },
  ]) {
    const answer = await tell(wrong)
    expect(answer.status).toBe(400)
    expect(await answer.text()).not.toContain('whsec')
  }
  expect(await state()).toEqual(['pledged', 0])
  const long = { ...right, body: 'x'.repeat(300_000) }
  expect((await tell(long)).status).toBe(413)
  expect((await tell(right)).status).toBe(200)
  expect(await state()).toEqual(['collected', 1])
})

test('what is told of a charge that we do not know yet is taken when it is told again', async () => {
  const { intent, state } = await charged()
  const early = stripeEvent('payment_intent.succeeded', { ...intent, id: 'pi_none' })
  expect((await tell(early)).status).toBe(404)
  await site.db.$client`
    update charges set provider_ref = 'pi_none' where provider_ref = ${intent.id}`
  expect((await tell(early)).status).toBe(200)
  expect(await state()).toEqual(['collected', 1])
})

test('what is of no interest is taken note of', async () => {
  const event = stripeEvent('customer.created', { id: 'cus_1', object: 'customer' })
  expect((await tell(event)).status).toBe(200)
})
