/** Bars side by side for each group, on a light ground; a missing value leaves its bar out. */
export interface BarChart {
  title: string
  subtitle: string
  /** Stands after each value: `ms`. */
  unit: string
  series: { name: string; color: string }[]
  groups: { name: string; values: (number | null)[] }[]
  /** Bars grow with the logarithm, from the power of ten below the smallest value. */
  log: boolean
}

const width = 960
const labelWidth = 210
const valueWidth = 90
const padding = 24
const headHeight = 92
const barHeight = 11
const barGap = 2
const groupGap = 14
const axisHeight = 44
const plotWidth = width - labelWidth - valueWidth - padding
const font = 'font-family="system-ui, sans-serif"'

const ink = '#1f2328'
const faint = '#6b7280'
const rule = '#e5e7eb'
const ground = '#ffffff'

/** Tells series apart also for those who do not see every colour. */
export const chartColors = [
  '#c9c3b4',
  '#8a8577',
  '#f0a04b',
  '#0b6e5a',
  '#3b5b92',
  '#a23e48',
] as const

/** The chart as a standalone SVG document. */
export function barChart({ title, subtitle, unit, series, groups, log }: BarChart): string {
  const values = groups.flatMap((group) => group.values.filter((value) => value !== null))
  const scale = log ? logScale(values) : linearScale(values)
  const groupHeight = series.length * (barHeight + barGap) + groupGap
  const plotHeight = groups.length * groupHeight
  const height = headHeight + plotHeight + axisHeight
  const parts = [
    `<rect width="${width}" height="${height}" fill="${ground}"/>`,
    text(title, padding, 30, { size: 18, weight: 600 }),
    text(subtitle, padding, 50, { size: 12, fill: faint }),
    ...legend(series),
    ...axis(scale, plotHeight, `${unit}${log ? ', logarithmic' : ''}`),
    ...groups.flatMap((group, row) => {
      const top = headHeight + row * groupHeight + groupGap / 2
      const middle = top + (groupHeight - groupGap) / 2 + 4
      const label = text(group.name, labelWidth - 10, middle, { size: 12, anchor: 'end' })
      return [label, ...bars(group, series, scale, top, unit)]
    }),
  ]
  const label = escaped(`${title}. ${subtitle}`)
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${width} ${height}" width="${width}"`,
    ` height="${height}" role="img" aria-label="${label}">\n`,
    `${parts.join('\n')}\n</svg>\n`,
  ].join('')
}

interface Scale {
  /** From 0 to 1. */
  share(value: number): number
  ticks: number[]
}

function logScale(values: number[]): Scale {
  const positive = values.filter((value) => value > 0)
  const low = Math.floor(Math.log10(Math.min(...positive, 1)))
  const high = Math.max(low + 1, Math.ceil(Math.log10(Math.max(...positive, low + 1))))
  return {
    share: (value) => (value > 0 ? (Math.log10(value) - low) / (high - low) : 0),
    ticks: Array.from({ length: high - low + 1 }, (_, step) => 10 ** (low + step)),
  }
}

function linearScale(values: number[]): Scale {
  const top = Math.max(...values, 0) || 1
  const power = 10 ** Math.floor(Math.log10(top))
  const step = [0.2, 0.5, 1, 2].map((part) => part * power).find((part) => top / part <= 6) ?? power
  const steps = Math.ceil(top / step)
  return {
    share: (value) => value / (steps * step),
    ticks: Array.from({ length: steps + 1 }, (_, index) => index * step),
  }
}

function legend(series: BarChart['series']): string[] {
  let x = padding
  return series.flatMap(({ name, color }) => {
    const left = x
    x += 30 + name.length * 6.6
    return [
      `<rect x="${left}" y="64" width="12" height="12" rx="2" fill="${color}"/>`,
      text(name, left + 18, 74, { size: 12 }),
    ]
  })
}

function axis({ share, ticks }: Scale, plotHeight: number, title: string): string[] {
  const bottom = headHeight + plotHeight
  return [
    ...ticks.flatMap((tick) => {
      const x = round(labelWidth + share(tick) * plotWidth)
      return [
        `<line x1="${x}" y1="${headHeight}" x2="${x}" y2="${bottom}" stroke="${rule}"/>`,
        text(chartFigure(tick), x, bottom + 16, { size: 11, fill: faint, anchor: 'middle' }),
      ]
    }),
    text(title, labelWidth + plotWidth / 2, bottom + 34, {
      size: 11,
      fill: faint,
      anchor: 'middle',
    }),
  ]
}

function bars(
  { values }: BarChart['groups'][number],
  series: BarChart['series'],
  scale: Scale,
  top: number,
  unit: string,
): string[] {
  return series.flatMap(({ color }, index) => {
    const value = values[index]
    if (value === null || value === undefined) return []
    const y = top + index * (barHeight + barGap)
    const length = Math.max(2, round(scale.share(value) * plotWidth))
    const words = `${chartFigure(value)} ${unit}`
    return [
      `<rect x="${labelWidth}" y="${y}" width="${length}" height="${barHeight}" fill="${color}"/>`,
      text(words, labelWidth + length + 6, y + barHeight - 2, { size: 10, fill: faint }),
    ]
  })
}

function text(
  words: string,
  x: number,
  y: number,
  style: { size: number; fill?: string; weight?: number; anchor?: string },
): string {
  const { size, fill = ink, weight = 400, anchor = 'start' } = style
  return (
    `<text x="${round(x)}" y="${round(y)}" ${font} font-size="${size}" font-weight="${weight}" ` +
    `fill="${fill}" text-anchor="${anchor}">${escaped(words)}</text>`
  )
}

/** `17,325`, `0.997`, `0.0041`: three figures, or all of a whole number. */
export function chartFigure(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toPrecision(3)))
}

const round = (value: number) => Math.round(value * 10) / 10

const escaped = (words: string) =>
  words
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
