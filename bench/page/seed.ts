import { z } from 'zod'
import { chartColors, chartFigure } from '../chart-spec'
import { atFullScale, subject } from './section'

const secondsMax = 600
const ratioMax = 1.5
const shownSeconds = 5

const seedRow = z
  .looseObject({
    id: z.string(),
    seconds: z.number().optional(),
    ratio: z.number().optional(),
    database_gb: z.number().optional(),
    heap_gb: z.number().optional(),
    indexes_gb: z.number().optional(),
  })
  .refine((row) => 'seconds' in row || 'heap_gb' in row, {
    message: 'has neither seconds nor heap_gb',
  })

export const seed = subject({
  bench: 'seed',
  title: 'Loading millions',
  about:
    'The whole load, with its stories, rewards, keys, indexes and counters, against the bare ' +
    'inserts of people, projects and pledges and seven indexes, in one run.',
  command: 'jumpstarter bench seed --scale full',
  row: seedRow,
  section: (rows, { scale }) => {
    const whole = rows.find(({ id }) => id === 'seed')
    const bare = rows.find(({ id }) => id === 'bare')
    const phases = rows.filter(({ id }) => id.startsWith('phase: '))
    const sizes = rows.filter(({ heap_gb }) => heap_gb !== undefined)
    const { seconds, ratio, database_gb } = whole ?? {}
    const millions = (scale.projects + scale.people + scale.pledges) / 1e6
    return {
      headlines:
        seconds && ratio
          ? [
              {
                value: chartFigure(seconds / 60),
                unit: 'min',
                what: `to load ${chartFigure(millions)} million people, projects and pledges`,
                beside: `${chartFigure(ratio)} times the bare rows with seven indexes`,
              },
            ]
          : [],
      charts: [
        {
          kind: 'bars',
          title: 'Where the time of the load goes',
          subtitle: `Seconds of what went on together, where it took ${shownSeconds} or more`,
          unit: 's',
          series: [{ name: 'seconds', color: chartColors[3] }],
          groups: [
            ...(bare ? [{ name: 'bare rows and indexes, for comparison', row: bare }] : []),
            ...phases
              .filter((row) => (row.seconds ?? 0) >= shownSeconds)
              .map((row) => ({ name: row.id.slice('phase: '.length), row })),
          ].map(({ name, row }) => ({ name, values: [row.seconds ?? null] })),
          log: false,
        },
      ],
      tables: [
        {
          title: database_gb ? `On disk: ${chartFigure(database_gb)} GB` : 'On disk',
          headers: ['table', 'rows, GB', 'indexes, GB'],
          rows: sizes.map(({ id, heap_gb = 0, indexes_gb = 0 }) => [
            id.slice('size: '.length),
            heap_gb.toFixed(2),
            indexes_gb.toFixed(2),
          ]),
        },
      ],
      ...atFullScale(scale, [
        ...(seconds ? [atMost('the whole load, seconds', seconds, secondsMax)] : []),
        ...(ratio ? [atMost('the whole load, times the bare one', ratio, ratioMax)] : []),
      ]),
    }
  },
})

const atMost = (what: string, value: number, most: number) => ({
  what,
  measured: chartFigure(value),
  limit: `≤ ${most}`,
  met: value <= most,
})
