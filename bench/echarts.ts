import { BarChart, CustomChart, LineChart, ScatterChart } from 'echarts/charts'
import {
  GridComponent,
  LegendComponent,
  MarkLineComponent,
  TitleComponent,
} from 'echarts/components'
import { init, setPlatformAPI, use } from 'echarts/core'
import { SVGRenderer } from 'echarts/renderers'
import { barsDrawing } from './chart-bars'
import { type Drawing, font, textWidth, titleOption } from './chart-frame'
import { intervalsDrawing } from './chart-intervals'
import { linesDrawing } from './chart-lines'
import { matrixDrawing } from './chart-matrix'
import { type Chart, chartInk, type Frame } from './chart-spec'

use([BarChart, CustomChart, LineChart, ScatterChart, SVGRenderer])
use([GridComponent, LegendComponent, MarkLineComponent, TitleComponent])

// Without a screen words are measured by guess, and too short for most typefaces.
setPlatformAPI({
  measureText: (words, css) => ({
    width: textWidth(words, Number.parseFloat(/[\d.]+px/.exec(css ?? '')?.[0] ?? '12')),
  }),
})

/** The SVG of a chart. */
export function draw(chart: Chart, frame: Frame): string {
  const { height, option } = drawingOf(chart, frame)
  const { width, bare = false } = frame
  const drawing = init(null, null, { renderer: 'svg', ssr: true, width, height })
  try {
    drawing.setOption({
      animation: false,
      textStyle: { fontFamily: font, color: chartInk.ink },
      ...(bare ? {} : { backgroundColor: chartInk.ground, title: titleOption(chart) }),
      ...option,
    })
    return named(plain(drawing.renderToSVGString()), chart, frame)
  } finally {
    // Without it the program would not end.
    drawing.dispose()
  }
}

function drawingOf(chart: Chart, frame: Frame): Drawing {
  switch (chart.kind) {
    case 'bars':
      return barsDrawing(chart, frame)
    case 'lines':
      return linesDrawing(chart, frame)
    case 'intervals':
      return intervalsDrawing(chart, frame)
    case 'matrix':
      return matrixDrawing(chart, frame)
  }
}

/** Without what only its own script in a browser would use. */
const plain = (svg: string) =>
  svg
    .replaceAll(/ ecmeta_\w+="[^"]*"/g, '')
    .replaceAll(/ class="zr[^"]*"/g, '')
    .replace(/<style[^>]*>[\s\S]*?<\/style>\n?/, '')

/** With words for who cannot see it, and ids that do not count what was drawn before. */
function named(svg: string, chart: Chart, { width }: Frame): string {
  const { title, subtitle } = chart
  const slug = title.toLowerCase().replaceAll(/[^a-z0-9]+/g, '-')
  const label = escaped(`${title}. ${subtitle}`)
  return svg
    .replaceAll(/\bzr\d+-/g, `${slug}-${width}-`)
    .replace(
      /^<svg([^>]*)>/,
      `<svg$1 role="img" aria-label="${label}">\n<title>${escaped(title)}</title>`,
    )
}

const escaped = (words: string) =>
  words
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;')
