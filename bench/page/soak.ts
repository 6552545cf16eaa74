import { z } from 'zod'
import { chartColors } from '../chart-spec'
import { rule } from '../soak/trend'
import { subject } from './section'

const number = z.number()
const soakRow = z.looseObject({
  id: z.string(),
  unit: z.string().optional(),
  verdict: z.enum(['flat', 'grows', 'unsure']).optional(),
  level: number.optional(),
  per_hour: number.optional(),
  per_hour_low: number.optional(),
  per_hour_high: number.optional(),
  minutes: z.union([number, z.array(number)]).optional(),
  values: z.array(number).optional(),
  requests_per_second: number.optional(),
  asked: number.optional(),
  good: number.optional(),
  refused: number.optional(),
  wrong: number.optional(),
  gone: number.optional(),
  count: number.optional(),
})

const colors = [chartColors[3], chartColors[2], chartColors[4], chartColors[5]]

export const soak = subject({
  bench: 'soak',
  title: 'Memory in the long run',
  about:
    'A mixed load for half an hour: pages, pledges, sign-ins, uploads, live updates. Memory and open ' +
    `files of each worker and sessions of Postgres are looked at every second. ${rule}`,
  command: 'jumpstarter bench soak',
  row: soakRow,
  section: (rows) => {
    const watched = rows.filter(({ verdict }) => verdict !== undefined)
    const memory = watched.filter(({ unit }) => unit === 'MB')
    const points = memory[0]?.minutes
    const kinds = rows.filter(({ asked }) => asked !== undefined)
    const whole = rows.find(({ id }) => id === 'soak')
    return {
      headlines: memory.slice(0, 1).map((row) => ({
        value: `${row.per_hour ?? 0}`,
        unit: 'MB/h',
        what: 'growth of a worker under load',
        beside: `${row.per_hour_low} to ${row.per_hour_high}, of ${row.level} MB`,
      })),
      charts: [
        {
          kind: 'lines',
          title: 'Memory of each worker',
          subtitle: `Resident, in MB, at ${whole?.requests_per_second ?? 0} requests a second`,
          unit: 'MB',
          across: 'minutes',
          points: Array.isArray(points) ? points : [],
          series: memory.map(({ id, values = [] }, index) => ({
            name: id.replace('memory of ', ''),
            color: colors[index % colors.length] as string,
            values,
          })),
        },
      ],
      tables: [
        {
          title: 'What grows',
          headers: ['what', 'level', 'growth an hour', 'from', 'to', 'verdict'],
          rows: watched.map(
            ({ id, unit, level, per_hour, per_hour_low, per_hour_high, verdict }) => [
              ...[id, `${level} ${unit}`.trim(), `${per_hour}`, `${per_hour_low}`],
              ...[`${per_hour_high}`, verdict ?? ''],
            ],
          ),
        },
        {
          title: 'What was asked for',
          headers: ['asked for', 'times', 'right in time', 'refused', 'wrong', 'gave up'],
          rows: kinds.map(({ id, asked, good, refused, wrong, gone }) => [
            id,
            ...[asked, good, refused, wrong, gone].map((value) =>
              (value ?? 0).toLocaleString('en-US'),
            ),
          ]),
        },
      ],
      budgets: watched.map(({ id, unit, per_hour_high, verdict, level = 0 }) => ({
        what: id,
        measured: `at most ${per_hour_high} ${unit} an hour`.replace('  ', ' '),
        limit: `below ${(level / 10).toFixed(1)} ${unit} an hour`.replace('  ', ' '),
        met: verdict === 'flat',
      })),
    }
  },
})
