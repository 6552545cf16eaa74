import { formatMoney, formatShortMoney, formatWhole, percentFunded } from '#lib/money'
import { formatCount, plural } from '#lib/text'
import { formatDay } from '#lib/time'
import { EmptyState } from '#web/components/empty-state'
import { Document } from '#web/document'
import { paths } from '#web/paths'
import { BarChart, LineChart } from './parts/charts'
import { ExportSection } from './parts/export'
import { PlacesTable, RewardsTable, SourcesTable } from './parts/tables'
import type { CountedProject, PledgeSums, RewardSales, SaverSums, VisitSums } from './reads/numbers'
import { type Range, ranges, sum } from './rules/days'
import type { Numbers } from './rules/numbers'

export interface DashboardProps {
  project: CountedProject
  range: Range
  numbers: Numbers
  pledges: PledgeSums
  savers: SaverSums
  /** Null where there are too many to count. */
  followersCount: number | null
  visits: VisitSums
  rewards: readonly RewardSales[]
}

/** How a project is doing, in numbers, for those who make it. */
export function DashboardPage(props: DashboardProps) {
  const { project } = props
  return (
    <Document title={`Dashboard · ${project.title}`} hidden>
      <div className="dashboard">
        <h1>Dashboard</h1>
        <p className="dashboard-lead">
          {project.launchedAt ? (
            <a href={paths.project(project)}>{project.title}</a>
          ) : (
            <a href={paths.edit(project)}>{project.title}</a>
          )}
          {' · '}
          <a href={paths.making()}>Your projects</a>
        </p>
        {project.launchedAt ? <Campaign {...props} /> : <NotLaunched project={project} />}
      </div>
    </Document>
  )
}

function NotLaunched({ project }: { project: CountedProject }) {
  return (
    <EmptyState title="There is nothing to count yet.">
      <p>
        From the launch on you see here who visits, saves and backs your project.{' '}
        <a href={paths.edit(project, 'launch')}>What is missing to launch</a>
      </p>
    </EmptyState>
  )
}

function Campaign(props: DashboardProps) {
  const { project, numbers, pledges, rewards, visits } = props
  return (
    <>
      <Totals {...props} />
      <h2>Day by day</h2>
      <Ranges {...props} />
      {numbers.since && (
        <p className="dashboard-note">
          Counted over the latest {formatCount(pledges.counted)} of{' '}
          {plural(project.backersCount, 'pledge')}, the first of them on {formatDay(numbers.since)}:
          of that day only a part.
        </p>
      )}
      <TheseDays {...props} />
      <div className="dashboard-grid">
        <PledgeCharts {...props} />
        <PeopleCharts {...props} />
        <SourcesTable visits={visits} />
      </div>
      <h2>Since the launch</h2>
      <div className="dashboard-grid">
        <RewardsTable project={project} rewards={rewards} pledges={pledges} />
        <PlacesTable pledges={pledges} />
      </div>
      <ExportSection project={project} />
    </>
  )
}

type Stat = [name: string, value: string]

function Stats({ stats }: { stats: Stat[] }) {
  return (
    <dl className="stats dashboard-stats">
      {stats.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function Totals({ project, savers, followersCount }: DashboardProps) {
  const { pledged, currency, goal, backersCount } = project
  const average = backersCount === 0 ? 0 : Math.round(pledged / backersCount)
  const isAllSavers = savers.counted === project.savesCount
  return (
    <Stats
      stats={[
        [
          `pledged of ${formatWhole(goal, currency)}: ${percentFunded(pledged, goal)}\u00a0%`,
          formatWhole(pledged, currency),
        ],
        [backersCount === 1 ? 'backer' : 'backers', formatCount(backersCount)],
        ['on average', formatMoney(average, currency)],
        ['saved it', formatCount(project.savesCount)],
        [
          isAllSavers
            ? 'saved it and became backers'
            : `of ${formatCount(savers.counted)} who saved it became backers`,
          formatCount(savers.converted),
        ],
        [
          isAllSavers ? 'reminders to be sent' : 'reminders to be sent, or more',
          formatCount(savers.reminders),
        ],
        ['follow the creator', followersCount === null ? 'Very many' : formatCount(followersCount)],
      ]}
    />
  )
}

function TheseDays({ project, numbers, visits }: DashboardProps) {
  return (
    <Stats
      stats={[
        ['pledged in these days', formatWhole(sum(numbers.amounts), project.currency)],
        ['backers in these days', formatCount(sum(numbers.backers))],
        ['visits in these days', formatCount(visits.total)],
        ['of visits became backers', percent(numbers.conversion)],
      ]}
    />
  )
}

const percent = (value: number | null) => (value === null ? '–' : `${value.toFixed(1)} %`)

const rangeNames: Record<Range, string> = {
  '7': 'Last 7 days',
  '30': 'Last 30 days',
  all: 'Whole campaign',
}

function Ranges({ project, range }: DashboardProps) {
  return (
    <nav className="dashboard-ranges" aria-label="Days shown">
      {ranges.map((each) => (
        <a
          key={each}
          href={paths.dashboard(project, each === 'all' ? {} : { days: each })}
          aria-current={each === range ? 'page' : undefined}
        >
          {rangeNames[each]}
        </a>
      ))}
    </nav>
  )
}

function PledgeCharts({ project, numbers }: DashboardProps) {
  const { currency, goal } = project
  const money = {
    format: (value: number) => formatMoney(value, currency),
    formatShort: (value: number) => formatShortMoney(value, currency),
  }
  const { days } = numbers
  const last = numbers.pledged.at(-1) ?? 0
  return (
    <>
      <LineChart
        id="pledged"
        title="Pledged, against the goal"
        summary={`From ${money.format(numbers.pledged[0] ?? 0)} to ${money.format(last)}, ${
          last >= goal ? 'above' : 'below'
        } the goal of ${money.format(goal)}.`}
        days={days}
        series={[{ name: 'Pledged', values: numbers.pledged }]}
        goal={goal}
        {...money}
      />
      <BarChart
        id="amounts"
        title="Pledged each day"
        summary={`${money.format(sum(numbers.amounts))} in ${plural(days.length, 'day')}; at most ${money.format(Math.max(0, ...numbers.amounts))} in a day.`}
        days={days}
        series={[{ name: 'Pledged', values: numbers.amounts }]}
        {...money}
      />
    </>
  )
}

const counts = {
  format: formatCount,
  formatShort: (value: number) => Intl.NumberFormat('en-US', { notation: 'compact' }).format(value),
}

function PeopleCharts({ numbers }: DashboardProps) {
  const { days, newBackers, returningBackers, saves, followers } = numbers
  const people = [
    ...(saves ? [{ name: 'Saved it', values: saves }] : []),
    ...(followers ? [{ name: 'Follow the creator', values: followers }] : []),
  ]
  const ends = people.map(({ name, values }) => `${name}: ${formatCount(values.at(-1) ?? 0)}`)
  return (
    <>
      <BarChart
        id="backers"
        title="Backers each day"
        summary={`${formatCount(sum(newBackers))} backed their first project, ${formatCount(sum(returningBackers))} had backed before.`}
        days={days}
        series={[
          { name: 'New', values: newBackers },
          { name: 'Returning', values: returningBackers },
        ]}
        {...counts}
      />
      <BarChart
        id="visits"
        title="Visits each day"
        summary={`${formatCount(sum(numbers.visits))} visits in ${plural(days.length, 'day')}.`}
        days={days}
        series={[{ name: 'Visits', values: numbers.visits }]}
        {...counts}
      />
      {people.length > 0 && (
        <LineChart
          id="people"
          title="Saves and followers"
          summary={`On the last day: ${ends.join(', ')}.`}
          days={days}
          series={people}
          {...counts}
        />
      )}
    </>
  )
}
