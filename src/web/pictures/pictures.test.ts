import { describe, expect, setDefaultTimeout, test } from 'bun:test'
import { avatar } from './avatar.ts'
import { projectPicture } from './project-picture.ts'

// For a machine that is busy with other things.
setDefaultTimeout(60_000)

const categories = [
  'art',
  'comics',
  'crafts',
  'dance',
  'design',
  'fashion',
  'film',
  'food',
  'games',
  'journalism',
  'music',
  'photography',
  'publishing',
  'technology',
  'theater',
]
const NAMESPACE = 'xmlns="http://www.w3.org/2000/svg"'

/** The first thing wrong with a document's tags, attributes or text; undefined if well-formed. */
function fault(svg: string): string | undefined {
  const open: string[] = []
  let end = 0
  for (const match of svg.matchAll(/<(\/?)([a-zA-Z]+)((?: [a-zA-Z-]+="[^"<>&]*")*)(\/?)>/g)) {
    if (match.index !== end) return `text or a broken tag before ${match[0]}`
    end = match.index + match[0].length
    const [, closes, name = '', attributes = '', empty] = match
    const names = [...attributes.matchAll(/ ([a-zA-Z-]+)=/g)].map((found) => found[1])
    if (new Set(names).size !== names.length) return `a repeated attribute in ${match[0]}`
    if (closes && open.pop() !== name) return `an unexpected ${match[0]}`
    if (!closes && !empty) open.push(name)
    if (open.length === 0 && end !== svg.length) return 'something after the root element'
  }
  return end === svg.length && open.length === 0 ? undefined : 'an unfinished document'
}

/** Expects a sound document: drawn whole, with no reference to anything outside it. */
function expectSound(svg: string, limit: number): void {
  expect(fault(svg)).toBeUndefined()
  expect(Buffer.byteLength(svg)).toBeLessThanOrEqual(limit)
  expect(svg).toContain(NAMESPACE)
  expect(svg.replace(NAMESPACE, '')).not.toMatch(/NaN|undefined|null|Infinity|http|<text|<script/)
  const ids = [...svg.matchAll(/ id="([^"]+)"/g)].map((match) => match[1])
  const uses = [...svg.matchAll(/(?:url\(#|href="#)([^")]+)/g)].map((match) => match[1])
  expect(new Set(ids).size).toBe(ids.length)
  expect(uses.filter((id) => !ids.includes(id))).toEqual([])
}

describe('projectPicture', () => {
  test.each(categories)('%s: every picture is sound, small and its own', (category) => {
    const pictures = new Set<string>()
    for (let id = 1; id <= 2000; id++) {
      const svg = projectPicture(category, id)
      expectSound(svg, 5120)
      pictures.add(svg)
    }
    expect(pictures.size).toBeGreaterThanOrEqual(1990)
  })

  test('is the same for the same input', () => {
    for (const category of categories) {
      expect(projectPicture(category, 7)).toBe(projectPicture(category, 7))
    }
  })

  test('differs between categories', () => {
    expect(new Set(categories.map((category) => projectPicture(category, 7))).size).toBe(15)
  })

  test('has the shape that pages rely on', () => {
    const svg = projectPicture('games', 1)
    expect(svg).toStartWith(`<svg ${NAMESPACE} viewBox="0 0 640 360" `)
    expect(svg).toContain('preserveAspectRatio="xMidYMid slice"')
  })

  test.each(['', 'unknown', '"><script>', '__proto__'])('draws the category %p too', (category) => {
    for (const id of [0, -1, 2 ** 31, Number.MAX_SAFE_INTEGER]) {
      expectSound(projectPicture(category, id), 5120)
    }
  })
})

describe('avatar', () => {
  test('every avatar is sound and small, and few are alike', () => {
    const avatars = new Set<string>()
    for (let id = 1; id <= 5000; id++) {
      const svg = avatar(id)
      expectSound(svg, 1536)
      avatars.add(svg)
    }
    expect(avatars.size).toBeGreaterThanOrEqual(4950)
  })

  test('is the same for the same person', () => {
    expect(avatar(42)).toBe(avatar(42))
    expect(avatar(42)).toStartWith(`<svg ${NAMESPACE} viewBox="0 0 80 80"`)
  })
})
