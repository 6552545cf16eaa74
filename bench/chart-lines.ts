import {
  type Drawing,
  edge,
  figuresAxis,
  footHeight,
  headHeight,
  isNarrow,
  legendOption,
  sizes,
  textWidth,
  tickFigure,
} from './chart-frame'
import { chartFigure, chartInk, type Frame, type LineChart } from './chart-spec'

const closeShare = 0.05
/** Lines that cross are told apart by their marks too. */
const symbols = ['circle', 'diamond', 'triangle', 'rect']

export function linesDrawing(chart: LineChart, frame: Frame): Drawing {
  const { series, points, across, unit } = chart
  const top = headHeight(frame, !frame.bare) + 12
  const plot = isNarrow(frame) ? 280 : 360
  const lasts = series.map((line) => line.values.findLast((value) => value !== null))
  const values = series.flatMap((line) => line.values.filter((value) => value !== null))
  const widest = Math.max(0, ...values.map((value) => textWidth(chartFigure(value))))
  return {
    height: top + plot + footHeight,
    option: {
      grid: {
        left: edge(frame) + textWidth(`9,000${unit}`) + 14,
        right: edge(frame) + widest + 12,
        top,
        height: plot,
        outerBoundsMode: 'none',
      },
      ...(frame.bare ? {} : { legend: legendOption(series.map(({ name }) => name)) }),
      xAxis: {
        ...figuresAxis(across),
        type: 'value',
        min: Math.min(...points),
        max: Math.max(...points),
        axisLabel: {
          fontSize: sizes.tick,
          color: chartInk.soft,
          hideOverlap: true,
          customValues: points,
        },
        splitLine: { show: false },
        axisLine: { show: true, lineStyle: { color: chartInk.soft } },
      },
      yAxis: {
        ...figuresAxis(''),
        type: 'value',
        min: 0,
        axisLabel: {
          fontSize: sizes.tick,
          color: chartInk.soft,
          formatter: (value: number) => `${tickFigure(value)}${value > 0 ? unit : ''}`,
        },
      },
      series: series.map(({ name, color, dashed, values: figures }, index) => ({
        name,
        type: 'line',
        silent: true,
        symbol: symbols[index % symbols.length],
        symbolSize: dashed ? 6 : 9,
        lineStyle: { width: dashed ? 2 : 3, type: dashed ? 'dashed' : 'solid', color },
        itemStyle: { color },
        endLabel: {
          show: true,
          fontSize: sizes.value,
          color: chartInk.ink,
          verticalAlign: sideOf(lasts[index], lasts),
          formatter: () => lastWords(figures),
        },
        data: figures.map((value, at) => [points[at], value ?? '-']),
      })),
    },
  }
}

/** Words of lines that end close to each other go apart. */
function sideOf(last: number | null | undefined, lasts: (number | null | undefined)[]) {
  const known = lasts.filter((each) => typeof each === 'number')
  const reach = Math.max(...known) * closeShare
  const isNear = (other: number) => other !== last && Math.abs(other - (last ?? 0)) < reach
  const near = known.filter(isNear)
  if (near.length === 0) return 'middle'
  return near.every((other) => other < (last ?? 0)) ? 'bottom' : 'top'
}

const lastWords = (values: (number | null)[]) => {
  const last = values.findLast((value) => value !== null)
  return typeof last === 'number' ? chartFigure(last) : ''
}
