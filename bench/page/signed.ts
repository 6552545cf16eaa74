import { z } from 'zod'
import { us } from '../database/report'
import { subject } from './section'

const signedRow = z.looseObject({
  id: z.string(),
  anonymous_cpu_us: z.number().positive(),
  signed_cpu_us: z.number().positive(),
  ratio: z.number().positive(),
  ratio_low: z.number().positive().nullable(),
  ratio_high: z.number().positive().nullable(),
})

const ratioMax = 1.15

export const signed = subject({
  bench: 'signed',
  title: 'Pages of people signed in',
  about:
    'Processor time of the worker for a page made anew, asked for by people who are signed in ' +
    'against the same page asked for without a cookie, by turns.',
  command: 'jumpstarter bench signed',
  row: signedRow,
  section: (rows) => ({
    charts: [
      {
        kind: 'intervals',
        title: 'What being signed in costs',
        subtitle: 'Processor time for a page, against the anonymous one; with its 95 % interval',
        unit: '×',
        rows: rows.map(({ id, ratio, ratio_low: low, ratio_high: high }) => ({
          ...{ name: id, ratio, low: low ?? ratio, high: high ?? ratio },
        })),
        ends: ['signed in costs less', 'signed in costs more'],
      },
    ],
    tables: [
      {
        title: 'Every page',
        headers: ['page', 'anonymous µs', 'signed in µs', 'ratio'],
        rows: rows.map((row) => [
          ...[row.id, us(row.anonymous_cpu_us), us(row.signed_cpu_us), row.ratio.toFixed(2)],
        ]),
      },
    ],
    budgets: rows.map(({ id, ratio }) => ({
      what: `${id}, signed in against anonymous`,
      measured: `${ratio.toFixed(2)} ×`,
      limit: `at most ${ratioMax} ×`,
      met: ratio <= ratioMax,
    })),
  }),
})
