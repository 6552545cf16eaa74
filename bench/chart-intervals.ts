import type { CustomSeriesRenderItem } from 'echarts'
import {
  type Drawing,
  decades,
  edge,
  figuresAxis,
  footHeight,
  headHeight,
  isNarrow,
  nameHeight,
  namesAxis,
  nameWidth,
  sizes,
  textWidth,
} from './chart-frame'
import {
  chartColors,
  chartFigure,
  chartInk,
  type Frame,
  type IntervalChart,
  sideOfOne,
} from './chart-spec'

const rowHeight = 30
const narrowRowHeight = 52
/** Wider than this, ratios stand on a logarithmic axis. */
const linearRangeMax = 8

export function intervalsDrawing(chart: IntervalChart, frame: Frame): Drawing {
  const { rows, unit, ends } = chart
  const names = rows.map(({ name }) => name)
  const narrow = isNarrow(frame)
  const least = narrow ? narrowRowHeight : rowHeight
  const plot = rows.length * Math.max(least, nameHeight(names, frame) + 8)
  const top = headHeight(frame, false) + (narrow ? 28 : 20)
  const axis = ratioAxis(rows)
  const words = rows.map(({ ratio, low, high }) =>
    narrow
      ? `${chartFigure(ratio)} ×`
      : `${chartFigure(ratio)} × (${chartFigure(low)} to ${chartFigure(high)})`,
  )
  const widest = Math.max(...words.map((each) => textWidth(each)))
  return {
    height: top + plot + footHeight,
    option: {
      grid: {
        left: edge(frame) + nameWidth(names, frame),
        right: edge(frame) + widest + 16,
        top,
        height: plot,
        outerBoundsMode: 'none',
      },
      yAxis: [
        namesAxis(names, frame, 8),
        // The figures stand in a column of their own, where no whisker crosses them.
        {
          ...namesAxis(words, { width: Number.POSITIVE_INFINITY }, 0),
          position: 'right',
          axisLabel: { margin: 12, fontSize: sizes.value, color: chartInk.soft, interval: 0 },
        },
      ],
      xAxis: { ...figuresAxis(ends ? `← ${ends[0]}   |   ${ends[1]} →` : unit), ...axis },
      series: [whiskers(rows, axis.min), dots(rows)],
    },
  }
}

const sideColors = { '-1': chartColors[5], 0: chartColors[1], 1: chartColors[3] }
const colorOf = (row: IntervalChart['rows'][number]) => sideColors[sideOfOne(row)]

function ratioAxis(rows: IntervalChart['rows']) {
  const ends = rows.flatMap(({ low, high }) => [low, high])
  const [least, most] = [Math.min(...ends, 1), Math.max(...ends, 1)]
  if (most / Math.max(least, 1e-9) > linearRangeMax) {
    return { type: 'log', ...decades([least, most]), interval: 1 }
  }
  const room = Math.max((most - least) * 0.08, 0.02)
  const step = most - least < 0.5 ? 0.1 : most - least < 1.5 ? 0.25 : 1
  const down = Math.max(0, Math.floor((least - room) / step) * step)
  const up = Math.ceil((most + room) / step) * step
  const round = (value: number) => Number(value.toFixed(2))
  return { type: 'value', min: round(down), max: round(up), interval: step }
}

function whiskers(rows: IntervalChart['rows'], least: number) {
  const renderItem: CustomSeriesRenderItem = (_, api) => {
    const at = (value: number) =>
      api.coord([Math.max(value, least), api.value(2)]) as [number, number]
    const [left, y] = at(Number(api.value(0)))
    const [right] = at(Number(api.value(1)))
    const style = { stroke: String(api.visual('color')), lineWidth: 2, fill: 'none' }
    const line = (x1: number, y1: number, x2: number, y2: number) => ({
      type: 'line' as const,
      shape: { x1, y1, x2, y2 },
      style,
    })
    return {
      type: 'group',
      children: [
        line(left, y, right, y),
        line(left, y - 5, left, y + 5),
        line(right, y - 5, right, y + 5),
      ],
    }
  }
  return {
    type: 'custom',
    silent: true,
    renderItem,
    encode: { x: [0, 1], y: 2 },
    data: rows.map((row, index) => ({
      value: [row.low, row.high, index],
      itemStyle: { color: colorOf(row) },
    })),
  }
}

const dots = (rows: IntervalChart['rows']) => ({
  type: 'scatter',
  silent: true,
  symbolSize: 11,
  data: rows.map((row, index) => ({
    value: [row.ratio, index],
    itemStyle: { color: colorOf(row), opacity: 1 },
  })),
  markLine: {
    silent: true,
    // Behind the names, where those stand in the plot.
    z: 1,
    symbol: 'none',
    lineStyle: { color: chartInk.ink, width: 1.5, type: 'solid' },
    label: { formatter: 'the same', position: 'start', fontSize: sizes.tick, color: chartInk.soft },
    data: [{ xAxis: 1 }],
  },
})
