/** Words and colours that every chart has. */
interface Titled {
  title: string
  subtitle: string
  /** Stands after each value: `ms`. */
  unit: string
}

/** Bars side by side for each group; a missing value leaves its bar out. */
export interface BarChart extends Titled {
  series: { name: string; color: string }[]
  groups: { name: string; values: (number | null)[] }[]
  /** Bars grow with the logarithm, from the power of ten below the smallest value. */
  log: boolean
}

/** Lines over a number of something, from nought; a missing value leaves a gap. */
export interface LineChart extends Titled {
  /** What stands below the points: `instances`. */
  across: string
  points: number[]
  series: { name: string; color: string; dashed?: boolean; values: (number | null)[] }[]
}

/** Ratios, each with the interval it lies in, against a line at 1. */
export interface IntervalChart extends Titled {
  rows: { name: string; ratio: number; low: number; high: number }[]
  /** What is ahead below 1, and above. */
  ends?: [below: string, above: string]
}

/** A cell for each row and column: kept, broken, or nothing where nothing was promised. */
export interface MatrixChart extends Titled {
  columns: string[]
  rows: { name: string; cells: ({ words: string; kept: boolean } | null)[] }[]
}

/**
 * On which side of 1 the whole of an interval lies: -1 below, 1 above; 0 where it has 1 in it, or
 * is none, as after a single round.
 */
export const sideOfOne = ({ low, high }: { low: number; high: number }): -1 | 0 | 1 =>
  low === high ? 0 : low > 1 ? 1 : high < 1 ? -1 : 0

export type Chart =
  | ({ kind: 'bars' } & BarChart)
  | ({ kind: 'lines' } & LineChart)
  | ({ kind: 'intervals' } & IntervalChart)
  | ({ kind: 'matrix' } & MatrixChart)

export interface Frame {
  /** In pixels. Below `narrowWidth` names stand above what they name. */
  width: number
  /** Without title, legend and ground, for a page that has its own. */
  bare?: boolean
}

export const wideWidth = 960
export const narrowWidth = 560

/** Tells series apart also for those who do not see every colour. The fourth is ours. */
export const chartColors = [
  '#c3c5d9',
  '#83869f',
  '#f2a93b',
  '#4230d6',
  '#12907a',
  '#c8324a',
] as const

/** The colours of everything that is not a series. */
export const chartInk = {
  ground: '#ffffff',
  ink: '#14132b',
  soft: '#53556f',
  line: '#dfe0eb',
} as const

/** `17,325`, `0.997`, `0.0041`: three figures, or all of a whole number. */
export function chartFigure(value: number): string {
  if (Math.abs(value) >= 100) return Math.round(value).toLocaleString('en-US')
  return String(Number(value.toPrecision(3)))
}
