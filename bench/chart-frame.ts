import type { EChartsCoreOption } from 'echarts/core'
import { type Chart, chartFigure, chartInk, type Frame, narrowWidth } from './chart-spec'

// What the three kinds of chart share: the room around the plot, and how words stand in it.

export type Option = EChartsCoreOption

export interface Drawing {
  height: number
  option: Option
}

export const font = 'system-ui, -apple-system, sans-serif'
export const sizes = { title: 20, subtitle: 13, name: 13, value: 12, tick: 12 }

const margin = 24
/** Of its height, a character's width: that of the wider among the usual typefaces. */
const characterShare = 0.58
const nameWidthMax = 290
const lineHeight = 16

export const isNarrow = ({ width }: Frame) => width < narrowWidth

/** The height of what stands above the plot. */
export const headHeight = ({ bare }: Frame, legend: boolean) => (bare ? 8 : legend ? 116 : 84)

export const footHeight = 52

export const edge = ({ bare }: Frame) => (bare ? 0 : margin)

/** Room for the names at the left, or none where they stand above what they name. */
export function nameWidth(names: string[], frame: Frame): number {
  if (isNarrow(frame)) return 0
  const longest = Math.max(...names.map((name) => textWidth(name, sizes.name)))
  return Math.min(longest + 24, nameWidthMax)
}

/** The most lines that one of the names takes in that room. */
function nameLines(names: string[], frame: Frame): number {
  if (isNarrow(frame)) return 1
  // Lines end with words, not all of them full.
  const room = nameWidthMax * 0.85
  return Math.max(...names.map((name) => Math.ceil(textWidth(name, sizes.name) / room)))
}

export const nameHeight = (names: string[], frame: Frame) => nameLines(names, frame) * lineHeight

export const textWidth = (words: string, size = sizes.value) => words.length * size * characterShare

export const titleOption = ({ title, subtitle }: Chart): Option => ({
  text: title,
  subtext: subtitle,
  left: margin - 5,
  top: 14,
  itemGap: 8,
  textStyle: { fontSize: sizes.title, fontWeight: 650, color: chartInk.ink },
  subtextStyle: { fontSize: sizes.subtitle, color: chartInk.soft },
})

export const legendOption = (names: string[]): Option => ({
  data: names,
  left: margin - 5,
  top: 76,
  itemWidth: 14,
  itemHeight: 14,
  itemGap: 16,
  selectedMode: false,
  textStyle: { fontSize: sizes.name, color: chartInk.ink },
})

/** The axis of the names, from the top down. */
export function namesAxis(names: string[], frame: Frame, above: number): Option {
  const label = { fontSize: sizes.name, color: chartInk.ink, interval: 0 }
  const place = isNarrow(frame)
    ? {
        inside: true,
        margin: 0,
        align: 'left',
        verticalAlign: 'bottom',
        padding: [0, 0, above + 7, 0],
        // Lines of the plot run behind the words.
        textBorderColor: chartInk.ground,
        textBorderWidth: 4,
      }
    : { margin: 12, width: nameWidth(names, frame) - 14, overflow: 'break', lineHeight }
  return {
    type: 'category',
    data: names,
    inverse: true,
    z: 3,
    axisTick: { show: false },
    axisLine: { show: false },
    axisLabel: { ...label, ...place },
  }
}

/** An axis of figures: powers of ten, or whole steps from nought. */
export const figuresAxis = (title: string): Option => ({
  name: title,
  nameLocation: 'middle',
  nameGap: 30,
  nameTextStyle: { fontSize: sizes.tick, color: chartInk.soft },
  axisLine: { show: false },
  axisTick: { show: false },
  axisLabel: {
    fontSize: sizes.tick,
    color: chartInk.soft,
    hideOverlap: true,
    alignMinLabel: 'left',
    formatter: tickFigure,
  },
  splitLine: { lineStyle: { color: chartInk.line } },
})

/** From the power of ten at or below the smallest value to the one at or above the largest. */
export function decades(values: number[]): { min: number; max: number } {
  const positive = values.filter((value) => value > 0)
  const low = Math.floor(Math.log10(Math.min(...positive)))
  const high = Math.ceil(Math.log10(Math.max(...positive)))
  return positive.length === 0
    ? { min: 1, max: 10 }
    : { min: 10 ** low, max: 10 ** Math.max(high, low + 1) }
}

/** `0.01`, `1,000`, `10k`, `1M`: as short as a tick has room. */
export function tickFigure(value: number): string {
  if (value >= 1e6) return `${chartFigure(value / 1e6)}M`
  return value >= 1e4 ? `${chartFigure(value / 1e3)}k` : chartFigure(value)
}

export const withUnit = (value: number, unit: string) =>
  unit.startsWith('/') ? `${chartFigure(value)}${unit}` : `${chartFigure(value)} ${unit}`
