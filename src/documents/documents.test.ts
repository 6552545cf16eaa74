import { expect, test } from 'bun:test'
import { existsSync, readFileSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { known } from '#commands/commands'
import { flagsOf, parseUsage } from '#commands/usage-text'
import { families } from '#observability/families'
import { settings } from '#settings'
import { guidesDirectory, readGuide, stepsOf } from '#testing/guides'

/** What stands in the documents, against the program. quickstart.test.ts types their commands. */

const root = resolve(guidesDirectory, '..', '..')
const names = [...new Bun.Glob('*.md').scanSync(guidesDirectory)].sort()

/** All the program's sources, with texts in one piece, and … for what is put into them. */
const sources = [...new Bun.Glob('src/**/*.{ts,tsx}').scanSync(root)]
  .filter((file) => !/\.test\.tsx?$|^src\/testing\//.test(file))
  .map((file) =>
    readFileSync(join(root, file), 'utf8')
      .replaceAll(/['"`]\s*\+\s*['"`]/g, '')
      .replaceAll(/\$\{[^{}]*\}/g, '…'),
  )
  .join('\n')

const title = /^### `(.*)`$/gm
/** Of what others say; a booted machine has them say it. */
const said = (text: string) => text.startsWith('connect() to ')

test('each error that is explained is one that the program can tell', () => {
  const titles = [...readGuide('TROUBLESHOOTING.md').matchAll(title)].map(([, text = '']) => text)
  expect(titles.length).toBeGreaterThan(20)
  const pattern = (text: string) => new RegExp(text.split('…').map(RegExp.escape).join('[^\n]*?'))
  const strangers = titles.filter((text) => !said(text) && !pattern(text).test(sources))
  expect(strangers).toEqual([])
  expect(pattern('Postgres refuses this visitor').test(sources)).toBe(false)
})

test('links lead somewhere', () => {
  const anchors = (text: string) =>
    [...text.matchAll(/^#+ (.*)$/gm)].map(([, heading = '']) =>
      heading
        .toLowerCase()
        .replaceAll(/[^\p{L}\p{N} _-]/gu, '')
        .replaceAll(' ', '-'),
    )
  for (const file of [
    ...names.map((name) => join(guidesDirectory, name)),
    join(root, 'README.md'),
  ]) {
    const text = readFileSync(file, 'utf8')
    const links = [...text.matchAll(/\]\((?!https?:)([^)#]*)(#[^)]*)?\)/g)]
    const dead = links.filter(([, path = '', anchor]) => {
      const target = path === '' ? file : join(dirname(file), path)
      if (!existsSync(target)) return true
      return (
        anchor !== undefined && !anchors(readFileSync(target, 'utf8')).includes(anchor.slice(1))
      )
    })
    expect({ file, dead: dead.map(([link]) => link) }).toEqual({ file, dead: [] })
  }
})

test.each(names)('%s names only commands, flags and settings that there are', (name) => {
  const text = readGuide(name)
  const scripts = stepsOf(text).map(({ script }) => script.replaceAll('\\\n', ' '))
  const quoted = [...text.matchAll(/`([^`\n]+)`/g)].map(([, code = '']) => code)
  const lines = [...scripts.join('\n').split('\n'), ...quoted]
  const calls = lines.flatMap((line) => [
    ...line.matchAll(/(?:^|-- |\/bin\/|[|&] )jumpstarter ([a-z][a-z-]*)([^|>&;]*)/g),
  ])
  const wrong = calls.flatMap(([call, verb = '', rest = '']) => {
    const usage = known[verb]?.usage
    if (usage === undefined) return [call]
    // Each instrument has flags of its own.
    if (verb === 'bench') return []
    const flags = flagsOf(parseUsage(usage)).map((flag) => `--${flag.name}`)
    return (rest.match(/(?<=\s)--[a-z-]+/g) ?? []).filter((flag) => !flags.includes(flag))
  })
  expect(wrong).toEqual([])
  const set =
    text.match(/\b(?:JUMPSTARTER|DATABASE|OTEL|STRIPE|SMTP|REDIS|PAYMENT)_[A-Z_]+\b/g) ?? []
  expect([...new Set(set)].filter((setting) => !(setting in settings))).toEqual([])
})

test('each figure that MONITORING.md names is told', () => {
  const suffixes = { counter: '_total', gauge: '', histogram: '', info: '_info' }
  const told = Object.entries(families).map(([name, { type }]) => `${name}${suffixes[type]}`)
  const table = readGuide('MONITORING.md').matchAll(/^\| `(\w+)`/gm)
  const figures = [...table].map(([, figure = '']) => figure)
  expect(figures.length).toBeGreaterThan(5)
  expect(figures.filter((figure) => !told.includes(figure))).toEqual([])
})
