import { expect, test } from 'bun:test'
import { suggest } from './suggest'

const commands = ['serve', 'seed', 'migrate', 'verify']

test.each([
  ['serv', 'serve'],
  ['srvee', 'serve'],
  ['sed', 'seed'],
  ['migrat', 'migrate'],
  ['verify', 'verify'],
])('%s was meant to be %s', (word, meant) => {
  expect(suggest(word, commands)).toBe(meant)
})

test.each(['dance', 'xyz', 'backup'])('%s is near to none', (word) => {
  expect(suggest(word, commands)).toBeUndefined()
})

test('without candidates there is no suggestion', () => {
  expect(suggest('serve', [])).toBeUndefined()
})
