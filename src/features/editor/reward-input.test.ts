import { afterAll, beforeAll, beforeEach, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestApp, testApp } from '#testing/app'
import { type Cast, makeCast } from '#testing/cast'
import type { Visitor } from '#testing/visitor'

// What somebody may type into the form of a reward, and what is said of all else.

setDefaultTimeout(60_000)

let site: TestApp
let cast: Cast
let owner: Visitor
beforeAll(async () => {
  site = await testApp()
  cast = await makeCast(site)
  owner = cast.owner
})
afterAll(() => site.close(), 30_000)

let project: number
beforeEach(async () => {
  project = Number((await cast.makeProject('draft'))['project'])
})

const root = () => `/projects/${project}/edit/rewards`
const newPath = () => `/projects/${project}/edit/new-reward`
const rewards = async () => [
  ...(await site.db.$client`
    select id, name, amount from rewards where project_id = ${project} order by position`),
]
const names = async () => (await rewards()).map((row) => row['name'] as string)
const typed = {
  ...{ kind: 'reward', amount: '25', name: 'A lamp', description: 'Folded by hand.' },
  ...{ deliveryMonth: '2041-03', shipsTo: 'nobody' },
}
/** The draft of the cast is of version 1, and each save raises it. */
const save = async (fields: Record<string, string>, version = '1') =>
  owner.post(newPath(), { version, ...typed, ...fields })

test.each([
  ['amount', { amount: '' }, 'Please give an amount.'],
  ['amount', { amount: '12.345' }, 'Cannot be read for certain'],
  ['amount', { amount: '-1' }, 'below zero'],
  ['amount', { amount: '1e9' }, 'digits 0 to 9'],
  ['amount', { amount: '٢٥' }, 'digits 0 to 9'],
  ['amount', { amount: '0.99' }, 'Must be $1 or more.'],
  ['amount', { amount: '10000.01' }, 'May be $10,000 at most.'],
  ['name', { name: ' \u0007 ' }, 'Please give it a name.'],
  ['name', { name: 'x'.repeat(51) }, 'May have 50 characters at most.'],
  ['description', { description: '' }, 'Please say what it is.'],
  ['description', { description: 'x'.repeat(1_001) }, 'May have 1000 characters at most.'],
  ['kind', { kind: 'both' }, 'Must be one of the two.'],
  ['quantity', { quantity: '0' }, 'Must be at least 1.'],
  ['quantity', { quantity: '1.5' }, 'Must be a whole number'],
  ['quantity', { quantity: '1000001' }, 'May be 1000000 at most.'],
  ['perBackerMax', { perBackerMax: '11' }, 'May be 10 at most.'],
  ['opensAt', { opensAt: '2040-02-31T10:00' }, 'Is not a moment'],
  ['opensAt', { opensAt: '2099-01-01T10:00' }, '10 years from now'],
  [
    'closesAt',
    { opensAt: '2040-06-02T10:00', closesAt: '2040-06-02T10:00' },
    'Must be after it opens.',
  ],
  ['deliveryMonth', { deliveryMonth: '' }, 'Please choose a month'],
  ['deliveryMonth', { deliveryMonth: '2040-04' }, 'Please choose a month'],
  ['deliveryMonth', { deliveryMonth: 'soon' }, 'Please choose a month'],
  ['shipsTo', { shipsTo: 'mars' }, 'Please choose one.'],
  ['countries', { shipsTo: 'some' }, 'Please name at least one country.'],
  [
    'country-1',
    { shipsTo: 'some', 'country-1': 'Atlantis', 'country-1-number': '3' },
    'no country',
  ],
  ['country-2-number', { shipsTo: 'some', 'country-2': 'Germany' }, 'Please give an amount.'],
  [
    'country-2',
    {
      ...{ shipsTo: 'some', 'country-1': 'de', 'country-1-number': '1' },
      ...{ 'country-2': 'Germany', 'country-2-number': '2' },
    },
    'Is in the list already.',
  ],
  ['worldPrice', { shipsTo: 'anywhere' }, 'Please give an amount.'],
  ['item-1', { 'item-1-number': '2' }, 'Please give it a name'],
  ['item-1', { 'item-1': 'x'.repeat(81) }, 'May have 80 characters at most.'],
  ['item-1-number', { 'item-1': 'Lamp', 'item-1-number': '0' }, 'Must be at least 1.'],
  ['version', { version: 'x' }, ''],
])('what is wrong with %s is said, and nothing typed is lost: %j', async (field, wrong, said) => {
  const answer = await save({ description: 'Kept <as> typed', ...(wrong as object) })
  const page = await answer.text()
  expect(answer.status).toBe(422)
  expect(page).toContain(said)
  expect(page).toContain('Nothing is saved yet: 1 thing')
  if (field !== 'description') expect(page).toContain('Kept &lt;as&gt; typed')
  if (field === 'name') expect(page).not.toContain('\u0007')
  expect(await names()).toEqual(['One lamp'])
})

test('all that is wrong is said at once', async () => {
  const page = await (await save({ amount: 'x', name: '', shipsTo: 'some' })).text()
  for (const said of ['digits 0 to 9', 'Please give it a name', 'name at least one country']) {
    expect(page).toContain(said)
  }
})

test('too many items, countries and rewards are refused', async () => {
  const many = (kind: string, count: number) =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`${kind}-${index + 1}`, 'France']),
    )
  expect(await (await save(many('item', 21))).text()).toContain('There may be 20 at most.')
  const some = { shipsTo: 'some', ...many('country', 31) }
  expect(await (await save(some)).text()).toContain('There may be 30 at most.')
  await site.db.$client`
    insert into rewards (project_id, position, amount, name, description, delivery_month, ships_to)
    select ${project}, 1 + n, 100, 'R' || n, '', '2041-01-01', 'nobody' from generate_series(1, 49) n`
  const answer = await save({})
  expect([answer.status, await answer.text()]).toEqual([
    422,
    expect.stringContaining('A project has 50 rewards at most.'),
  ])
})

test.each([
  ['JPY', '1500', '1500', '99'],
  ['KWD', '12.345', '12345', '0.299'],
])('amounts are %s', async (currency, amount, minor, tooLittle) => {
  await site.db.$client`update projects set currency = ${currency} where id = ${project}`
  expect((await save({ amount })).status).toBe(303)
  const [, added] = await rewards()
  expect(added).toMatchObject({ amount: minor })
  expect(await (await owner.get(`${root()}/${added?.['id']}`)).text()).toContain(
    `value="${amount}"`,
  )
  expect((await save({ amount: tooLittle }, '2')).status).toBe(422)
  if (currency === 'JPY') expect((await save({ amount: '1500.5' }, '2')).status).toBe(422)
})

test('without a script, a button gives more rows and keeps what was typed', async () => {
  const answer = await save({ name: '', 'item-3': 'Third', more: 'item' })
  const page = await answer.text()
  expect(answer.status).toBe(200)
  expect(page).toContain('value="Third"')
  expect(page).toContain('name="item-6"')
  expect(page).not.toContain('name="item-7"')
  expect(page).not.toContain('field-error')
})
