import { ChartFrame } from '#features/dashboard/parts/figure'
import { labelledDays, niceTicks } from '#features/dashboard/rules/scale'
import { plainMoment } from '#lib/time'

/** What a chart shows for each minute; null where there is nothing to show. */
interface Series {
  name: string
  values: readonly (number | null)[]
}

interface TimeChartProps {
  /** Of this chart alone on the page: a word. */
  id: string
  title: string
  /** Beginnings of the minutes, in milliseconds since 1970. */
  minutes: readonly number[]
  series: readonly Series[]
  /** In full, and on the axis. */
  format(value: number): string
}

/** In units of the drawing, which is as wide as a telephone. */
const size = { width: 360, height: 180, top: 14, bottom: 26, right: 8 }
const characterWidth = 6.6
const labelsMax = 4
/** Lines that look different; more of them, of workers, are told apart in the table. */
const marks = 2
const nothing = '—'

const clock = (at: number) => plainMoment(new Date(at)).slice(-5)

/** Lines over an hour, with the numbers as a table below. */
export function TimeChart(props: TimeChartProps) {
  const { id, title, minutes, series, format } = props
  const known = series.flatMap(({ values }) => values.filter((value) => value !== null))
  const names = series.map(({ name }) => name)
  const rows = minutes.map((at, index) => ({
    key: at,
    head: clock(at),
    cells: series.map(({ values }) => shown(values[index] ?? null, format)),
  }))
  return (
    <ChartFrame {...{ id, title, names, rows }} hasLegend={names.length === marks} head="From">
      {known.length === 0 ? (
        <p className="chart-empty">Nothing in this hour.</p>
      ) : (
        <Drawing {...props} most={Math.max(...known)} />
      )}
    </ChartFrame>
  )
}

const shown = (value: number | null, format: (value: number) => string) =>
  value === null ? nothing : format(value)

function Drawing({ id, title, minutes, series, format, most }: TimeChartProps & { most: number }) {
  const { ticks, x, y, left, right } = plotOf(most, minutes.length, format)
  const labelled = labelledDays(minutes.length, labelsMax)
  return (
    <svg
      className="chart-drawing"
      viewBox={`0 0 ${size.width} ${size.height}`}
      role="img"
      aria-labelledby={`${id}-title`}
    >
      <title id={`${id}-title`}>{`${title}, at most ${format(most)}`}</title>
      {ticks.map((tick) => (
        <g key={tick}>
          <path className="chart-line" d={`M${left} ${y(tick)}H${right}`} />
          <text x={left - 6} y={y(tick)} dy="0.32em" textAnchor="end">
            {format(tick)}
          </text>
        </g>
      ))}
      {series.map(({ name, values }, index) => (
        <Line key={name} {...{ values, x, y }} mark={(index % marks) + 1} />
      ))}
      {labelled.map((index, place) => (
        <text key={index} x={x(index)} y={size.height - 8} textAnchor={anchorOf(place, labelled)}>
          {clock(minutes[index] ?? 0)}
        </text>
      ))}
    </svg>
  )
}

/** Labels at either end stay inside. */
const anchorOf = (place: number, labelled: number[]) =>
  place === 0 ? 'start' : place === labelled.length - 1 ? 'end' : 'middle'

function plotOf(most: number, count: number, format: (value: number) => string) {
  // Ticks are whole, so small numbers are drawn larger.
  const scale = 10 ** Math.max(0, 1 - Math.floor(Math.log10(most || 1)))
  const ticks = niceTicks(most * scale).map((tick) => tick / scale)
  const top = ticks.at(-1) ?? 1
  const longest = Math.max(...ticks.map((tick) => format(tick).length))
  const left = Math.round(longest * characterWidth) + 8
  const right = size.width - size.right
  const bottom = size.height - size.bottom
  const step = (right - left) / Math.max(count - 1, 1)
  return {
    ...{ ticks, left, right },
    x: (index: number) => rounded(left + index * step),
    y: (value: number) => rounded(bottom - ((bottom - size.top) * value) / top),
  }
}

const rounded = (value: number) => Math.round(value * 10) / 10

function Line(props: {
  values: readonly (number | null)[]
  x(index: number): number
  y(value: number): number
  mark: number
}) {
  const { values, x, y, mark } = props
  let path = ''
  for (const [index, value] of values.entries()) {
    if (value === null) continue
    // A gap stays one.
    path += `${(values[index - 1] ?? null) === null ? 'M' : 'L'}${x(index)} ${y(value)}`
  }
  const last = values.findLastIndex((value) => value !== null)
  return (
    <>
      <path className={`chart-stroke-${mark}`} d={path} />
      {last >= 0 && (
        <circle className={`chart-dot-${mark}`} cx={x(last)} cy={y(values[last] ?? 0)} r="3" />
      )}
    </>
  )
}
