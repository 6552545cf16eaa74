import type { ReactNode } from 'react'
import { formatDay } from '#lib/time'
import type { Day } from '../rules/days'
import { labelledDays, niceTicks } from '../rules/scale'

/** What a chart shows for each day; its mark tells it from the others without colour. */
export interface Series {
  name: string
  values: readonly number[]
}

export interface ChartProps {
  /** Of this chart alone on the page: a word. */
  id: string
  title: string
  /** The chart in a sentence, for those who do not see it. */
  summary: string
  days: readonly Day[]
  series: readonly Series[]
  /** A value in full, and so short that it fits an axis. */
  format(value: number): string
  formatShort(value: number): string
}

/** In units of the drawing, which is as wide as a telephone. */
export const size = { width: 360, height: 210, top: 16, bottom: 26, right: 8 }
const characterWidth = 6.6
const dayLabelsMax = 4

/** A chart under its heading, with its numbers as a table below. */
export function Figure({ chart, children }: { chart: ChartProps; children: ReactNode }) {
  const { id, title, days, series, format } = chart
  const rows = days.map((day, index) => ({
    key: day,
    head: <time dateTime={day}>{formatDay(day)}</time>,
    cells: series.map(({ values }) => format(values[index] ?? 0)),
  }))
  const names = series.map(({ name }) => name)
  return (
    <ChartFrame {...{ id, title, names, rows }} hasLegend={names.length > 1} head="Day">
      {children}
    </ChartFrame>
  )
}

interface FrameProps {
  /** Of this chart alone on the page: a word. */
  id: string
  title: string
  /** Of the series. */
  names: readonly string[]
  hasLegend: boolean
  /** Above the first column of the table. */
  head: string
  /** A cell for each series. */
  rows: readonly { key: string | number; head: ReactNode; cells: readonly string[] }[]
  children: ReactNode
}

/** What stands around every chart: heading, legend, and the numbers as a table. */
export function ChartFrame(props: FrameProps) {
  const { id, title, names, hasLegend, head, rows, children } = props
  return (
    <figure className="chart">
      <figcaption>
        <h3 id={id}>{title}</h3>
      </figcaption>
      {hasLegend && <Legend names={names} />}
      {children}
      <details>
        <summary>As a table</summary>
        <table aria-labelledby={id}>
          <thead>
            <tr>
              <th scope="col">{head}</th>
              {names.map((name) => (
                <th scope="col" key={name}>
                  {name}
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map(({ key, head, cells }) => (
              <tr key={key}>
                <th scope="row">{head}</th>
                {names.map((name, index) => (
                  <td key={name}>{cells[index]}</td>
                ))}
              </tr>
            ))}
          </tbody>
        </table>
      </details>
    </figure>
  )
}

function Legend({ names }: { names: readonly string[] }) {
  return (
    <ul className="chart-legend" aria-hidden="true">
      {names.map((name, index) => (
        <li key={name} className={`chart-key-${index + 1}`}>
          {name}
        </li>
      ))}
    </ul>
  )
}

/** Where things stand in the drawing. */
export interface Plot {
  left: number
  right: number
  bottom: number
  ticks: number[]
  /** The middle of a day. */
  x(index: number): number
  y(value: number): number
  /** Room for one day. */
  step: number
}

export function plotOf({ days, formatShort }: ChartProps, most: number): Plot {
  const ticks = niceTicks(most)
  const top = ticks.at(-1) ?? 1
  const longest = Math.max(...ticks.map((tick) => formatShort(tick).length))
  const left = Math.round(longest * characterWidth) + 8
  const right = size.width - size.right
  const bottom = size.height - size.bottom
  const step = (right - left) / Math.max(days.length, 1)
  return {
    ...{ left, right, bottom, ticks, step },
    x: (index) => round(left + (index + 0.5) * step),
    y: (value) => round(bottom - ((bottom - size.top) * value) / top),
  }
}

const round = (value: number) => Math.round(value * 10) / 10

/** The drawing, with its axes behind what it shows. */
export function Drawing(props: { chart: ChartProps; plot: Plot; children: ReactNode }) {
  const { chart, plot, children } = props
  const { days, id, title, summary, formatShort } = chart
  const labelled = labelledDays(days.length, dayLabelsMax)
  return (
    <svg
      className="chart-drawing"
      viewBox={`0 0 ${size.width} ${size.height}`}
      role="img"
      aria-labelledby={`${id}-title ${id}-summary`}
    >
      <title id={`${id}-title`}>{title}</title>
      <desc id={`${id}-summary`}>{summary}</desc>
      {plot.ticks.map((tick) => (
        <g key={tick}>
          <path className="chart-line" d={`M${plot.left} ${plot.y(tick)}H${plot.right}`} />
          <text x={plot.left - 6} y={plot.y(tick)} dy="0.32em" textAnchor="end">
            {formatShort(tick)}
          </text>
        </g>
      ))}
      {children}
      {labelled.map((index) => (
        <text
          key={index}
          x={labelX(plot, index, days.length)}
          y={size.height - 8}
          textAnchor={anchorOf(index, days.length)}
        >
          {formatDay(days[index] ?? '')}
        </text>
      ))}
    </svg>
  )
}

/** Labels at either end stay inside. */
const anchorOf = (index: number, days: number) =>
  days < dayLabelsMax ? 'middle' : index === 0 ? 'start' : index === days - 1 ? 'end' : 'middle'

const labelX = (plot: Plot, index: number, days: number) => {
  const anchor = anchorOf(index, days)
  return anchor === 'start' ? plot.left : anchor === 'end' ? plot.right : plot.x(index)
}
