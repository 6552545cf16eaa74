import { z } from 'zod'
import type { CostNames } from '../cost/report'
import { us } from '../database/report'
import { type Subject, subject } from './section'

const costRow = z.looseObject({
  id: z.string(),
  without_cpu_us: z.number().positive(),
  with_cpu_us: z.number().positive(),
  ratio: z.number().positive(),
  ratio_low: z.number().positive().nullable(),
  ratio_high: z.number().positive().nullable(),
})

export const signed = costSubject({
  bench: 'signed',
  title: 'Pages of people signed in',
  about:
    'Processor time of the worker for a page made anew, asked for by people who are signed in ' +
    'against the same page asked for without a cookie, by turns.',
  what: 'being signed in',
  names: { without: 'anonymous', with: 'signed in' },
  ratioMax: 1.15,
})

export const seeing = costSubject({
  bench: 'seeing',
  title: 'What it costs to see',
  about:
    'Processor time for a page of a program that counts, measures and tells of its requests, as ' +
    'it usually does, against one with JUMPSTARTER_METRICS=off and a quiet log, by turns.',
  what: 'seeing',
  names: { without: 'blind', with: 'seeing' },
  ratioMax: 1.02,
})

interface Costly {
  bench: string
  title: string
  about: string
  /** As in “what … costs”. */
  what: string
  names: CostNames
  ratioMax: number
}

function costSubject({ bench, title, about, what, names, ratioMax }: Costly): Subject {
  return subject({
    ...{ bench, title, about, command: `jumpstarter bench ${bench}`, row: costRow },
    section: (rows) => ({
      charts: [
        {
          kind: 'intervals',
          title: `What ${what} costs`,
          subtitle: `Processor time for a page, ${names.with} against ${names.without}; with its 95 % interval`,
          unit: '×',
          rows: rows.map(({ id, ratio, ratio_low: low, ratio_high: high }) => ({
            ...{ name: id, ratio, low: low ?? ratio, high: high ?? ratio },
          })),
          ends: [`${what} costs less`, `${what} costs more`],
        },
      ],
      tables: [
        {
          title: 'Every page',
          headers: ['page', `${names.without} µs`, `${names.with} µs`, 'ratio'],
          rows: rows.map((row) => [
            ...[row.id, us(row.without_cpu_us), us(row.with_cpu_us), row.ratio.toFixed(2)],
          ]),
        },
      ],
      budgets: rows.map(({ id, ratio }) => ({
        what: `${id}, ${names.with} against ${names.without}`,
        measured: `${ratio.toFixed(2)} ×`,
        limit: `at most ${ratioMax} ×`,
        met: ratio <= ratioMax,
      })),
    }),
  })
}
