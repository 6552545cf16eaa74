import { expect } from 'bun:test'
import { takePledges } from '#features/pledges/writes/take-pledges'
import { type TestApp, testApp } from './app'
import { type Cast, type Member, makeCast, signedIn } from './cast'
import type { Visitor } from './visitor'

/** Projects with two backers, and what is sent to them. */
export interface Backed {
  site: TestApp
  cast: Cast
  ada: Member
  bob: Member
  /** A project of the owner that Ada took the reward of and Bob backed without one. */
  fund(wish?: { paid: boolean }): Promise<Funded>
  /** The same with a survey on its way to them. */
  survey(): Promise<Funded>
}

interface Funded {
  project: string
  reward: string
  /** Their numbers. */
  pledges: Record<'ada' | 'bob', number>
}

export async function testBacked(): Promise<Backed> {
  const site = await testApp()
  const cast = await makeCast(site)
  const ada = await signedIn(site, 'Ada Backer')
  const bob = await signedIn(site, 'Bob Backer')
  const sql = site.db.$client

  async function fund({ paid } = { paid: true }): Promise<Funded> {
    const { project = '', reward = '' } = await cast.makeProject('live')
    const common = { projectId: Number(project), addOns: [], shipTo: null, cardId: null }
    const results = await takePledges(sql, [
      {
        ...{ ...common, backerId: ada.id, key: `ada ${project}`, rewardId: Number(reward) },
        ...{ bonus: 0, anonymous: true, total: 2_500 },
      },
      {
        ...{ ...common, backerId: bob.id, key: `bob ${project}`, rewardId: null },
        ...{ bonus: 700, anonymous: false, total: 700 },
      },
    ])
    if (paid) {
      await sql`update projects set status = 'successful' where id = ${project}`
      await sql`update pledges set status = 'collected' where project_id = ${project}`
    }
    const [first = 0, second = 0] = results.map(({ pledgeId }) => Number(pledgeId))
    return { project, reward, pledges: { ada: first, bob: second } }
  }

  async function survey(): Promise<Funded> {
    const funded = await fund()
    await sent(cast.owner, `/projects/${funded.project}/survey/edit`, questions)
    await sent(cast.owner, `/projects/${funded.project}/survey/send`)
    return funded
  }
  return { site, cast, ada, bob, fund, survey }
}

export const questions = {
  ...{ wantsAddress: 'on', 'question-1': 'Which colour?', 'choices-1': 'Red\nBlue\n\nRed' },
  ...{ 'required-1': 'on', 'question-2': 'A word to engrave' },
}

export const elmStreet = {
  ...{ name: 'Ada Lovelace 🌻', line1: 'Elm Street 1', city: 'Lyon', postcode: '69001' },
  ...{ country: 'France', state: '', line2: '', phone: '+33 1' },
}

/** The number of Elm Street in somebody's address book, where it stands from now on. */
export async function addressOf(reader: Visitor): Promise<string> {
  await sent(reader, '/settings/addresses', elmStreet)
  const book = await page(reader, '/settings/addresses')
  const item = book.split('<li>').find((each) => each.includes('Elm Street 1'))
  return /\/settings\/addresses\/(\d+)"/.exec(item ?? '')?.[1] ?? ''
}

/** A page's HTML. */
export async function page(reader: Visitor, path: string): Promise<string> {
  const answer = await reader.get(path)
  expect(answer.status).toBe(200)
  return (await answer.text()).replaceAll('<!-- -->', '')
}

type Fields = Record<string, string>

/** Sends a form that is taken; returns where it leads. */
export async function sent(reader: Visitor, path: string, fields: Fields = {}): Promise<string> {
  const answer = await reader.post(path, fields)
  expect(answer.status).toBe(303)
  return answer.headers.get('location') ?? ''
}

/** Sends a form that comes back; returns its page. */
export async function refused(reader: Visitor, path: string, fields: Fields): Promise<string> {
  const answer = await reader.post(path, fields)
  expect(answer.status).toBe(422)
  return (await answer.text()).replaceAll('<!-- -->', '')
}
