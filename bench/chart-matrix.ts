import type { CustomSeriesRenderItem } from 'echarts'
import {
  type Drawing,
  edge,
  footHeight,
  headHeight,
  isNarrow,
  namesAxis,
  nameWidth,
  sizes,
} from './chart-frame'
import { chartColors, chartInk, type Frame, type MatrixChart } from './chart-spec'

const rowHeight = 30
/** Names stand above their row. */
const narrowRowHeight = 52
const narrowCellHeight = 24
const columnNamesHeight = 24
const gap = 2
const keptColor = chartColors[4]
const brokenColor = chartColors[5]

/** A table of cells, green where a promise was kept and red where it was broken. */
export function matrixDrawing(chart: MatrixChart, frame: Frame): Drawing {
  const { columns, rows } = chart
  const names = rows.map(({ name }) => name)
  const narrow = isNarrow(frame)
  const plot = rows.length * (narrow ? narrowRowHeight : rowHeight)
  const top = headHeight(frame, false) + columnNamesHeight
  return {
    height: top + plot + footHeight / 2,
    option: {
      grid: {
        left: edge(frame) + nameWidth(names, frame),
        right: edge(frame),
        top,
        height: plot,
        outerBoundsMode: 'none',
      },
      xAxis: {
        type: 'category',
        data: columns,
        position: 'top',
        axisLine: { show: false },
        axisTick: { show: false },
        axisLabel: {
          ...{ interval: 0, fontSize: narrow ? 9 : sizes.tick, color: chartInk.soft },
          hideOverlap: false,
        },
      },
      yAxis: namesAxis(names, frame, narrowCellHeight / 2 + 2),
      series: [cells(rows, narrow)],
    },
  }
}

function cells(rows: MatrixChart['rows'], narrow: boolean) {
  const all = rows.flatMap(({ cells }, y) =>
    cells.flatMap((cell, x) => (cell === null ? [] : [{ ...cell, x, y }])),
  )
  const renderItem: CustomSeriesRenderItem = (params, api) => {
    const cell = all[params.dataIndex]
    const at = [api.value(0), api.value(1)]
    const [x = 0, y = 0] = api.coord(at)
    const [width = 0, whole = 0] = (api.size?.([1, 1]) ?? []) as number[]
    const height = (narrow ? narrowCellHeight : whole) - gap
    return {
      type: 'group',
      children: [
        {
          type: 'rect',
          shape: { x: x - width / 2, y: y - height / 2, width: width - gap, height, r: 3 },
          style: { fill: cell?.kept ? keptColor : brokenColor },
        },
        {
          type: 'text',
          style: {
            ...{ x: x - gap / 2, y, text: cell?.words ?? '', fill: chartInk.ground },
            ...{ align: 'center', verticalAlign: 'middle', fontSize: narrow ? 9 : sizes.tick },
          },
        },
      ],
    }
  }
  return {
    ...{ type: 'custom', silent: true, renderItem, encode: { x: 0, y: 1 } },
    data: all.map(({ x, y }) => [x, y]),
  }
}
