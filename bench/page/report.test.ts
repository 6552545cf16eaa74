import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import type { Browser } from 'playwright-core'
import { launchBrowser } from '#testing/browser'
import { writePage } from './report'

setDefaultTimeout(60_000)

const results = resolve(import.meta.dir, '..', 'results')
const names = readdirSync(results).filter((name) => name.endsWith('.json'))
const directory = mkdtempSync(join(tmpdir(), 'jumpstarter-page-'))
afterAll(() => rmSync(directory, { recursive: true, force: true }))

const committed = (name: string) => JSON.parse(readFileSync(join(results, name), 'utf8'))
let made = 0

/** A directory with these results, each as its file is to be. */
async function directoryOf(files: Record<string, unknown>): Promise<string> {
  const own = join(directory, `${made++}`)
  for (const [name, content] of Object.entries(files)) {
    const text = typeof content === 'string' ? content : JSON.stringify(content)
    await Bun.write(join(own, name), text)
  }
  return own
}

const pageOf = async (files: Record<string, unknown>) => {
  const own = await directoryOf(files)
  await writePage(own, join(own, 'report.html'))
  return readFileSync(join(own, 'report.html'), 'utf8')
}

const text = (html: string) =>
  html.replaceAll(/<style>.*?<\/style>/gs, '').replaceAll(/<[^>]+>/g, ' ')

describe('the page of the committed results', () => {
  const own = join(directory, 'committed')
  let paths: string[]
  let html: string
  let browser: Browser
  beforeAll(async () => {
    cpSync(results, own, { recursive: true })
    paths = await writePage(own, join(own, 'report.html'))
    html = readFileSync(join(own, 'report.html'), 'utf8')
    browser = await launchBrowser()
  })
  afterAll(() => browser.close())

  test('has a section and an SVG of each bench, and says how it was measured', () => {
    for (const name of names) {
      const { bench, command, commit, notes = [] } = committed(name)
      expect(html).toContain(`<section id="${bench}">`)
      expect(html).toContain(`<code>${command}</code>`)
      expect(html).toContain(commit)
      for (const note of notes) expect(html).toContain(note.split(/[`"'&<>]/)[0])
      expect(paths).toContain(join(own, `${bench}.svg`))
      expect(readFileSync(join(own, `${bench}.svg`), 'utf8')).toContain('role="img"')
    }
  })

  test('has the figures of 2018, what we measured, and each budget with its verdict', () => {
    const words = text(html)
    const query = committed('queries.json').rows.find(
      (row: { id: string }) => row.id === 'category-count',
    )
    expect(words).toContain('2018: 2,531 ms')
    expect(words).toContain(String(query.after_hot_ms))
    const judged = committed('peers.json').rows.filter((row: object) => 'budget' in row)
    const missed = judged.filter(({ met }: { met: boolean }) => !met)
    const section = html.slice(html.indexOf('id="not-better"'), html.indexOf('id="how-to-read"'))
    for (const { ratio } of missed) expect(section).toContain(`${Number(ratio.toPrecision(3))} ×`)
    expect(section.match(/budget missed/g)?.length).toBeGreaterThanOrEqual(missed.length)
  })

  test('is the same bytes each time', async () => {
    const again = join(directory, 'again')
    cpSync(results, again, { recursive: true })
    await writePage(again, join(again, 'report.html'))
    expect(readFileSync(join(again, 'report.html'), 'utf8')).toBe(html)
  })

  test('asks for nothing, has no script, and fits a phone by day and by night', async () => {
    expect(html).not.toContain('<script')
    for (const colorScheme of ['light', 'dark'] as const) {
      for (const width of [360, 1280]) {
        const page = await browser.newPage({ viewport: { width, height: 800 }, colorScheme })
        const asked: string[] = []
        page.on('request', (request) => asked.push(request.url()))
        await page.goto(`file://${join(own, 'report.html')}`)
        expect(asked.filter((url) => !/^(file|data):/.test(url))).toEqual([])
        expect(await page.evaluate('document.documentElement.scrollWidth')).toBe(width)
        const chart = page.locator(width < 600 ? '.narrow svg' : '.wide svg').first()
        expect(await chart.isVisible()).toBe(true)
        await page.close()
      }
    }
  })
})

test('a bench without a result says which command makes it', async () => {
  const words = text(await pageOf({ 'serve.json': committed('serve.json') }))
  expect(words).toMatch(/Not measured yet:\s+jumpstarter bench sockets\s+makes this result/)
  expect(words).toMatch(/jumpstarter bench scale\s+makes this result/)
})

describe('what was not better', () => {
  const shortfalls = async (bench: string, rows: object[]) => {
    const html = await pageOf({ [`${bench}.json`]: { ...committed('serve.json'), bench, rows } })
    const section = html.slice(html.indexOf('id="not-better"'), html.indexOf('id="how-to-read"'))
    return [...section.matchAll(/<li>(.*?)<\/li>/g)].map(([, item = '']) =>
      text(item.replaceAll(/<!--.*?-->/g, ''))
        .replaceAll(/\s+/g, ' ')
        .trim(),
    )
  }
  const ratio = (id: string, low: number, high: number) => ({
    ...{ id, ratio: (low + high) / 2, ratio_low: low, ratio_high: high },
  })

  test('is worse where all rounds agree, and within the noise after a single one', async () => {
    const rows = [ratio('a', 0.7, 0.9), ratio('b', 0.7, 1.1), ratio('c', 0.8, 0.8)]
    expect(await shortfalls('ladder', rows)).toEqual([
      'worse a 0.8 × (0.7 to 0.9)',
      'within the noise b 0.9 × (0.7 to 1.1)',
      'within the noise c 0.8 ×',
    ])
  })

  test('of instances comes from the rounds, and a missed budget stands there once', async () => {
    const cell = (instances: number, low: number, high: number, errors = 0) => ({
      ...{ id: `${instances} instances`, instances, transport: 'tcp', requests_per_second: 100 },
      ...{ errors, efficiency: (low + high) / 2, efficiency_low: low, efficiency_high: high },
    })
    const rows = [cell(2, 0.9, 1.06), cell(4, 0.96, 0.98), cell(10, 0.8, 0.82, 7)]
    expect(await shortfalls('scale', rows)).toEqual([
      'budget missed efficiency, 10 instances 0.81, asked for ≥ 0.95',
      'budget missed errors, 10 instances 7, asked for 0',
      'within the noise 2 instances efficiency 0.98',
      'worse 4 instances efficiency 0.97',
    ])
  })

  test('are failed requests that a budget allows, and errors of others', async () => {
    const restart = {
      ...{ id: 'kill', fault: 'kill', way: 'nginx-tcp', times: 4, requests: 100_000, failed: 3 },
      ...{ failed_share: 0.00003, failed_share_max: 0.0001, met: true },
      ...{ requests_per_second: 900, longest_gap_ms: 9, p99_ms: 3, p99_before_ms: 2 },
    }
    expect(await shortfalls('restarts', [restart])).toEqual([
      'worse worker killed · nginx → TCP 3 of 100,000 requests failed',
    ])
    const theirs = { id: 'cached page: theirs', requests_per_second: 9, errors: 2 }
    expect(await shortfalls('peers', [theirs])).toEqual(['worse cached page: theirs 2 errors'])
  })
})

test('budgets for ten million projects are not judged at another scale', async () => {
  const rows = [
    { id: 'bare', seconds: 1 },
    { id: 'seed', seconds: 900, ratio: 1.2, database_gb: 1 },
  ]
  const smaller = { ...committed('serve.json'), bench: 'seed', rows }
  const words = text(await pageOf({ 'seed.json': smaller }))
  expect(words).toContain('0 of 0 budgets met')
  expect(words).toMatch(/Measured at 2,000 projects, the budget is for 10 million\./)
  const scale = { ...smaller.scale, projects: 10_000_000 }
  expect(text(await pageOf({ 'seed.json': { ...smaller, scale } }))).toContain('1 of 2 budgets met')
})

describe('what cannot be read is refused with its file and field', () => {
  const serve = committed('serve.json')
  const refused = async (files: Record<string, unknown>) => {
    const own = await directoryOf(files)
    const error = await writePage(own, join(own, 'report.html')).catch((caught) => caught)
    expect(await Bun.file(join(own, 'report.html')).exists()).toBe(false)
    return String(error.message).replaceAll(`${own}/`, '')
  }

  test('text that is no JSON', async () => {
    expect(await refused({ 'serve.json': '{"bench": ' })).toStartWith('serve.json is not JSON: ')
  })

  test('a field of the wrong kind, and one too many', async () => {
    const machine = { ...serve.machine, cores: 'two' }
    expect(await refused({ 'serve.json': { ...serve, machine } })).toStartWith(
      'serve.json: machine.cores is not as expected: ',
    )
    expect(await refused({ 'serve.json': { ...serve, shape: 2 } })).toContain('"shape"')
  })

  test('a row of an unknown shape, or with a figure that is none', async () => {
    const rows = [...serve.rows, { id: 'new', volts: 3 }]
    expect(await refused({ 'serve.json': { ...serve, rows } })).toContain(
      `serve.json, row ${rows.length}: the whole is not as expected: has none of ms, bytes`,
    )
    const wrong = [{ id: 'ready', ms: '240' }]
    expect(await refused({ 'serve.json': { ...serve, rows: wrong } })).toStartWith(
      'serve.json, row 1: ms is not as expected: ',
    )
  })

  test('a name that is another’s, and nothing at all, whatever else lies there', async () => {
    expect(await refused({ 'ladder.json': serve })).toContain('bench is serve')
    expect(await refused({ 'package.json': '{}' })).toContain('There are no results in')
    await expect(writePage(join(directory, 'missing'), 'report.html')).rejects.toThrow(
      'no directory',
    )
  })
})
