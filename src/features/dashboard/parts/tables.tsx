import { formatWhole } from '#lib/money'
import { formatCount } from '#lib/text'
import { fromElsewhere, fromHere } from '#lib/visit'
import type { CountedProject, PledgeSums, RewardSales, VisitSums } from '../reads/numbers'

interface Row {
  key: string
  name: string
  detail?: string
  /** How long its bar is. */
  value: number
  cells: string[]
}

/** Numbers by name, the largest first, each with a bar. */
function Numbers(props: { caption: string; columns: string[]; rows: Row[]; empty: string }) {
  const { caption, columns, rows, empty } = props
  const most = Math.max(1, ...rows.map(({ value }) => value))
  if (rows.length === 0) {
    return (
      <div className="chart">
        <h3>{caption}</h3>
        <p className="chart-empty">{empty}</p>
      </div>
    )
  }
  return (
    <div className="chart">
      <table className="dashboard-numbers">
        <caption>{caption}</caption>
        <thead>
          <tr>
            <th scope="col">
              <span className="visually-hidden">Name</span>
            </th>
            <td />
            {columns.map((column) => (
              <th scope="col" key={column}>
                {column}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map(({ key, name, detail, value, cells }) => (
            <tr key={key}>
              <th scope="row">
                {name} {detail && <small>{detail}</small>}
              </th>
              <td>
                <meter value={value} max={most} aria-hidden="true" />
              </td>
              {cells.map((cell, index) => (
                <td key={columns[index]}>{cell}</td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  )
}

const sourceNames: Record<string, string> = {
  '': 'Directly, or unknown',
  [fromHere]: 'Other pages of Jumpstarter',
  [fromElsewhere]: 'Elsewhere',
}

export function SourcesTable({ visits }: { visits: VisitSums }) {
  return (
    <Numbers
      caption="Where visitors come from"
      columns={['Visits', 'Share']}
      empty="No visits in these days."
      rows={visits.sources.map(({ source, visits: value }) => ({
        key: source,
        name: sourceNames[source] ?? source,
        value,
        cells: [formatCount(value), `${((100 * value) / visits.total).toFixed(1)} %`],
      }))}
    />
  )
}

export function RewardsTable(props: {
  project: CountedProject
  rewards: readonly RewardSales[]
  pledges: PledgeSums
}) {
  const { project, rewards, pledges } = props
  const isPartial = pledges.counted < project.backersCount
  const amounts = new Map(pledges.rewards.map(({ id, amount }) => [id, amount]))
  const without = pledges.rewards.find(({ id }) => id === null)
  const money = (id: number | null) => formatWhole(amounts.get(id) ?? 0, project.currency)
  return (
    <Numbers
      caption="Rewards"
      columns={[
        'Taken',
        isPartial ? `Pledged by the latest ${formatCount(pledges.counted)}` : 'Pledged',
      ]}
      empty="This project has no rewards."
      rows={[
        ...rewards.map(({ id, name, quantity, backersCount }) => ({
          key: String(id),
          name,
          detail: quantity === null ? 'not limited' : `${formatCount(quantity)} in all`,
          value: backersCount,
          cells: [formatCount(backersCount), money(id)],
        })),
        ...(without
          ? [
              {
                key: 'none',
                name: 'Without a reward',
                value: without.backers,
                cells: [formatCount(without.backers), money(null)],
              },
            ]
          : []),
      ]}
    />
  )
}

export function PlacesTable({ pledges }: { pledges: PledgeSums }) {
  return (
    <Numbers
      caption="Where backers live"
      columns={['Backers']}
      empty="No backers yet."
      rows={pledges.places.map(({ city, country, backers }) => ({
        key: `${city} ${country}`,
        name: city || country || 'Unknown',
        detail: city ? country : '',
        value: backers,
        cells: [formatCount(backers)],
      }))}
    />
  )
}
