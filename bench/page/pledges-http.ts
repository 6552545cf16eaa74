import { z } from 'zod'
import { chartColors, type LineChart } from '../chart-spec'
import { count, ms, us } from '../database/report'
import { figure, loadRow, type Served, served } from './load-rows'
import { type Headline, subject } from './section'

const ways = z.enum(['api', 'form'])
const httpRow = loadRow.and(
  z.looseObject({
    way: ways,
    arena: z.enum(['one', 'spread']),
    transport: z.enum(['tcp', 'unix']),
    workers: z.number().int().positive(),
    connections: z.number().int().positive(),
    client_cpu_us_per_request: figure,
    limit: z.string(),
  }),
)
type HttpRow = z.infer<typeof httpRow>

export const pledgesHttp = subject({
  bench: 'pledges-http',
  title: 'A rush of pledges, over HTTP',
  about:
    'Pledges end to end, each of somebody else: by the API with a token and a key, and by the form ' +
    'of the checkout with a cookie; over TCP and Unix sockets, into one project and spread over ' +
    '200. Server, Postgres and client share the processor. Every answer is looked at; after each ' +
    'run pledges, totals, stock, keys and books agree with what was acknowledged, and after all of ' +
    'them verify finds nothing.',
  command: 'jumpstarter bench pledges --http',
  row: httpRow,
  section: (rows) => {
    const all = served(rows)
    return {
      headlines: headlineOf(all),
      charts: (['one', 'spread'] as const).map((arena) => ({
        kind: 'lines' as const,
        ...rates(all, arena),
      })),
      tables: [tableOf(all)],
    }
  },
})

function headlineOf(rows: Served<HttpRow>[]): Headline[] {
  const [best] = rows
    .filter(({ arena, way }) => arena === 'one' && way === 'api')
    .toSorted((a, b) => b.requests_per_second - a.requests_per_second)
  return best
    ? [
        {
          ...{ value: count(best.requests_per_second), unit: '/s' },
          what: 'pledges into one project over HTTP, by the API',
          beside: `limited by ${best.limit}`,
        },
      ]
    : []
}

function rates(rows: Served<HttpRow>[], arena: HttpRow['arena']): LineChart {
  const here = rows.filter((row) => row.arena === arena)
  const points = [...new Set(here.map((row) => row.connections))].toSorted((a, b) => a - b)
  const nameOf = ({ way, transport, workers }: HttpRow) =>
    `${way === 'api' ? 'API' : 'form'}, ${transport === 'tcp' ? 'TCP' : 'Unix'}, ` +
    `${workers === 1 ? '1 worker' : `${workers} workers`}`
  const names = [...new Set(here.map(nameOf))]
  return {
    title: arena === 'one' ? 'Pledges into one project' : 'Pledges over 200 projects, 80/20',
    subtitle: 'Pledges a second by connections, medians; dashed over TCP',
    unit: '/s',
    across: 'connections',
    points,
    series: names.map((name, index) => ({
      name,
      color: chartColors[Math.floor(index / 2) % chartColors.length] as string,
      dashed: name.includes('TCP'),
      values: points.map(
        (connections) =>
          here.find((row) => nameOf(row) === name && row.connections === connections)
            ?.requests_per_second ?? null,
      ),
    })),
  }
}

const tableOf = (rows: Served<HttpRow>[]) => ({
  title: 'Every figure, and what limits it',
  headers: [
    ...['what', 'pledges/s', 'p50 ms', 'p99 ms', 'worker CPU µs', 'Postgres CPU µs'],
    ...['client CPU µs', 'limited by'],
  ],
  rows: rows.map((row) => [
    ...[row.id, count(row.requests_per_second)],
    ...[row.p50_ms, row.p99_ms].map((value) => ms(value ?? undefined)),
    us(row.cpu_us_per_request ?? undefined),
    us(row.postgres_cpu_us_per_request ?? undefined),
    us(row.client_cpu_us_per_request ?? undefined),
    row.limit,
  ]),
})
