import { expect, test } from 'bun:test'
import { drawChart } from './chart'
import { type Chart, chartColors, chartFigure } from './chart-spec'

const chart = {
  kind: 'bars',
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
} satisfies Chart

/** The texts and filled shapes of an SVG; throws where it is not well-formed. */
async function elements(xml: string) {
  const texts: string[] = []
  const shapes: { fill: string; d: string }[] = []
  const open: string[] = []
  const token = /<(\/?)([a-zA-Z]+)((?:\s+[\w:-]+="[^"<]*")*)\s*(\/?)>|([^<]+)/gy
  for (; token.lastIndex < xml.length; ) {
    const at = token.lastIndex
    const match = token.exec(xml)
    if (!match) throw new Error(`not well-formed: ${xml.slice(at, at + 60)}`)
    const [whole, closing, name = '', words = '', selfClosing, text] = match
    if (/&(?!(amp|lt|gt|quot);)/.test(whole)) throw new Error(`a bare ampersand: ${whole}`)
    if (text !== undefined) {
      if (open.at(-1) === 'text') texts.push(text)
      continue
    }
    if (closing) {
      if (open.pop() !== name) throw new Error(`${name} is closed and was not open`)
      continue
    }
    const attribute = (key: string) => new RegExp(`\\s${key}="([^"]*)"`).exec(words)?.[1] ?? ''
    if (name === 'path') shapes.push({ fill: attribute('fill'), d: attribute('d') })
    if (!selfClosing) open.push(name)
  }
  if (open.length > 0) throw new Error(`left open: ${open}`)
  return { texts, shapes }
}

/** Lengths of the bars of a colour; the mark of the legend begins elsewhere than at the axis. */
async function barsOf(svg: string, color: string): Promise<number[]> {
  const { shapes } = await elements(svg)
  return shapes
    .filter(({ fill, d }) => fill === color && /^M\d{2,}/.test(d))
    .map(({ d }) => {
      const across = [...d.matchAll(/[ML](-?[\d.]+) /g)].map(([, x]) => Number(x))
      const right = /l(-?[\d.]+) 0/.exec(d)?.[1]
      const from = across[0] ?? 0
      return right === undefined ? Math.max(...across) - from : Number(right)
    })
}

test('a chart is well-formed, says what it is, and stands on a ground of its own', async () => {
  const svg = await drawChart(chart)
  const { texts, shapes } = await elements(svg)
  expect(svg).toStartWith('<svg ')
  expect(svg).toContain(
    'role="img" aria-label="Then &amp; now. less than &lt;1 ms&gt; is &quot;quick',
  )
  expect(svg).toContain('<title>Then &amp; now</title>')
  expect(svg).toMatch(/<rect width="960" height="\d+"[^>]* fill="#ffffff"/)
  expect(texts).toContain('less than &lt;1 ms&gt; is &quot;quick&quot;')
  expect(texts).toEqual(expect.arrayContaining(['first', 'second', 'then', 'now']))
  expect(shapes.length).toBeGreaterThan(3)
})

test('values stand beside their bars with the unit; a missing value has neither', async () => {
  const { texts } = await elements(await drawChart(chart))
  expect(texts.filter((text) => / ms$/.test(text))).toEqual(['1,000 ms', '0.1 ms', '10 ms'])
})

test('on a logarithmic scale each tenfold is as long, also below 1', async () => {
  const groups = [
    { name: 'one', values: [0.1, 100] },
    { name: 'two', values: [1, 10] },
    { name: 'three', values: [null, 0.01] },
  ]
  const svg = await drawChart({ ...chart, groups })
  const { texts } = await elements(svg)
  expect(texts).toEqual(expect.arrayContaining(['0.01', '0.1', '1', '10', '100']))
  const [tenth = 0, one = 0, ...more] = await barsOf(svg, '#888888')
  const [hundred = 0, ten = 0] = await barsOf(svg, '#00aa88')
  expect(more).toEqual([])
  expect(one).toBeCloseTo(tenth * 2, 0)
  expect(ten).toBeCloseTo(tenth * 3, 0)
  expect(hundred).toBeCloseTo(tenth * 4, 0)
})

test('what a logarithm cannot show has its words all the same', async () => {
  const groups = [{ name: 'one', values: [0, 10] }]
  const { texts } = await elements(await drawChart({ ...chart, groups }))
  expect(texts).toContain('0 ms')
})

test('on a plain scale bars are as their values', async () => {
  const groups = [{ name: 'one', values: [40, 20] }]
  const svg = await drawChart({ ...chart, log: false, groups })
  const [long = 0] = await barsOf(svg, '#888888')
  const [short = 1] = await barsOf(svg, '#00aa88')
  expect(long / short).toBeCloseTo(2, 1)
})

test('lines have their last values, a dash where asked, and a gap where one is missing', async () => {
  const svg = await drawChart({
    kind: 'lines',
    ...{
      title: 'More',
      subtitle: 'and more',
      unit: '/s',
      across: 'instances',
      points: [1, 2, 3, 4],
    },
    series: [
      { name: 'ours', color: chartColors[3], values: [10, null, 30, 41] },
      { name: '2018', color: chartColors[1], dashed: true, values: [9, 15, 20, 24] },
    ],
  })
  const { texts } = await elements(svg)
  expect(texts).toEqual(expect.arrayContaining(['41', '24', 'instances', 'ours', '2018']))
  // Of the line, and of its mark in the legend.
  expect(svg.match(/stroke-dasharray/g)).toHaveLength(2)
  const line = new RegExp(`<path d="(M[^"]+)"[^>]*stroke="${chartColors[3]}"[^>]*stroke-width="3"`)
  expect(line.exec(svg)?.[1]?.match(/M/g)).toHaveLength(2)
})

test('intervals are told from 1 by colour, and written out', async () => {
  const svg = await drawChart({
    kind: 'intervals',
    ...{ title: 'Ratios', subtitle: 'of two', unit: 'a / b', ends: ['b', 'a'] },
    rows: [
      { name: 'more', ratio: 1.33, low: 1.2, high: 1.4 },
      { name: 'perhaps', ratio: 0.98, low: 0.9, high: 1.1 },
      { name: 'less', ratio: 0.5, low: 0.4, high: 0.6 },
      { name: 'once', ratio: 0.7, low: 0.7, high: 0.7 },
    ],
  })
  const { texts } = await elements(svg)
  expect(texts).toEqual(
    expect.arrayContaining(['more', '1.33 × (1.2 to 1.4)', '0.5 × (0.4 to 0.6)', 'the same']),
  )
  const dots = (color: string) => svg.match(new RegExp(`fill="${color}"`, 'g'))?.length
  expect([chartColors[3], chartColors[1], chartColors[5]].map(dots)).toEqual([1, 2, 1])
})

test('points of lines stand as far apart as their numbers', async () => {
  const svg = await drawChart({
    ...{ kind: 'lines', title: 'More', subtitle: '', unit: '', across: 'n', points: [1, 2, 4] },
    series: [{ name: 'ours', color: chartColors[3], values: [1, 1, 1] }],
  })
  const line = new RegExp(`<path d="M([^"]+)"[^>]*stroke="${chartColors[3]}"[^>]*stroke-width="3"`)
  const across =
    line
      .exec(svg)?.[1]
      ?.split('L')
      .map((point) => Number(point.split(' ')[0])) ?? []
  const [one = 0, two = 0, four = 0] = across
  expect(four - two).toBeCloseTo(2 * (two - one), 0)
})

test('the same chart gives the same bytes, whatever was drawn before', async () => {
  const first = await drawChart(chart)
  await drawChart({ ...chart, kind: 'lines', across: 'n', points: [1], series: [] })
  expect(await drawChart(chart)).toBe(first)
})

test('for a phone it is as wide as asked, names above their bars', async () => {
  const svg = await drawChart(chart, { width: 400, bare: true })
  expect(svg).toContain('width="400"')
  const { texts } = await elements(svg)
  expect(texts).toContain('first')
  expect(texts).not.toContain('Then &amp; now')
})

test('figures have three digits, or all of a whole number', () => {
  expect([0.00412, 0.997, 17325, 2680.4, 3.006].map(chartFigure)).toEqual([
    ...['0.00412', '0.997', '17,325', '2,680', '3.01'],
  ])
})
