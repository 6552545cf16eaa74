import { drawChart } from '../chart'
import type { Chart } from '../chart-spec'
import type { Result } from './results'
import type { Section, Subject } from './section'

/** One chart as drawn for a desk and for a phone. */
export interface Picture {
  chart: Chart
  wide: string
  narrow: string
}

/** A bench on the page, with what is there of it. */
export interface Entry extends Omit<Subject, 'section'> {
  found?: { result: Result; section: Section; pictures: Picture[] }
}

const wideWidth = 860
const narrowWidth = 400

export async function entryOf(subject: Subject, result: Result | undefined, path: string) {
  const { section: read, ...entry } = subject
  if (result === undefined) return entry
  const section = read(result, path)
  const charts = section.charts.filter(hasMarks)
  return { ...entry, found: { result, section, pictures: await Promise.all(charts.map(picture)) } }
}

async function picture(chart: Chart): Promise<Picture> {
  return {
    chart,
    wide: await drawChart(chart, { width: wideWidth, bare: true }),
    narrow: await drawChart(chart, { width: narrowWidth, bare: true }),
  }
}

/** A result of few rows may leave a chart empty. */
export function hasMarks(chart: Chart): boolean {
  if (chart.kind === 'intervals' || chart.kind === 'matrix') return chart.rows.length > 0
  const values = chart.kind === 'bars' ? chart.groups : chart.series
  return values.some((each) => each.values.some((value) => value !== null))
}
