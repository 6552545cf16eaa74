import { expect, test } from 'bun:test'
import { places } from '#seed/words/places'
import { countries, countryNamed } from './countries'

test('every country of a place is one', () => {
  expect(places.map(({ country }) => country).filter((name) => !countries.includes(name))).toEqual(
    [],
  )
  expect(new Set(countries).size).toBe(250)
})

test.each([
  ['germany', 'Germany'],
  [' Cote d’Ivoire ', 'Côte d’Ivoire'],
  ["Côte d'Ivoire", 'Côte d’Ivoire'],
  ['de', 'Germany'],
  ['UK', 'United Kingdom'],
  ['Hong Kong', 'Hong Kong'],
  ['Atlantis', undefined],
  ['', undefined],
  ['constructor', undefined],
])('%s is %s', (typed, name) => {
  expect(countryNamed(typed)).toBe(name)
})
