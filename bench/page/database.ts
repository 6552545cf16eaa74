import { z } from 'zod'
import { chartColors } from '../chart-spec'
import {
  compared,
  errorShortfalls,
  intervalOf,
  type LoadRow,
  loadRow,
  ratioWords,
  served,
  servedTable,
  shortfallsOf,
  withoutConnections,
} from './load-rows'
import { subject } from './section'

/** Of a setting's value that is not ours: where it is below 1, ours is the better one. */
const isTrial = ({ id }: LoadRow) => id.includes('against what is shipped')

const databaseRow = loadRow.and(z.looseObject({ verdict: z.string().optional() }))

export const database = subject({
  bench: 'database',
  title: 'The single database, read and written',
  about:
    'The same SQL over the same connections, through our code (one Bun process, as in a worker) and ' +
    'through pgbench -M prepared, in turns. The ratio is ours to pgbench.',
  command: 'jumpstarter bench database',
  row: databaseRow,
  section: (rows) => {
    const all = served(rows)
    const ratios = compared(rows).filter((row) => !isTrial(row))
    const trials = compared(rows).filter(isTrial)
    const names = all.flatMap(({ id }) => /^(.*), ours$/.exec(id)?.[1] ?? [])
    const isCompared = ratios.length > 0
    const rate = (id: string) => all.find((row) => row.id === id)?.requests_per_second ?? null
    return {
      charts: [
        {
          kind: 'bars',
          title: 'Read and write speed of the single database',
          subtitle: 'Operations a second, medians',
          unit: '/s',
          series: [
            { name: 'through our code', color: chartColors[3] },
            ...(isCompared ? [{ name: 'through pgbench', color: chartColors[0] }] : []),
          ],
          groups: names.map((name) => ({
            name,
            values: (isCompared ? ['ours', 'pgbench'] : ['ours']).map((side) =>
              rate(`${name}, ${side}`),
            ),
          })),
          log: true,
        },
        {
          kind: 'intervals',
          title: 'Our code against pgbench',
          subtitle: 'Operations a second: median of the rounds, least and most',
          unit: 'ours / pgbench',
          ends: ['pgbench faster', 'ours faster'],
          rows: ratios.map((row) =>
            intervalOf(withoutConnections(row.id.replace(': ours / pgbench', '')), row),
          ),
        },
      ],
      tables: [
        {
          title: 'Settings that were tried',
          headers: ['setting and load', 'ratio', 'verdict'],
          rows: trials.map((row) => [row.id, ratioWords(row), row.verdict ?? '–']),
        },
      ],
      details: [servedTable('Every figure', all)],
      shortfalls: [...shortfallsOf(ratios), ...errorShortfalls(all)],
    }
  },
})
