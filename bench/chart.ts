import { type Chart, type Frame, wideWidth } from './chart-spec'

/** The chart as a standalone SVG document; the same chart gives the same bytes. */
export async function drawChart(chart: Chart, frame: Frame = { width: wideWidth }) {
  // Slow to load, and a server never draws.
  const { draw } = await import('./echarts')
  return draw(chart, frame)
}
