import { expect, test } from 'bun:test'
import { type BarChart, barChart, chartFigure } from './chart'

const chart: BarChart = {
  title: 'Then & now',
  subtitle: 'less than <1 ms> is "quick"',
  unit: 'ms',
  series: [
    { name: 'then', color: '#888888' },
    { name: 'now', color: '#00aa88' },
  ],
  groups: [
    { name: 'first', values: [1000, 0.1] },
    { name: 'second', values: [null, 10] },
  ],
  log: true,
}

/** The elements of an XML document in order; throws where it is not well-formed. */
function elements(xml: string): { name: string; attributes: Record<string, string> }[] {
  const open: string[] = []
  const found: { name: string; attributes: Record<string, string> }[] = []
  const token = /<(\/?)([a-z]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy
  for (; token.lastIndex < xml.length; ) {
    const at = token.lastIndex
    const match = token.exec(xml)
    if (!match) throw new Error(`not well-formed: ${xml.slice(at, at + 60)}`)
    const [whole, closing, name = '', words = '', selfClosing] = match
    if (/&(?!(amp|lt|gt|quot);)/.test(whole)) throw new Error(`a bare ampersand: ${whole}`)
    if (name === '') continue
    if (closing) {
      if (open.pop() !== name) throw new Error(`${name} is closed and was not open`)
      continue
    }
    const pairs = [...words.matchAll(/([\w:-]+)="([^"]*)"/g)]
    found.push({ name, attributes: Object.fromEntries(pairs.map(([, key, text]) => [key, text])) })
    if (!selfClosing) open.push(name)
  }
  if (open.length > 0) throw new Error(`left open: ${open}`)
  return found
}

const barsOf = (svg: string, color: string) =>
  elements(svg)
    .filter(({ name, attributes }) => name === 'rect' && attributes['fill'] === color)
    .map(({ attributes }) => Number(attributes['width']))
    .filter((width) => width !== 12)

test('a chart is well-formed, whatever the words', () => {
  const svg = barChart(chart)
  expect(elements(svg)[0]).toMatchObject({
    name: 'svg',
    attributes: { xmlns: 'http://www.w3.org/2000/svg' },
  })
  expect(svg).toContain('Then &amp; now')
  expect(svg).toContain('&lt;1 ms&gt;')
})

test('on a logarithmic scale each tenfold is as long; a missing value has no bar', () => {
  const svg = barChart({ ...chart, groups: [{ name: 'one', values: [10, 100] }, ...chart.groups] })
  const [ten = 0, thousand = 0, ...more] = barsOf(svg, '#888888')
  const [hundred = 0] = barsOf(svg, '#00aa88')
  expect(more).toEqual([])
  expect(hundred - ten).toBeCloseTo((thousand - ten) / 2, 0)
})

test('on a plain scale bars are as their values', () => {
  const groups = [{ name: 'one', values: [40, 20] }]
  const svg = barChart({ ...chart, log: false, groups })
  const [long = 0] = barsOf(svg, '#888888')
  const [short = 1] = barsOf(svg, '#00aa88')
  expect(long / short).toBeCloseTo(2, 1)
})

test('figures have three digits, or all of a whole number', () => {
  expect([0.00412, 0.997, 17325, 2680.4, 3.006].map(chartFigure)).toEqual([
    ...['0.00412', '0.997', '17,325', '2,680', '3.01'],
  ])
})
