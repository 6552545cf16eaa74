import { expect, test } from 'bun:test'
import {
  currencyExponent,
  formatMoney,
  formatWhole,
  parseMoney,
  percentFunded,
  plainAmount,
} from './money'

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

test.each([
  ['25', 'USD', 2_500],
  [' 007 ', 'USD', 700],
  ['1,000.50', 'USD', 100_050],
  ['1.000,50', 'EUR', 100_050],
  ['1 000 000,25', 'EUR', 100_000_025],
  ["1'000.50", 'CHF', 100_050],
  ['1000,5', 'USD', 100_050],
  ['12,345', 'USD', 1_234_500],
  ['1.000.000', 'USD', 100_000_000],
  ['12,345', 'JPY', 12_345],
  ['12.345', 'KWD', 12_345],
  ['1.234,567', 'KWD', 1_234_567],
  ['0.05', 'USD', 5],
])('%s typed for %s is %i minor units', (text, currency, minor) => {
  expect(parseMoney(text, currency)).toEqual({ minor })
})

test.each([
  ['', 'USD', 'Please give'],
  ['-1', 'USD', 'below zero'],
  ['−5', 'USD', 'below zero'],
  ['1e9', 'USD', 'digits 0 to 9'],
  ['Infinity', 'USD', 'digits 0 to 9'],
  ['0x10', 'USD', 'digits 0 to 9'],
  ['١٢', 'USD', 'digits 0 to 9'],
  ['$5', 'USD', 'digits 0 to 9'],
  ['.5', 'USD', 'digits 0 to 9'],
  ['12.345', 'USD', 'for certain'],
  ['12,345', 'KWD', 'for certain'],
  ['1,00,000', 'USD', 'for certain'],
  ['1.2.3', 'USD', 'for certain'],
  ['100.', 'USD', 'for certain'],
  ['100.5', 'JPY', 'whole numbers'],
  ['1,234.567', 'USD', '2 digits after the point'],
  ['12.3456', 'KWD', '3 digits after the point'],
  ['9'.repeat(16), 'USD', 'larger than'],
])('%s typed for %s is refused: %s', (text, currency, problem) => {
  expect(parseMoney(text, currency).problem).toContain(problem)
})

test.each([
  [123_450, 'USD', '1234.50'],
  [120_000, 'USD', '1200'],
  [5, 'USD', '0.05'],
  [1_500, 'JPY', '1500'],
  [1_001, 'KWD', '1.001'],
])('%i minor units of %s stand in a form as %s, and are read from it', (minor, currency, text) => {
  expect(plainAmount(minor, currency)).toBe(text)
  expect(parseMoney(text, currency)).toEqual({ minor })
})
