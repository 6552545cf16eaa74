import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import type { Browser } from 'playwright-core'
import { tell } from '#features/activity/writes/tell'
import { addAccount } from '#features/people/writes/joining'
import { takePledges } from '#features/pledges/writes/take-pledges'
import { hashPassword } from '#lib/passwords'
import { type TestApp, testApp } from '#testing/app'
import { launchBrowser } from '#testing/browser'
import { draw } from '#testing/pictures'
import { type Journey, type Traveler, travel } from '#testing/traveler'
import { mailedPath } from '#testing/visitor'

/**
 * From joining to running a project, as people do it. With JOURNEY_PICTURES set to a directory, it
 * keeps a picture of every page.
 */

const journeyDeadlineMs = 600_000
setDefaultTimeout(journeyDeadlineMs)

const password = 'correct horse battery'
const pictures = process.env['JOURNEY_PICTURES']

let site: TestApp
let server: Bun.Server<undefined>
let browser: Browser

beforeAll(async () => {
  site = await testApp()
  site.setNow(new Date())
  server = Bun.serve({ port: 0, hostname: '127.0.0.1', fetch: (asked) => site.app.fetch(asked) })
  browser = await launchBrowser()
})

afterAll(async () => {
  await browser?.close()
  await server?.stop(true)
  await site?.close()
})

test.each([
  ['desktop, with JavaScript', { width: 1280, height: 800 }, true],
  ['phone, without JavaScript', { width: 390, height: 844 }, false],
] as const)('%s: a project is made, launched and run', async (_name, viewport, hasScripts) => {
  const address = `http://127.0.0.1:${server.port}`
  const journey = { browser, site: address, viewport, javaScriptEnabled: hasScripts, pictures }
  const title = `A lamp of paper ${viewport.width}`
  const maker = await join(journey, 'Mara Maker', true)
  const project = await makeProject(maker, title)
  await preview(journey, maker, title)
  await submit(maker)
  const staff = await signInAsStaff(journey)
  await approve(staff, title)
  await launch(maker, title)
  await postUpdate(maker)
  await passTime()
  const fan = await join(journey, 'Fin Fan')
  await follow(fan, title)
  await back(fan, project)
  await comment(fan)
  await handleReport(staff)
  await passTime()
  await watch(maker, title)
  const travelers = [maker, staff, fan]
  expect(travelers.flatMap(({ problems }) => problems)).toEqual([])
  for (const { page } of travelers) await page.context().close()
})

const addressOf = (journey: Journey, name: string) =>
  `${name.toLowerCase().replace(' ', '.')}.${journey.viewport.width}@example.test`

/** What is done every few seconds. */
async function passTime() {
  await site.deps.visits.flush()
  while (await tell(site.db, site.deps.config.baseUrl));
}

/** From the front page, by the link that is mailed, on to what was wanted. */
async function join(journey: Journey, name: string, isToStart = false): Promise<Traveler> {
  const email = addressOf(journey, name)
  const traveler = await travel(journey, name.split(' ')[0] ?? '')
  await traveler.go('/')
  if (isToStart) await traveler.follow('Or start one yourself')
  await traveler.follow('Join', isToStart ? 'main' : '.site-header')
  await traveler.fill({ Name: name, 'E-mail': email, Password: password })
  await traveler.press('Join')
  await traveler.sees('Look into your mail')
  await traveler.go(await mailedPath(site, email))
  await traveler.press('Make my account')
  await traveler.sees(isToStart ? 'What would you like to exist?' : 'Welcome!')
  return traveler
}

/** With a picture, a goal, a story, two rewards and a question answered; returns its number. */
async function makeProject(maker: Traveler, title: string): Promise<number> {
  await maker.follow('Your projects')
  await maker.sees('Nothing here yet.')
  await maker.follow('Start a project')
  await maker.fill({ Title: title, Category: 'Furniture', City: 'Leeds' })
  await maker.fill({ 'State or region': 'England', Country: 'United Kingdom' })
  await maker.press('Make a draft')
  const project = Number(/\/projects\/(\d+)\/edit/.exec(maker.page.url())?.[1])
  await maker.fill({ 'In one line': 'It folds flat, and it glows.', Tags: 'paper, light' })
  const picture = { name: 'lamp.png', mimeType: 'image/png' }
  const buffer = Buffer.from(await draw('png', [1600, 900]))
  await maker.page.getByLabel('Picture').setInputFiles({ ...picture, buffer })
  await maker.press('Save')
  await maker.page.getByAltText('The picture that is there now').waitFor()
  expect(await maker.page.getByText('that was not saved').count()).toBe(0)
  await maker.follow('Next: Funding')
  await maker.fill({ Goal: '5000', Currency: 'USD', Days: '30' })
  await maker.choose(/^All or nothing/)
  await maker.press('Save')
  await maker.follow('Story', '.editor-parts')
  await maker.fill({
    Story: `## Why\n\n${'A lamp that folds flat, for rooms that change. '.repeat(8)}`,
    'Risks and challenges': 'Paper tears: we have tried twelve kinds.',
    'For what (1)': 'Paper',
    'Amount in USD (1)': '3000',
  })
  await maker.press('Save')
  await addRewards(maker)
  await maker.follow('FAQ', '.editor-parts')
  await maker.follow('Add a question')
  await maker.fill({ Question: 'Does it burn?', Answer: 'No, it is **treated**.' })
  await maker.press(/^Save/)
  await maker.sees('Does it burn?')
  return project
}

/** One that is limited and shipped, and one that is neither. */
async function addRewards(maker: Traveler) {
  await maker.follow('Rewards', '.editor-parts')
  await maker.sees('No rewards yet.')
  await maker.follow('Add a reward')
  const delivery = await maker.page.locator('[name=deliveryMonth] option').nth(6).textContent()
  await maker.fill({
    ...{ 'Amount in USD': '45', Name: 'One lamp', Description: 'Folded, in a flat box.' },
    ...{ 'Item 1': 'Lamp', 'How many there are': '50', 'Estimated delivery': delivery ?? '' },
    ...{ 'Country 1': 'United Kingdom', Price: '4.50', 'Everywhere else': '12' },
  })
  await maker.choose(/^Anywhere/)
  await maker.press(/^Save/)
  await maker.sees('50 of 50 left')
  await maker.follow('Add a reward')
  await maker.fill({
    'Amount in USD': '5',
    Name: 'The plans',
    'Estimated delivery': delivery ?? '',
  })
  await maker.fill({ Description: 'To fold one yourself.' })
  await maker.choose(/^Nobody/)
  await maker.press(/^Save/)
  await maker.sees('The plans')
}

/** Somebody without an account looks at it by the link. */
async function preview(journey: Journey, maker: Traveler, title: string) {
  await maker.follow('Launch', '.editor-parts')
  await maker.sees('Everything is there')
  await maker.press('Make a link')
  const link = await maker.page.getByLabel('Link to the preview').inputValue()
  const friend = await travel(journey, 'Friend')
  await friend.go(link.slice(link.indexOf('/projects')))
  await friend.sees('Nobody can back it yet.')
  expect(await friend.page.locator('h1').textContent()).toBe(title)
  expect(friend.problems).toEqual([])
  await friend.page.context().close()
}

async function submit(maker: Traveler) {
  await maker.press('Submit for review')
  await maker.sees('It is handed in.')
  await maker.sees('In review')
}

async function signInAsStaff(journey: Journey): Promise<Traveler> {
  const email = addressOf(journey, 'Stella Staff')
  const passwordHash = await hashPassword(password)
  await addAccount(site.db, { email, name: 'Stella Staff', passwordHash, role: 'staff' })
  const staff = await travel(journey, 'Staff')
  await staff.go('/')
  await staff.follow('Sign in', '.site-header')
  await staff.fill({ 'E-mail': email, Password: password })
  await staff.press('Sign in')
  await staff.menu('Staff')
  return staff
}

async function approve(staff: Traveler, title: string) {
  await staff.follow('Review')
  await staff.follow(title)
  await staff.follow('See it as it will look')
  await staff.follow('Back to the review')
  await staff.press('Approve')
  await staff.sees('Approved, not launched yet')
}

async function launch(maker: Traveler, title: string) {
  await passTime()
  await maker.follow(/^Activity/, '.site-header')
  await maker.follow(title)
  await maker.press('Launch now')
  await maker.sees('It is live. Everybody can see it now.')
  await maker.follow('See its page')
  await maker.sees('0% funded')
}

async function postUpdate(maker: Traveler) {
  await maker.follow('Post an update', '.makers-bar')
  await maker.fill({ Title: 'We are live', Text: 'Thank you for **coming**.' })
  await maker.choose(/^Everyone/)
  await maker.press('Save and preview')
  await maker.press('Publish')
  await maker.sees('We are live')
}

/** Finds the project, follows who makes it, saves it, asks and reports. */
async function follow(fan: Traveler, title: string) {
  await fan.page.getByRole('searchbox').fill(title)
  await fan.press('Search', '.site-header')
  await fan.follow(title)
  await fan.press('Follow Mara Maker')
  await fan.page.getByRole('button', { name: 'Unfollow Mara Maker' }).waitFor()
  await fan.press('Remind me')
  await fan.page.getByRole('button', { name: 'Saved' }).waitFor()
  await fan.follow('Ask the creator')
  await fan.fill({ 'Your question to Mara Maker': 'Will there be a blue one? 🔵' })
  await fan.press('Send')
  await fan.sees('Will there be a blue one? 🔵')
  await fan.follow(title)
  await fan.follow('Report this project')
  await fan.choose(/^It is spam/)
  await fan.fill({ 'What should we know?': 'I have seen it everywhere.' })
  await fan.press('Send the report')
  await fan.sees('Your report has arrived.')
  await fan.follow('Go on')
}

/** Becomes a backer of the reward without shipping. */
async function back(fan: Traveler, projectId: number) {
  const [who] = await site.db.$client<{ backer: string; reward: string }[]>`
    select f.person_id as backer, r.id as reward from saves f, rewards r
    where f.project_id = ${projectId} and r.project_id = ${projectId} and r.name = 'The plans'`
  const pledge = {
    ...{ projectId, backerId: Number(who?.backer), rewardId: Number(who?.reward), addOns: [] },
    ...{ key: crypto.randomUUID(), bonus: 0, shipTo: null, anonymous: false, total: 500 },
    cardId: null,
  }
  const [result] = await takePledges(site.db.$client, [pledge])
  expect(result?.outcome).toBe('taken')
  await fan.go(fan.page.url())
  await fan.sees('$5')
}

async function comment(fan: Traveler) {
  await fan.follow(/^Comments/, '.project-tabs')
  await fan.fill({ 'Say something': 'I cannot wait.' })
  await fan.press('Post')
  await fan.sees('I cannot wait.')
  await fan.menu('Saved projects')
  await fan.menu('People you follow')
  await fan.menu('Messages')
  await fan.menu('Your page')
  await fan.follow(/backed$/)
}

async function handleReport(staff: Traveler) {
  await staff.follow('Reports')
  await staff.follow(/^Project: It is spam/)
  await staff.sees('I have seen it everywhere.')
  await staff.page.getByText('Dismiss it', { exact: true }).first().click()
  await staff.fill({ 'Why nothing has to be done': 'It is no spam.' })
  await staff.press('Dismiss it')
  await staff.sees(/dismissed/)
  await staff.follow('Log')
  await staff.follow('Waiting')
}

/** What has happened meanwhile, and the numbers. */
async function watch(maker: Traveler, title: string) {
  await maker.go('/')
  await maker.sees('3 not seen')
  await maker.follow(/^Activity/, '.site-header')
  for (const told of ['follows you now.', 'wrote to you about', 'commented on']) {
    await maker.sees(told)
  }
  await maker.follow(/wrote to you/)
  await maker.fill({ 'Your message': 'Yes, in autumn.' })
  await maker.press('Send')
  await maker.sees('Yes, in autumn.')
  await maker.menu('Your projects')
  await maker.follow('Dashboard')
  await maker.sees(title)
  const facts = (await maker.page.locator('.dashboard-stats').allTextContents()).join(' ')
  for (const fact of ['$5', 'backer1', 'saved it1', 'follow the creator1']) {
    expect(facts).toContain(fact)
  }
  expect(facts).toMatch(/visits in these days[1-9]/)
}
