import {
  type BarChart,
  type Chart,
  type Frame,
  type IntervalChart,
  type LineChart,
  wideWidth,
} from './chart-spec'

/** The chart as a standalone SVG document; the same chart gives the same bytes. */
export async function drawChart(chart: Chart, frame: Frame = { width: wideWidth }) {
  // Slow to load, and a server never draws.
  const { draw } = await import('./echarts')
  return draw(chart, frame)
}

export const barChart = (chart: BarChart) => drawChart({ kind: 'bars', ...chart })
export const lineChart = (chart: LineChart) => drawChart({ kind: 'lines', ...chart })
export const intervalChart = (chart: IntervalChart) => drawChart({ kind: 'intervals', ...chart })
