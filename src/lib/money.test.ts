import { expect, test } from 'bun:test'
import { currencyExponent, formatMoney, formatWhole, percentFunded } from './money'

// Intl puts a no-break space after a currency that has no sign of its own.
const kwd = (amount: string) => `KWD\u00a0${amount}`

test.each([
  ['USD', 2],
  ['JPY', 0],
  ['KWD', 3],
])('%s has %i digits after the point', (currency, digits) => {
  expect(currencyExponent(currency)).toBe(digits)
})

test.each([
  [0, 'USD', '$0'],
  [1, 'USD', '$0.01'],
  [123_450, 'USD', '$1,234.50'],
  [120_000, 'USD', '$1,200'],
  [1_200, 'JPY', '¥1,200'],
  [1, 'JPY', '¥1'],
  [1_234_567, 'KWD', kwd('1,234.567')],
  [1_234_500, 'KWD', kwd('1,234.500')],
  [1_000, 'KWD', kwd('1')],
  [Number.MAX_SAFE_INTEGER, 'USD', '$90,071,992,547,409.91'],
])('%i minor units of %s are %s', (minor, currency, text) => {
  expect(formatMoney(minor, currency)).toBe(text)
})

test.each([
  [199, 'USD', '$1'],
  [99, 'USD', '$0'],
  [123_456_789, 'USD', '$1,234,567'],
  [5_999, 'JPY', '¥5,999'],
  [5_999, 'KWD', kwd('5')],
])('a total of %i %s is never rounded up: %s', (minor, currency, text) => {
  expect(formatWhole(minor, currency)).toBe(text)
})

test.each([
  [0, 100_000, 0],
  [99_999, 100_000, 99],
  [100_000, 100_000, 100],
  [1_250_000, 100_000, 1250],
  [Number.MAX_SAFE_INTEGER, Number.MAX_SAFE_INTEGER, 100],
])('%i of %i is %i %%', (pledged, goal, percent) => {
  expect(percentFunded(pledged, goal)).toBe(percent)
})
