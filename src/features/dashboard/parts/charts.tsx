import { formatDay } from '#lib/time'
import { sum } from '../rules/days'
import { type ChartProps, Drawing, Figure, type Plot, plotOf, type Series, size } from './figure'

/** Lines over time; `goal` is a line across. */
export function LineChart({ goal, ...chart }: ChartProps & { goal?: number }) {
  const most = Math.max(goal ?? 0, ...chart.series.flatMap(({ values }) => values))
  if (most === 0 || chart.days.length === 0) return <NothingYet chart={chart} />
  const plot = plotOf(chart, most)
  return (
    <Figure chart={chart}>
      <Drawing chart={chart} plot={plot}>
        {chart.series.map((one, index) => (
          <Line key={one.name} plot={plot} series={one} mark={index + 1} />
        ))}
        {goal !== undefined && <Goal plot={plot} goal={goal} label={chart.format(goal)} />}
      </Drawing>
    </Figure>
  )
}

function Line({ plot, series, mark }: { plot: Plot; series: Series; mark: number }) {
  const points = series.values.map((value, index) => `${plot.x(index)} ${plot.y(value)}`)
  const last = series.values.length - 1
  const across = `L${plot.x(last)} ${plot.bottom}L${plot.x(0)} ${plot.bottom}Z`
  return (
    <>
      {mark === 1 && <path className="chart-area" d={`M${points.join('L')}${across}`} />}
      <path className={`chart-stroke-${mark}`} d={`M${points.join('L')}`} />
      <circle
        className={`chart-dot-${mark}`}
        cx={plot.x(last)}
        cy={plot.y(series.values[last] ?? 0)}
        r="3.5"
      />
    </>
  )
}

function Goal({ plot, goal, label }: { plot: Plot; goal: number; label: string }) {
  return (
    <>
      <path className="chart-goal" d={`M${plot.left} ${plot.y(goal)}H${plot.right}`} />
      <text className="chart-goal-label" x={plot.left + 4} y={plot.y(goal) - 5}>
        Goal {label}
      </text>
    </>
  )
}

/** A bar for each day; several series stand on each other. */
export function BarChart(chart: ChartProps) {
  const { days, series, id } = chart
  const totals = days.map((_, index) => sum(series.map(({ values }) => values[index] ?? 0)))
  const most = Math.max(0, ...totals)
  if (most === 0) return <NothingYet chart={chart} />
  const plot = plotOf(chart, most)
  const hatch = `${id}-hatch`
  return (
    <Figure chart={chart}>
      <Drawing chart={chart} plot={plot}>
        <pattern id={hatch} width="4" height="4" patternUnits="userSpaceOnUse">
          <path className="chart-hatch" d="M-1 5L5 -1M-1 1L1 -1M3 5L5 3" />
        </pattern>
        {days.map((day, index) => (
          <g key={day}>
            <title>{tellDay(chart, index)}</title>
            <rect
              className="chart-touch"
              x={plot.x(index) - plot.step / 2}
              y={size.top}
              width={plot.step}
              height={plot.bottom - size.top}
            />
            {series.map(({ name, values }, place) => {
              const below = sum(series.slice(0, place).map((one) => one.values[index] ?? 0))
              const top = below + (values[index] ?? 0)
              return (
                <Bar key={name} plot={plot} index={index} from={below} to={top} mark={place + 1} />
              )
            })}
            {series[1] && (
              <Bar
                plot={plot}
                index={index}
                from={series[0]?.values[index] ?? 0}
                to={totals[index] ?? 0}
                fill={`url(#${hatch})`}
              />
            )}
          </g>
        ))}
      </Drawing>
    </Figure>
  )
}

/** Shown to whoever points at a day. */
function tellDay({ days, series, format }: ChartProps, index: number): string {
  const parts = series.map(({ name, values }) => `${name} ${format(values[index] ?? 0)}`)
  return `${formatDay(days[index] ?? '')}: ${parts.join(', ')}`
}

const barWidthMax = 40

function Bar(props: {
  plot: Plot
  index: number
  from: number
  to: number
  mark?: number
  fill?: string
}) {
  const { plot, index, from, to, mark, fill } = props
  if (to === from) return null
  const width = Math.min(Math.max(1, plot.step * 0.72), barWidthMax)
  return (
    <rect
      className={mark ? `chart-fill-${mark}` : undefined}
      fill={fill}
      x={Math.round((plot.x(index) - width / 2) * 10) / 10}
      y={plot.y(to)}
      width={Math.round(width * 10) / 10}
      height={Math.max(1, Math.round((plot.y(from) - plot.y(to)) * 10) / 10)}
    />
  )
}

function NothingYet({ chart: { id, title } }: { chart: ChartProps }) {
  return (
    <div className="chart">
      <h3 id={id}>{title}</h3>
      <p className="chart-empty">Nothing in these days.</p>
    </div>
  )
}
