import { z } from 'zod'
import { chartColors } from '../chart-spec'
import { count } from '../database/report'
import { subject } from './section'

const settleRow = z.looseObject({
  id: z.string(),
  pledges: z.number().int().nonnegative(),
  seconds: z.number().nonnegative(),
  pledges_per_second: z.number().nonnegative(),
})

export const settle = subject({
  bench: 'settle',
  title: 'Settling a project',
  about:
    'One project from its deadline to its payout, by one host: every pledge is charged at the test ' +
    'gateway, one in twenty cannot be paid, is told so, tried again after seven days and dropped. ' +
    'Afterwards the books agree with pledges, charges and payouts.',
  command: 'jumpstarter bench settle',
  row: settleRow,
  section: (rows) => ({
    charts: [
      {
        kind: 'bars',
        title: 'How fast a project is settled',
        subtitle: 'Pledges a second, by what is done with them',
        unit: '/s',
        series: [{ name: 'settled', color: chartColors[3] }],
        groups: rows.map((row) => ({ name: row.id, values: [row.pledges_per_second] })),
        log: false,
      },
    ],
    tables: [
      {
        title: 'Every part',
        headers: ['part', 'pledges', 'seconds', 'pledges/s'],
        rows: rows.map((row) => [
          ...[row.id, count(row.pledges), row.seconds.toFixed(2)],
          count(row.pledges_per_second),
        ]),
      },
    ],
  }),
})
