import { expect, test } from 'bun:test'
import { slugify } from './slug'

test.each([
  ['Saltmarsh: a co-operative board game', 'saltmarsh-a-co-operative-board-game'],
  ['Île-de-France', 'ile-de-france'],
  ['Łódź', 'lodz'],
  ['Straße & Æther, Øre þing', 'strasse-aether-ore-thing'],
  ['Ana’s “quiet” book', 'anas-quiet-book'],
  ["Ana's book", 'anas-book'],
  ['  --Wow!!  ', 'wow'],
  ['東京', ''],
  ['', ''],
  ['../../etc/passwd?x=1#y', 'etc-passwd-x-1-y'],
])('%s becomes %s', (text, slug) => {
  expect(slugify(text)).toBe(slug)
})

test('a slug is cut at 60 characters and never ends in a hyphen', () => {
  expect(slugify('a'.repeat(80))).toBe('a'.repeat(60))
  expect(slugify(`${'a'.repeat(59)} b`)).toBe('a'.repeat(59))
})

test('a slug is its own slug', () => {
  for (const text of ['Île-de-France', 'Wow!! 12', 'Ana’s book']) {
    expect(slugify(slugify(text))).toBe(slugify(text))
  }
})
