import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { takePledges } from '#features/pledges/writes/take-pledges'
import { type TestApp, testApp } from '#testing/app'
import { type Cast, type Member, makeCast, program, signedIn } from '#testing/cast'

setDefaultTimeout(60_000)

let site: TestApp
let cast: Cast
let ada: Member
beforeAll(async () => {
  site = await testApp()
  cast = await makeCast(site)
  ada = await signedIn(site, 'Ada Backer')
})
afterAll(() => site.close(), 30_000)

const json = async <
  Body = { field?: string; data?: object; id?: number; marked?: number; isFinished?: boolean },
>(
  answer: Response | Promise<Response>,
) => (await (await answer).json()) as Body

test('a program asks, a program answers, and the parcel is on its way', async () => {
  const made = await cast.makeProject('live')
  const project = Number(made['project'])
  const [taken] = await takePledges(site.db.$client, [
    {
      ...{ projectId: project, backerId: ada.id, key: 'ada', rewardId: Number(made['reward']) },
      ...{ addOns: [], bonus: 100, shipTo: null, anonymous: true, total: 2_600, cardId: null },
    },
  ])
  const pledge = Number(taken?.pledgeId)
  await site.db.$client`update projects set status = 'successful' where id = ${project}`
  await site.db.$client`update pledges set status = 'collected' where project_id = ${project}`
  const creator = await program(site, cast.owner.id, ['projects'])
  const backer = await program(site, ada.id, ['read', 'write'])
  const at = `/projects/${project}`

  const asked = [{ question: 'Which colour?', choices: ['Red', 'Blue'], isRequired: true }]
  const wrong = [{ question: 'Why?' }, { question: 'Which?', choices: ['One'] }]
  const refused = await creator('PUT', `${at}/survey`, { questions: wrong })
  expect(refused.status).toBe(422)
  expect(await refused.json()).toMatchObject({ field: 'questions.1.choices' })
  expect((await creator('PUT', `${at}/survey`, { questions: asked })).status).toBe(204)
  expect(await json(backer('GET', `${at}/own-reward`))).toMatchObject({ survey: null })
  expect((await creator('POST', `${at}/send-survey`)).status).toBe(204)

  const own = await json(backer('GET', `${at}/own-reward`))
  expect(own).toMatchObject({
    ...{ reward: 'One lamp', fulfilment: 'none', answeredAt: null, answers: {}, address: null },
    survey: { questions: [{ id: '1', ...asked[0] }], wantsAddress: true, lockedAt: null },
  })
  const elmStreet = { name: 'Ada', line1: 'Elm Street 1', city: 'Lyon', country: 'fr' }
  const nowhere = await backer('POST', '/me/addresses', { ...elmStreet, country: 'Atlantis' })
  expect([nowhere.status, (await json(nowhere)).field]).toEqual([422, 'country'])
  const { id } = await json<{ id: number }>(backer('POST', '/me/addresses', elmStreet))
  expect(await json(backer('POST', '/me/addresses', elmStreet))).toEqual({ id })
  const book = await json(backer('GET', '/me/addresses'))
  expect(book.data).toMatchObject([{ id, country: 'France', isDefault: true }])

  const answer = (answers: object, address?: number) =>
    backer('PUT', `${at}/answers`, { answers, ...(address ? { address } : {}) })
  expect(await json(answer({ '1': 'Green' }, id))).toMatchObject({ field: 'answers.1' })
  expect(await json(answer({ '1': 'Red' }))).toMatchObject({ field: 'address' })
  expect(await json(answer({ '1': 'Red' }, id + 1))).toMatchObject({ field: 'address' })
  expect((await answer({ '1': 'Red' }, id)).status).toBe(204)
  expect((await creator('POST', `${at}/lock-survey`)).status).toBe(204)
  expect((await answer({ '1': 'Blue' }, id)).status).toBe(409)

  const list = async (query = '') =>
    (await json(creator('GET', `${at}/backer-report${query}`))).data
  expect(await list('?answered=yes&country=france')).toEqual([])
  expect(await list('?answered=yes')).toMatchObject([
    {
      ...{ pledge, name: 'Ada Backer', anonymous: true, reward: 'One lamp', fulfilment: 'none' },
      ...{ amount: { amount: 2_600, currency: 'USD' }, bonus: { amount: 100, currency: 'USD' } },
      ...{ answers: { '1': 'Red' }, address: { line1: 'Elm Street 1', country: 'France' } },
    },
  ])
  const counting = await program(site, cast.helperWith('numbers').id, ['projects'])
  const counted = await json(counting('GET', `${at}/backer-report`))
  expect(counted.data).toMatchObject([{ pledge, name: null, answers: null, address: null }])

  const mark = async (body: object) => await json(creator('POST', `${at}/mark-backers`, body))
  expect(await mark({ status: 'preparing', pledges: [pledge, pledge + 1] })).toEqual({
    marked: 1,
    isFinished: true,
  })
  const filter = { reward: Number(made['reward']), fulfilment: 'preparing' }
  expect(await mark({ status: 'sent', filter })).toEqual({ marked: 1, isFinished: true })
  expect(await mark({ status: 'received', pledges: [pledge] })).toMatchObject({ status: 422 })
  const sent = { status: 'sent', tracking: 'https://carrier.example/1' }
  expect((await creator('PUT', `${at}/fulfilments/${pledge}`, sent)).status).toBe(204)
  expect((await creator('PUT', `${at}/fulfilments/${pledge + 1}`, sent)).status).toBe(404)
  expect(await json(backer('GET', `${at}/own-reward`))).toMatchObject({
    ...{ fulfilment: 'sent', tracking: 'https://carrier.example/1' },
  })
  expect((await backer('PUT', `${at}/received`)).status).toBe(204)
  expect(await list('?fulfilment=received')).toHaveLength(1)
})

test('a draft can be thrown away after a program has marked its backers, of whom there are none', async () => {
  const { project } = await cast.makeProject('draft')
  const creator = await program(site, cast.owner.id, ['projects'])
  const every = { status: 'sent', filter: {} }
  expect((await creator('POST', `/projects/${project}/mark-backers`, every)).status).toBe(200)
  expect((await creator('DELETE', `/projects/${project}/draft`)).status).toBe(204)
})
