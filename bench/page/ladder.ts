import { type BarChart, chartColors } from '../chart-spec'
import { count } from '../database/report'
import { steps } from '../ladder/ladder'
import reference from '../queries/reference-2018.json'
import {
  compared,
  connectionsOf,
  errorShortfalls,
  intervalOf,
  type LoadRow,
  loadRow,
  type Served,
  served,
  servedTable,
  shortfallsOf,
  withoutConnections,
} from './load-rows'
import { type Headline, subject } from './section'

const publishedPrefix = 'published in 2018 on other hardware: '
const isPublished = ({ id }: LoadRow) => id.startsWith(publishedPrefix)

export const ladder = subject({
  bench: 'ladder',
  title: 'One server, step by step',
  about:
    'The first table of 2018 continued: each step adds one thing to the step above it, is a server ' +
    'of its own, started for each of its turns, and is asked for the same project pages.',
  command: 'bun bench ladder',
  row: loadRow,
  section: (rows) => {
    const ours = served(rows).filter((row) => !isPublished(row))
    const ratios = compared(rows)
    return {
      headlines: headlines(ours),
      charts: [
        { kind: 'bars', ...ladderBars(rows) },
        {
          kind: 'intervals',
          title: 'What each step brings',
          subtitle:
            'Requests a second against the step below: median of the rounds, least and most',
          unit: 'times the step before',
          ends: ['slower', 'faster'],
          rows: ratios.map((row) => intervalOf(withoutConnections(row.id), row)),
        },
      ],
      details: [servedTable('Every figure', served(rows))],
      shortfalls: [...shortfallsOf(ratios), ...errorShortfalls(ours)],
    }
  },
})

function headlines(ours: Served<LoadRow>[]): Headline[] {
  const best = ours.toSorted((a, b) => b.requests_per_second - a.requests_per_second)[0]
  const then = reference.single_server.rows.at(-1)?.values[0]
  const ten = reference.horizontal.rows.at(-1)?.[1]
  if (!best) return []
  return [
    {
      value: count(best.requests_per_second),
      unit: '/s',
      what: `project pages from one server: ${withoutConnections(best.id)}, ${best.errors ?? 0} errors`,
      beside: `2018: ${count(then)} on one server, ${count(ten)} on ten`,
    },
  ]
}

/** Requests a second of each step, with those of 2018 where there is one. */
function ladderBars(rows: LoadRow[]): BarChart {
  const all = served(rows)
  const ours = all.filter((row) => !isPublished(row))
  const numbers = [...new Set(ours.map(({ id }) => connectionsOf(id)))]
  const names = [...new Set(ours.map(({ id }) => withoutConnections(id)))]
  const rate = (id: string) => all.find((row) => row.id === id)?.requests_per_second || null
  const then = (name: string) => {
    const published = steps.find(({ id }) => id === name)?.published
    return published === undefined ? null : rate(publishedPrefix + published)
  }
  return {
    title: 'One server, step by step',
    subtitle: 'Project pages a second, medians; 2018 as published, on other hardware',
    unit: '/s',
    series: [
      { name: 'published in 2018', color: chartColors[0] },
      ...numbers.map((connections, index) => ({
        name: `${connections} connections`,
        color: chartColors[index === 0 ? 3 : 4],
      })),
    ],
    groups: names.map((name) => ({
      name,
      values: [
        then(name),
        ...numbers.map((connections) => rate(`${name}, ${connections} connections`)),
      ],
    })),
    log: true,
  }
}
