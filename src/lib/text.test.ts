import { expect, test } from 'bun:test'
import { excerpt, formatCount, plural } from './text'

test('counts are grouped and take the right number', () => {
  expect(formatCount(12_345_678)).toBe('12,345,678')
  expect(plural(0, 'backer')).toBe('0 backers')
  expect(plural(1, 'backer')).toBe('1 backer')
  expect(plural(12_345, 'backer')).toBe('12,345 backers')
  expect(plural(2, 'person', 'people')).toBe('2 people')
})

test('an excerpt loses its marks and says when there was more', () => {
  const text = '## We are **nearly** there.\n\n- one\n- two'
  expect(excerpt(text, 100)).toBe('We are nearly there. one two')
  expect(excerpt(text, 4)).toBe('We are nearly there …')
  expect(excerpt(text, 6)).toBe('We are nearly there. one two')
  expect(excerpt('', 5)).toBe('')
  const links = 'See [our page](https://a.test/x?y=1) and ![a lamp](/images/0f/640.webp) [so far]'
  expect(excerpt(links, 100)).toBe('See our page and a lamp [so far]')
})
