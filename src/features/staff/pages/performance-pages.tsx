import type { Minute, Performance } from '#observability/history'
import { EmptyState } from '#web/components/empty-state'
import { Document } from '#web/document'
import { paths } from '#web/paths'
import { StaffPage } from '../parts/frame'
import { TimeChart } from '../parts/time-chart'

type Hour = Performance['hour']

const whole = new Intl.NumberFormat('en-US', { maximumFractionDigits: 0 })
const digits = new Intl.NumberFormat('en-US', { maximumSignificantDigits: 3 })

const perSecond = ({ requests, seconds }: Hour) => (seconds > 0 ? requests / seconds : 0)
const formatRate = (value: number) => digits.format(value)
const formatMs = (ms: number) =>
  ms === 0 ? '0' : ms < 1 ? `${digits.format(ms * 1000)} µs` : `${digits.format(ms)} ms`
const formatPercent = (percent: number) => `${digits.format(percent)}%`
const formatMegabytes = (megabytes: number) => `${whole.format(megabytes)} MB`
const orNothing = (value: number | null, format: (value: number) => string) =>
  value === null ? '—' : format(value)

const nothingKnown = 'Nothing is measured at the moment.'

/** The last hour of this machine, for staff. */
export function PerformancePage({ performance }: { performance: Performance | null }) {
  return (
    <StaffPage
      title="Performance"
      current="performance"
      lead={
        <>
          All workers of this machine in the last hour, by the minute. In short, for everybody:{' '}
          <a href={paths.performance()}>Performance</a>.
        </>
      }
    >
      {performance === null ? (
        <EmptyState title={nothingKnown}>
          <p>It is with the setting JUMPSTARTER_METRICS=on.</p>
        </EmptyState>
      ) : (
        <>
          <Stats hour={performance.hour} />
          <Charts minutes={performance.minutes} />
        </>
      )}
    </StaffPage>
  )
}

/** What everybody may know. */
export function PerformanceSummaryPage({ hour }: { hour: Hour | null }) {
  return (
    <Document
      title="Performance"
      description="How fast this site has answered in the last hour."
      canonical={paths.performance()}
    >
      <div className="staff-page performance-page">
        <header>
          <h1>Performance</h1>
          <p className="staff-lead">How fast this site has answered in the last hour.</p>
        </header>
        {hour === null ? <EmptyState title={nothingKnown} /> : <Stats hour={hour} />}
      </div>
    </Document>
  )
}

function Stats({ hour }: { hour: Hour }) {
  const rows: [name: string, value: string, about: string][] = [
    ['Requests a second', formatRate(perSecond(hour)), `${whole.format(hour.requests)} in all`],
    ['Half are answered within', orNothing(hour.p50Ms, formatMs), 'the 50th percentile'],
    ['99 of 100 within', orNothing(hour.p99Ms, formatMs), 'the 99th percentile'],
    ['Told to come back', whole.format(hour.refused), 'at moments with too many at the door'],
    [
      'From memory',
      orNothing(hour.hitRate && hour.hitRate * 100, formatPercent),
      'finished pages, made once',
    ],
    [
      'A database statement takes',
      orNothing(hour.databaseMs, formatMs),
      `on average, of ${whole.format(hour.statements)}`,
    ],
  ]
  return (
    <dl className="stats performance-stats">
      {rows.map(([name, value, about]) => (
        <div key={name}>
          <dt>
            {name}
            <small>{about}</small>
          </dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function Charts({ minutes: all }: { minutes: Minute[] }) {
  const minutes = all.map(({ at }) => at)
  const workers = [...new Set(all.flatMap(({ workers }) => workers.map(({ worker }) => worker)))]
  const line = (name: string, value: (minute: Minute) => number | null) => ({
    name,
    values: all.map(value),
  })
  const ofEach = (value: (worker: Minute['workers'][number]) => number | null) =>
    workers
      .toSorted((a, b) => a - b)
      .map((number) =>
        line(`Worker ${number}`, (minute) => {
          const own = minute.workers.find(({ worker }) => worker === number)
          return own ? value(own) : null
        }),
      )
  const milliseconds = { minutes, format: formatMs }
  return (
    <div className="performance-charts">
      <TimeChart
        {...{ id: 'requests', title: 'Requests a second', minutes, format: formatRate }}
        series={[line('Requests a second', perSecond)]}
      />
      <TimeChart
        {...{ id: 'refused', title: 'Told to come back', minutes, format: whole.format }}
        series={[line('Requests', ({ refused }) => refused)]}
      />
      <TimeChart
        {...{ id: 'middle', title: 'Half are answered within', ...milliseconds }}
        series={[line('50th percentile', ({ p50Ms }) => p50Ms)]}
      />
      <TimeChart
        {...{ id: 'slowest', title: '99 of 100 are answered within', ...milliseconds }}
        series={[line('99th percentile', ({ p99Ms }) => p99Ms)]}
      />
      <TimeChart
        {...{ id: 'memory-hits', title: 'Answered from memory', minutes, format: formatPercent }}
        series={[line('From memory', ({ hitRate }) => hitRate && hitRate * 100)]}
      />
      <TimeChart
        {...{ id: 'database', title: 'A database statement takes', ...milliseconds }}
        series={[line('On average', ({ databaseMs }) => databaseMs)]}
      />
      <TimeChart
        {...{ id: 'delays', title: 'The event loop is late by, 99 of 100', ...milliseconds }}
        series={ofEach(({ delayMs }) => delayMs)}
      />
      <TimeChart
        {...{ id: 'memory', title: 'Memory of each worker', minutes, format: formatMegabytes }}
        series={ofEach(({ memoryBytes }) => memoryBytes / 1024 / 1024)}
      />
    </div>
  )
}
