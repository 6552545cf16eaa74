import { z } from 'zod'
import { chartColors } from '../chart-spec'
import { count, ms } from '../database/report'
import { subject } from './section'

const number = z.number()
const overloadRow = z.looseObject({
  id: z.string(),
  right_per_second: number.optional(),
  goodput: number.optional(),
  made_goodput: number.optional(),
  made_ratio: number.nullable().optional(),
  p99_ms: number.nullable().optional(),
  refusal_p99_ms: number.nullable().optional(),
  refusal_bytes: number.optional(),
  normal_after_seconds: number.nullable().optional(),
  memory_mb_before: number.optional(),
  memory_mb_most: number.optional(),
  seconds: z.array(number).optional(),
  all: z.array(number).optional(),
  way: z.string().optional(),
  kind: z.string().optional(),
  asked: number.optional(),
  good: number.optional(),
  refused: number.optional(),
  gone: number.optional(),
  over_time: z.array(number).optional(),
  count: number.optional(),
})

type Row = z.infer<typeof overloadRow>

const ratioMin = 0.85
const p99MsMax = 500
const normalSecondsMax = 5
const colors = [chartColors[3], chartColors[0], chartColors[4], chartColors[5]]

const percent = (part = 0, whole = 0) =>
  whole === 0 ? '–' : `${((part / whole) * 100).toFixed(1)}%`

/** An unknown figure misses its budget. */
const budgetsOf = ({ made_ratio: ratio, p99_ms: p99, normal_after_seconds: after }: Row) => [
  {
    what: 'goodput of what has to be made, at ten times the load',
    measured: percent(ratio ?? 0, 1),
    limit: `at least ${ratioMin * 100}% of the peak`,
    met: (ratio ?? 0) >= ratioMin,
  },
  {
    what: '99 of 100 of those let in are answered',
    measured: `within ${ms(p99 ?? undefined)} ms`,
    limit: `within ${p99MsMax} ms`,
    met: (p99 ?? Number.POSITIVE_INFINITY) <= p99MsMax,
  },
  {
    what: 'normal again',
    measured: after == null ? 'not within the run' : `after ${after} s`,
    limit: `after ${normalSecondsMax} s at most`,
    met: (after ?? Number.POSITIVE_INFINITY) <= normalSecondsMax,
  },
]

export const overload = subject({
  bench: 'overload',
  title: 'Ten times as many as can be answered',
  about:
    'First the peak is found; then 0.7 times as many requests come, ten times, and 0.7 times again, by ' +
    'chance and whether or not others have been answered. A good answer is right and there within a ' +
    'second. The server tells those to come back whom it cannot answer in time; once it lets ' +
    'everybody in, to compare.',
  command: 'jumpstarter bench overload',
  row: overloadRow,
  section: (rows) => {
    const ways = rows.filter(({ all }) => all !== undefined)
    const kinds = rows.filter(({ kind }) => kind !== undefined)
    const shedding = ways.find(({ id }) => id === 'shedding')
    const own = kinds.filter(({ way }) => way === 'shedding')
    const peak = rows.find(({ id }) => id === 'peak')?.right_per_second ?? 0
    const points = shedding?.seconds ?? []
    const over = { unit: '', across: 'seconds', points }
    return {
      headlines: shedding
        ? [
            {
              value: percent(shedding.made_ratio ?? 0, 1),
              unit: '',
              what: 'of the peak is still answered in time at ten times the load',
              beside: `${count(shedding.made_goodput)} pages, sign-ins and pledges a second`,
            },
          ]
        : [],
      charts: [
        {
          ...{
            kind: 'lines',
            title: 'Good answers a second while ten times as many come',
            ...over,
          },
          subtitle: `Right and within a second; the peak is ${count(peak)}`,
          series: ways.map(({ id, all = [] }, index) => ({
            ...{ name: id, color: colors[index === 0 ? 3 : 0] as string, values: all },
            dashed: index === 0,
          })),
        },
        {
          ...{ kind: 'lines', title: 'Good answers a second by what is asked for', ...over },
          subtitle: 'With shedding; what is asked for most comes from memory and is let in',
          series: own.map(({ id, over_time: values = [] }, index) => ({
            ...{ name: id.replace('shedding: ', ''), values },
            color: colors[index % colors.length] as string,
          })),
        },
      ],
      tables: [
        {
          title: 'In the surge',
          headers: ['what is asked for', 'times', 'good', 'refused', 'gave up', 'p99 ms'],
          rows: kinds.map(({ id, asked, good, refused, gone, p99_ms }) => [
            ...[id, count(asked)],
            ...[good, refused, gone].map((part) => percent(part, asked)),
            ms(p99_ms ?? undefined),
          ]),
        },
        {
          title: 'Refusals and memory',
          headers: ['way', 'refusal p99 ms', 'refusal bytes', 'memory MB before', 'most'],
          rows: ways.map((row) => [
            ...[row.id, ms(row.refusal_p99_ms ?? undefined), count(row.refusal_bytes)],
            ...[count(row.memory_mb_before), count(row.memory_mb_most)],
          ]),
        },
      ],
      ...(rows.some(({ id, count: invalid = 0 }) => id === 'invalid' && invalid > 0)
        ? { unjudged: 'The generator was late or busy: the run says nothing of the server.' }
        : { budgets: shedding ? budgetsOf(shedding) : [] }),
    }
  },
})
