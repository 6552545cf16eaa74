import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import type { Browser } from 'playwright-core'
import { verifyCounters } from '#db/verify'
import { startJobs } from '#jobs'
import { type TestApp, testApp } from '#testing/app'
import { launchBrowser } from '#testing/browser'
import { addReward, makeCampaign } from '#testing/campaign'
import { signedIn } from '#testing/cast'
import { type Journey, type Traveler, travel } from '#testing/traveler'
import { mailedPath } from '#testing/visitor'

/**
 * From choosing a reward to paying its creator, as people do it. With JOURNEY_PICTURES set to a
 * directory, it keeps a picture of every page.
 */

setDefaultTimeout(600_000)

const daySeconds = 86_400
const campaignDays = 10
const goal = 5_000
/** For the jobs to do what is due. */
const patienceMs = 60_000
const pictures = process.env['JOURNEY_PICTURES']

let site: TestApp
let server: Bun.Server<undefined>
let jobs: ReturnType<typeof startJobs>
let browser: Browser

beforeAll(async () => {
  server = Bun.serve({
    // As our own listeners, it lets streams be silent for longer than their heartbeat.
    ...{ port: 0, hostname: '127.0.0.1', idleTimeout: 60 },
    fetch: (asked) => site.app.fetch(asked),
  })
  // A demo, in which whoever makes a project moves its clock.
  site = await testApp(undefined, { demo: true, baseUrl: `http://127.0.0.1:${server.port}` })
  site.setNow(new Date())
  jobs = startJobs(site.deps)
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser?.close()
  await jobs?.end()
  await server?.stop(true)
  await site?.close()
})

test.each([
  ['desktop, with JavaScript', { width: 1280, height: 800 }, true],
  ['phone, without JavaScript', { width: 390, height: 844 }, false],
] as const)('%s: a project is backed, and its creator is paid', async (_, viewport, hasScripts) => {
  const address = `http://127.0.0.1:${server.port}`
  const journey = { browser, site: address, viewport, javaScriptEnabled: hasScripts, pictures }
  const maker = await enter(journey, 'Mara')
  const ada = await enter(journey, 'Ada')
  const project = await makeProject(maker.id)
  const watcher = await watch({ ...journey, javaScriptEnabled: true }, project)
  await back(ada, project)
  await watcher.shows({ pledged: '$36', backers: '1', left: '4 left of 5' })
  await change(ada)
  await watcher.shows({ pledged: '$31', backers: '1', left: '4 left of 5' })
  const guest = await travel(journey, 'Guest')
  const guestEmail = `guest.${viewport.width}@example.test`
  await backAsGuest(guest, project, guestEmail)
  await watcher.shows({ pledged: '$71', backers: '2', left: '4 left of 5' })
  await watcher.end()
  await maker.go(`/projects/${project}`)
  await maker.follow('Money', '.makers-bar')
  await maker.follow('Move its clock (demo)')
  await turnClock(maker, 'Go to its end', { Collected: '$31' })
  await mend(guest, await mailedPath(site, guestEmail))
  await seeCharged(ada)
  await seeMoney(maker, project)
  await maker.follow('Move its clock (demo)')
  await turnClock(maker, 'Go to the payout', { 'Paid out': '−$64.92' })
  await seePayout(maker, await payoutMail(maker.email))
  const travelers = [maker, ada, guest]
  expect([...travelers, watcher].flatMap(({ problems }) => problems)).toEqual([])
  for (const { page } of travelers) await page.context().close()
  const checks = await Array.fromAsync(verifyCounters(site.db))
  expect(checks.filter(({ count }) => count > 0)).toEqual([])
})

/** Somebody with an account, at a browser in which they are signed in. */
async function enter(journey: Journey, name: string) {
  const member = await signedIn(site, `${name} ${journey.viewport.width}`)
  const traveler = await travel(journey, name)
  const cookie = { name: 'session', value: member.cookies.get('session') ?? '', url: journey.site }
  await traveler.page.context().addCookies([cookie])
  const email = `${name.toLowerCase()}.${journey.viewport.width}@example.test`
  return { ...traveler, id: member.id, email }
}

/** With a limited reward that is shipped, and an add-on. */
async function makeProject(creatorId: number): Promise<number> {
  const sql = site.db.$client
  const endsIn = campaignDays * daySeconds
  const project = await makeCampaign(sql, { goal, creatorId, endsIn })
  const lamp = { name: 'One lamp', amount: 2_000, quantity: 5 }
  await addReward(sql, project, lamp, { Germany: 450, France: 700 })
  await addReward(sql, project, { name: 'A bulb', amount: 300, is_add_on: true, position: 2 })
  return project
}

interface Shown {
  pledged: string
  backers: string
  left: string
}

/** A second window, in which the project's page is opened once and then left alone. */
async function watch(journey: Journey, project: number) {
  const { page, problems, go } = await travel(journey, 'Watcher')
  const watched = page.waitForResponse(/\/live$/)
  await go(`/projects/${project}`)
  await watched
  let loads = 0
  page.on('load', () => loads++)
  return {
    problems,
    shows: async ({ pledged, backers, left }: Shown) => {
      const figure = (name: string) => page.locator(`[data-live=${name}]`)
      await figure('pledged').getByText(pledged, { exact: true }).waitFor()
      await figure('backers').getByText(backers, { exact: true }).waitFor()
      await page.locator('[data-live-stock]').getByText(left).waitFor()
      expect(loads).toBe(0)
    },
    end: () => page.context().close(),
  }
}

/** Takes the lamp, two bulbs and more besides, with the first card they add. */
async function back(ada: Traveler, project: number) {
  await ada.go(`/projects/${project}`)
  await ada.follow('Rewards', '.project-tabs')
  await ada.follow(/^Choose this reward.*One lamp/)
  await ada.fill({ 'A bulb': '2', 'Ships to': 'France', 'Bonus in USD': '3' })
  await ada.press('Continue')
  await ada.sees('This reward is set aside for you')
  await ada.sees('$36.00')
  await addCard(ada, '4242 4242 4242 4242')
  await ada.press('Pledge $36')
  await ada.sees('Thank you: you are backing this project.')
  await ada.follow('Receipt')
  await ada.sees('Visa ending in 4242')
  await ada.follow('Back to your pledge')
}

async function addCard(backer: Traveler, number: string) {
  await backer.follow(/^Add (a|another) card$/)
  await backer.fill({ 'Card number': number, 'Valid until': '09/41', 'Security code': '123' })
  await backer.press('Add this card')
}

/** Wants less of it, and lives elsewhere now. */
async function change(ada: Traveler) {
  await ada.follow('Change it')
  await ada.fill({ 'A bulb': '1', 'Ships to': 'Germany', 'Bonus in USD': '3.50' })
  await ada.press('Continue')
  await ada.press('Change to $31')
  await ada.sees('Your pledge has changed.')
  await ada.sees('$4.50')
}

/** Without an account, with a card that has nothing on it. */
async function backAsGuest(guest: Traveler, project: number, email: string) {
  await guest.go(`/projects/${project}`)
  await guest.follow('Back this project')
  await guest.fill({ 'Your pledge in USD': '40' })
  await guest.press('Continue')
  await guest.fill({ Name: 'Gus Guest', 'E-mail': email })
  await guest.press('Mail me a link')
  await guest.sees('Look into your mail')
  await guest.go(await mailedPath(site, email))
  await addCard(guest, '4000 0000 0000 9995')
  await guest.press('Pledge $40')
  await guest.sees('Thank you: you are backing this project.')
  await guest.sees('You back this without an account.')
}

/** Lets time pass for a project, and looks again until what is due then has been done. */
async function turnClock(maker: Traveler, to: string, expected: Record<string, string>) {
  await maker.press(to)
  const deadline = Date.now() + patienceMs
  for (;;) {
    site.setNow(new Date())
    const figures = await figuresOf(maker)
    if (Object.entries(expected).every(([name, amount]) => figures[name] === amount)) return
    if (Date.now() > deadline) throw new Error(`it is still ${JSON.stringify(figures)}`)
    await maker.follow('Look again')
  }
}

/** The link of the mail about the payout, once it is written. */
async function payoutMail(email: string): Promise<string> {
  const deadline = Date.now() + patienceMs
  for (;;) {
    const link = await mailedPath(site, email)
    if (link.endsWith('/money')) return link
    if (Date.now() > deadline) throw new Error(`the latest mail leads to ${link}`)
    await Bun.sleep(200)
  }
}

/** Comes by the link of the mail that says the card was declined. */
async function mend(guest: Traveler, link: string) {
  await guest.go(link)
  await guest.sees('Your payment')
  await guest.sees('There was not enough money on the card.')
  await addCard(guest, '5555 5555 5555 4444')
  await guest.press('Pay $40 now')
  await guest.sees('It is paid. Thank you!')
  await guest.follow('Your pledge')
  await guest.sees('Mastercard ending in 4444')
}

async function seeCharged(ada: Traveler) {
  await ada.menu('Your pledges')
  await ada.follow('A lamp')
  await ada.sees('Your card was charged.')
  await ada.follow('Where your reward is')
}

async function seeMoney(maker: Traveler, project: number) {
  await maker.go(`/projects/${project}`)
  await maker.sees('142% funded')
  await maker.follow('Money', '.makers-bar')
  expect(await figuresOf(maker)).toEqual({
    ...{ Pledged: '$71', Collected: '$71', 'Platform fee': '−$3.55' },
    ...{ 'Payment processing': '−$2.53', Refunded: '$0', Disputed: '$0', 'Paid out': '$0' },
    'Due to the creator': '$64.92',
  })
  await maker.sees('What is yours is sent on')
}

/** Comes by the link of the mail that says it is on its way. */
async function seePayout(maker: Traveler, link: string) {
  await maker.go(link)
  const figures = await figuresOf(maker)
  expect(figures).toMatchObject({ 'Paid out': '−$64.92', 'Due to the creator': '$0' })
  await maker.sees('$71 collected, less $6.08 fees')
  const { page } = maker
  const way = page.getByRole('link', { name: 'Download the statement' })
  const [file] = await Promise.all([page.waitForEvent('download'), way.click()])
  const statement = await Bun.file(await file.path()).text()
  expect(statement).toContain('Collected,71,USD')
  expect(statement).toMatch(/Payout 1,64\.92,USD,[^,]+,,paid/)
}

/** The lines of a table of money, by what they are called. */
async function figuresOf({ page }: Traveler): Promise<Record<string, string>> {
  const lines = page.locator('.money-figures tr')
  const names = await lines.locator('th').allTextContents()
  const amounts = await lines.locator('td').allTextContents()
  return Object.fromEntries(names.map((name, place) => [name, amounts[place] ?? '']))
}
