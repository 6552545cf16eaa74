import { z } from 'zod'
import { chartColors } from '../chart-spec'
import { count } from '../database/report'
import { faults as kinds } from '../faults/faults'
import { subject } from './section'

const number = z.number().int().nonnegative()
const faultsRow = z.looseObject({
  id: z.string(),
  operations: number.optional(),
  sent: number.optional(),
  unheard: number.optional(),
  ok: number.optional(),
  refused: number.optional(),
  unknown: number.optional(),
  decided: number.optional(),
  times: number.optional(),
  count: number.optional(),
})

const titleOf = (row: string) => kinds.find(({ id }) => row === `fault ${id}`)?.title ?? row

export const faults = subject({
  bench: 'faults',
  title: 'Pledges while everything fails',
  about:
    'Backers pledge, change and cancel through the API with keys while workers and Postgres are ' +
    'killed, Redis is emptied and answers are lost; what was not answered is asked again with its ' +
    'key. Afterwards every acknowledgement is compared with what is stored, and the books with both.',
  command: 'jumpstarter bench faults',
  row: faultsRow,
  section: (rows) => {
    const verbs = rows.filter(({ operations }) => operations !== undefined)
    const violations = rows.find(({ id }) => id === 'violations')?.count ?? 0
    const done = verbs.reduce((sum, { operations = 0 }) => sum + operations, 0)
    const happened = rows.filter(({ id }) => id.startsWith('fault '))
    const times = happened.reduce((sum, row) => sum + (row.times ?? 0), 0)
    return {
      headlines: [
        {
          value: count(violations),
          unit: '',
          what: `pledges lost, doubled, oversold or made up in ${count(times)} faults`,
          beside: `of ${count(done)} operations`,
        },
      ],
      charts: [
        {
          kind: 'bars',
          title: 'What became of each operation',
          subtitle:
            'Operations; what nobody heard the outcome of is decided by whether its key is stored',
          unit: '',
          series: [
            { name: 'done', color: chartColors[3] },
            { name: 'refused', color: chartColors[0] },
            { name: 'unknown', color: chartColors[1] },
          ],
          groups: verbs.map(({ id, ok = 0, refused = 0, unknown = 0 }) => ({
            name: id,
            values: [ok, refused, unknown],
          })),
          log: true,
        },
      ],
      tables: [
        {
          title: 'Faults',
          headers: ['what happened', 'times'],
          rows: happened.map((row) => [titleOf(row.id), count(row.times ?? 0)]),
        },
      ],
      details: [
        {
          title: 'Every operation',
          headers: ['asked for', 'operations', 'sent', 'unheard', 'done', 'refused', 'decided'],
          rows: verbs.map(({ id, operations, sent, unheard, ok, refused, decided, unknown }) => [
            id,
            ...[operations, sent, unheard, ok, refused, decided ?? unknown].map((value) =>
              count(value ?? 0),
            ),
          ]),
        },
      ],
      budgets: [
        { what: 'violations', measured: count(violations), limit: '0', met: violations === 0 },
      ],
    }
  },
})
