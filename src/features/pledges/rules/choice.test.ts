import { describe, expect, test } from 'bun:test'
import { loadConfig } from '#config'
import type { Reward } from '#features/projects/reads/rewards'
import { addOnField, choiceFields, type Offer, quoteOf, readChoice, shareOut } from './choice'

const reward = (given: Partial<Reward>): Reward => ({
  ...{ id: 1, amount: 2_000, name: 'A lamp', description: '', deliveryMonth: '2041-01-01' },
  ...{ shipsTo: 'nobody', quantity: null, opensAt: null, closesAt: null, backersCount: 0 },
  ...{ heldCount: 0, heldUntil: null, isAddOn: false, perBackerMax: null, image: null },
  ...{ imageAlt: '', items: [], shipping: [] },
  ...given,
})

const shipping = [
  { country: 'Germany', price: 450 },
  { country: 'Rest of the world', price: 1_200 },
]
const offer: Offer = {
  currency: 'USD',
  rewards: [
    reward({}),
    reward({ id: 2, name: 'A box', amount: 3_000, shipsTo: 'anywhere', shipping }),
    reward({ id: 3, name: 'A bulb', amount: 250, isAddOn: true, perBackerMax: 3 }),
  ],
}

function quote(values: Record<string, string>, given: Offer = offer) {
  const { choice, errors } = readChoice(values, given)
  const { lines, total, errors: wrong } = quoteOf(choice, given)
  return { choice, lines, total, errors: { ...wrong, ...errors } }
}

test('every line of a choice is told, and they sum to the total', () => {
  const values = { reward: '2', [addOnField(3)]: '2', country: 'germany', bonus: '1.25' }
  const { choice, lines, total, errors } = quote(values)
  expect(errors).toEqual({})
  expect(lines).toEqual([
    { label: 'A box', amount: 3_000 },
    { label: '2 × A bulb', amount: 500 },
    { label: 'Shipping to Germany', amount: 450 },
    { label: 'Bonus', amount: 125 },
  ])
  expect(total).toBe(4_075)
  // As it is carried from step to step.
  expect(readChoice(choiceFields(choice, 'USD'), offer)).toEqual({ choice, errors: {} })
})

test('where there is no price for a country, it is that of the rest of the world', () => {
  expect(quote({ reward: '2', country: 'Japan' }).total).toBe(4_200)
})

test.each<[string, Record<string, string>, string, string]>([
  ['nothing at all', {}, 'bonus', 'A pledge is $1 at least.'],
  ['zero', { bonus: '0' }, 'bonus', 'A pledge is $1 at least.'],
  ['less than the least', { bonus: '0.99' }, 'bonus', 'A pledge is $1 at least.'],
  ['below zero', { bonus: '-5' }, 'bonus', 'Must not be below zero.'],
  ['below zero on top', { reward: '1', bonus: '-5' }, 'bonus', 'Must not be below zero.'],
  ['too much', { bonus: '10000.01' }, 'bonus', 'A pledge is $10,000 at most.'],
  ['far too much', { bonus: '9'.repeat(20) }, 'bonus', 'Is larger than any amount here.'],
  ['parts of a cent', { bonus: '5.005' }, 'bonus', 'Cannot be read for certain'],
  ['more parts of a cent', { bonus: '5.0005' }, 'bonus', 'May have 2 digits after the point.'],
  ['words', { bonus: 'five' }, 'bonus', 'Is not an amount'],
  ['exponents', { bonus: '1e3' }, 'bonus', 'Is not an amount'],
  ['a reward of another project', { reward: '99' }, 'reward', 'There is no such reward.'],
  ['an add-on as a reward', { reward: '3' }, 'reward', 'There is no such reward.'],
  ['no country', { reward: '2' }, 'country', 'Please choose where it is to be shipped.'],
  ['a country that is none', { reward: '2', country: 'Atlantis' }, 'country', 'does not ship to'],
  ['the rest of the world', { reward: '2', country: 'Rest of the world' }, 'country', 'not ship'],
  ['too many', { reward: '1', 'add-3': '4' }, 'add-3', 'You may take 3 at most.'],
  ['half of one', { reward: '1', 'add-3': '0.5' }, 'add-3', 'Must be a whole number.'],
  ['less than none', { reward: '1', 'add-3': '-1' }, 'add-3', 'Must be a whole number.'],
])('%s cannot be pledged', (_, values, field, message) => {
  expect(quote(values).errors[field]).toContain(message)
})

test('an add-on without a reward is no part of it', () => {
  expect(quote({ bonus: '5', 'add-3': '2' }).lines).toEqual([{ label: 'Pledge', amount: 500 }])
})

describe('in other currencies', () => {
  const alone = (currency: string): Offer => ({ currency, rewards: [] })
  test.each<[string, string, number]>([
    ['JPY', '500', 500],
    ['JPY', '1,000', 1_000],
    ['KWD', '1.250', 1_250],
    ['KWD', '1.25', 1_250],
    ['EUR', '7,50', 750],
  ])('%s %s is %i of the smallest', (currency, bonus, total) => {
    expect(quote({ bonus }, alone(currency))).toMatchObject({ total, errors: {} })
  })
  test.each<[string, string, string]>([
    ['JPY', '500.5', 'Has no place for a fraction'],
    ['JPY', '99', 'A pledge is ¥100 at least.'],
    ['JPY', '1000001', 'A pledge is ¥1,000,000 at most.'],
    ['KWD', '1.2505', 'May have 3 digits after the point.'],
    ['KWD', '0.299', 'at least.'],
  ])('%s %s cannot be pledged', (currency, bonus, message) => {
    expect(quote({ bonus }, alone(currency)).errors['bonus']).toContain(message)
  })
})

test('the shares of a total sum to it, and nobody’s is below nothing', () => {
  const { fees } = loadConfig({}, {})
  for (const currency of ['USD', 'JPY', 'KWD', 'KRW']) {
    for (let total = 1; total < 3_000_000; total = Math.ceil(total * 1.37)) {
      const { creator, platform, processing } = shareOut(total, currency, fees)
      expect(creator + platform + processing).toBe(total)
      expect(Math.min(creator, platform, processing)).toBeGreaterThanOrEqual(0)
    }
  }
})
