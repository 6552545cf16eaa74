import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { tokenPrefix } from '#db/access-tokens'
import { hashToken, newToken } from '#lib/tokens'
import { type TestApp, testApp } from '#testing/app'
import { type Cast, makeCast, program } from '#testing/cast'
import { draw, kinds } from '#testing/pictures'

setDefaultTimeout(60_000)

let site: TestApp
let cast: Cast
let token: string
let owner: Awaited<ReturnType<typeof program>>
beforeAll(async () => {
  site = await testApp()
  cast = await makeCast(site)
  owner = await program(site, cast.owner.id, ['read', 'write', 'projects'])
  token = tokenPrefix + newToken().token
  await site.db.$client`
    insert into access_tokens (token_hash, person_id, name, scopes, expires_at)
    values (${Buffer.from(hashToken(token))}, ${cast.owner.id}, 'Pictures', '{write}',
      now() + interval '1 day')`
})
afterAll(() => site.close(), 30_000)
beforeEach(async () => {
  await site.db.$client`delete from rate_limits`
})

type Json = Record<string, unknown>
const jsonOf = async (answer: Response) => (await answer.json()) as Json

async function upload(
  body: Uint8Array<ArrayBuffer> | string | undefined,
  type = 'application/octet-stream',
) {
  const headers = { authorization: `Bearer ${token}`, 'content-type': type }
  const answer = await site.get('/api/v1/images', {
    method: 'POST',
    headers,
    ...(body === undefined ? {} : { body }),
  })
  return { ...(await jsonOf(answer)), status: answer.status } as Json
}

test.each(kinds)(
  'a picture as %s is taken as the body, whatever it is declared as',
  async (kind) => {
    const picture = await draw(kind, [200, 100])
    const { status, image, ...rest } = await upload(picture, 'image/svg+xml')
    expect([status, image]).toEqual([201, expect.stringMatching(/^[0-9a-f]{32}$/)])
    expect(rest).toEqual({
      url: `http://localhost:3000/images/${image}/1024.webp`,
      ...{ width: 200, height: 100 },
      markdown: `![](/images/${image}/1024.webp "200x100")`,
    })
    expect((await site.get(`/images/${image}/160.webp`)).status).toBe(200)
  },
)

test('what the page refuses is refused, with the same words and limits', async () => {
  for (const [body, status, said] of [
    ['<svg xmlns="http://www.w3.org/2000/svg"/>', 422, 'This is an SVG.'],
    ['{"a":1}', 422, ''],
    [undefined, 422, ''],
    [new Uint8Array(10_000_001), 422, ''],
    [new Uint8Array(17 * 1024 * 1024), 413, ''],
  ] as const) {
    const answer = await upload(body)
    expect([answer['status'], String(answer['detail']).includes(said)]).toEqual([status, true])
  }
  const statuses: unknown[] = []
  for (let count = 0; count < 61; count++) statuses.push((await upload('no'))['status'])
  expect(statuses.slice(-2)).toContain(429)
})

test('it is shown beside a name, by a project and by a reward', async () => {
  const { image } = await upload(await draw('png', [300, 200]))
  const { project = '', reward } = await cast.makeProject('draft')
  const at = `/projects/${project}/draft`
  expect((await owner('PUT', '/me/picture', { image })).status).toBe(204)
  const texts = { title: 'A lamp', description: 'It folds.', subcategory: 'games/tabletop' }
  const place = { city: 'Bergen', state: 'Vestland', country: 'Norway' }
  const basics = { ...texts, ...place, tags: [] }
  const saved = await owner('PUT', `${at}/basics`, { version: 1, ...basics, image })
  expect([saved.status, await saved.text()]).toEqual([200, expect.anything()])
  const terms = {
    ...{ name: 'One lamp', description: 'Folded.', amount: 2_500, shipsTo: 'nobody' },
    deliveryMonth: '2040-12',
  }
  const put = (body: object) => owner('PUT', `${at}/rewards/${reward}`, { ...terms, ...body })
  const unseen = await put({ version: 2, image })
  expect([unseen.status, (await jsonOf(unseen))['field']]).toEqual([422, 'imageAlt'])
  expect((await put({ version: 2, image, imageAlt: ' A  lamp ' })).status).toBe(204)
  // What is not said stays.
  expect((await put({ version: 3 })).status).toBe(204)
  expect((await owner('PUT', `${at}/basics`, { version: 4, ...basics })).status).toBe(200)
  const draft = await jsonOf(await owner('GET', at))
  const [drafted] = draft['rewards'] as Json[]
  expect([draft['image'], drafted?.['image'], drafted?.['imageAlt']]).toEqual([
    ...[image, image, 'A lamp'],
  ])
  const me = await jsonOf(await owner('GET', `/people/${cast.owner.id}`))
  expect(me['picture']).toContain(image)

  const none = '0'.repeat(32)
  for (const [method, path, body] of [
    ['PUT', '/me/picture', { image: none }],
    ['PUT', '/me/picture', { image: '../x' }],
    ['PUT', `${at}/basics`, { version: 5, ...basics, image: none }],
    ['PUT', `${at}/rewards/${reward}`, { version: 5, ...terms, image: none }],
  ] as const) {
    const answer = await owner(method, path, body)
    expect([path, answer.status, (await jsonOf(answer))['field']]).toEqual([path, 422, 'image'])
  }
  expect((await owner('PUT', '/me/picture', { image: null })).status).toBe(204)
  expect((await put({ version: 5, image: null, imageAlt: '' })).status).toBe(204)
  const [row] = await site.db.$client`
    select p.image as own, r.image as reward from people p, rewards r
    where p.id = ${cast.owner.id} and r.id = ${reward ?? 0}`
  expect(row).toEqual({ own: null, reward: null } as never)
})
