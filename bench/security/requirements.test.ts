import { expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { requirements } from './requirements'

const root = resolve(import.meta.dir, '..', '..')

/** How a test of this name is begun in a text: `test`, `test.each`, `describe.skip`; none is ''. */
function beginningOf(text: string, name: string): string {
  const at = ["'", '"', '`'].map((quote) => text.indexOf(`${quote}${name}${quote},`))
  const found = Math.max(...at)
  if (found === -1) return ''
  const calls = [...text.slice(0, found).matchAll(/\b(?:test|describe)(?:\.\w+)*(?=[(<])/g)]
  return calls.at(-1)?.[0] ?? ''
}

test.each(requirements.map((each) => [each.asvs, each] as const))(
  '%s is shown by tests that are there and run',
  (_, { tests, control }) => {
    expect(tests.length).toBeGreaterThan(0)
    expect(control).toMatch(/^\S.*[^.]$/)
    const wrong = tests.filter(([file, name]) => {
      const path = join(root, file)
      const text = existsSync(path) ? readFileSync(path, 'utf8') : ''
      // One that may be left out on some machine shows nothing there.
      return !/^(test|describe)(\.each)?$/.test(beginningOf(text, name))
    })
    expect(wrong.map((each) => each.join(': '))).toEqual([])
  },
)

test('what is gone or left out would be seen', () => {
  const text = `test('a', () => {})\ntest.skip('b', () => {})\ndescribe.if(x)('c', () => {})
    test.each([1])('d', () => {})`
  expect(['a', 'b', 'c', 'd', 'e'].map((name) => beginningOf(text, name))).toEqual([
    ...['test', 'test.skip', 'describe.if', 'test.each', ''],
  ])
})
