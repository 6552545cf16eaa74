import {
  type Drawing,
  decades,
  edge,
  figuresAxis,
  footHeight,
  headHeight,
  isNarrow,
  legendOption,
  nameHeight,
  namesAxis,
  nameWidth,
  sizes,
  textWidth,
  withUnit,
} from './chart-frame'
import { type BarChart, chartInk, type Frame } from './chart-spec'

const barHeight = 14
const barGap = 3
const groupGap = 18
/** Where the name stands above its bars, it needs a line. */
const narrowGroupGap = 44

export function barsDrawing(chart: BarChart, frame: Frame): Drawing {
  const { series, groups, unit, log } = chart
  const names = groups.map(({ name }) => name)
  const values = groups.flatMap((group) => group.values.filter((value) => value !== null))
  const legend = series.length > 1 && !frame.bare
  const block = series.length * (barHeight + barGap)
  const gap = isNarrow(frame) ? narrowGroupGap : groupGap
  const plot = groups.length * Math.max(block + gap, nameHeight(names, frame) + 6)
  const top = headHeight(frame, legend)
  const widest = Math.max(0, ...values.map((value) => textWidth(withUnit(value, unit))))
  const range = log ? decades(values) : undefined
  return {
    height: top + plot + footHeight,
    option: {
      grid: {
        left: edge(frame) + nameWidth(names, frame),
        right: edge(frame) + widest + 10,
        top,
        height: plot,
        outerBoundsMode: 'none',
      },
      ...(legend ? { legend: legendOption(series.map(({ name }) => name)) } : {}),
      yAxis: namesAxis(names, frame, block / 2),
      xAxis: {
        ...figuresAxis(`${unit}${log ? ', logarithmic' : ''}`),
        // Else bars of a logarithmic axis would grow from 1, those of smaller values to the left.
        ...(range ? { type: 'log', ...range, interval: 1, startValue: range.min } : { min: 0 }),
      },
      series: series.map(({ name, color }, index) => ({
        name,
        type: 'bar',
        barWidth: barHeight,
        barGap: `${(barGap / barHeight) * 100}%`,
        barMinHeight: 2,
        silent: true,
        itemStyle: { color, borderRadius: [0, 3, 3, 0] },
        label: { show: true, position: 'right', fontSize: sizes.value, color: chartInk.soft },
        data: groups.map(({ values: ofGroup }) => barOf(ofGroup[index], unit, range?.min)),
      })),
    },
  }
}

/** A value that a logarithm cannot show has its words, and the shortest of bars. */
function barOf(value: number | null | undefined, unit: string, least: number | undefined) {
  if (value === null || value === undefined) return '-'
  const shown = least === undefined ? value : Math.max(value, least)
  return { value: shown, label: { formatter: withUnit(value, unit) } }
}
