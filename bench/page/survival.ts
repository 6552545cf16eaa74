import { z } from 'zod'
import { chartFigure } from '../chart-spec'
import { deeds } from '../survival/deeds'
import { keptWords } from '../survival/kept'
import { type Headline, subject, type Table } from './section'

const number = z.number().nonnegative()
const cellRow = z.looseObject({
  id: z.string(),
  state: z.string(),
  title: z.string(),
  not_tried: z.string().optional(),
  deed: z.string().optional(),
  promised: z.string().optional(),
  kept: z.boolean().optional(),
  requests: number.optional(),
  old: number.optional(),
  longest_ms: number.optional(),
  recovered_ms: number.optional(),
  connections_opened: number.optional(),
  broken: z.array(z.string()).optional(),
})
type CellRow = z.infer<typeof cellRow>

export const survival = subject({
  bench: 'survival',
  title: 'While something is down',
  about:
    'People browse, read a project, sign in, stay signed in, pledge and upload, and a project that ' +
    'has ended is charged, while something the site needs is stopped, killed, hung, slowed down, ' +
    'emptied, filled or set to another time. A page shown as it was says so; what is refused says ' +
    'when to come again, and nothing of it is done.',
  command: 'jumpstarter bench survival',
  row: cellRow,
  section: (rows) => ({
    headlines: headlines(rows),
    charts: [
      {
        kind: 'matrix',
        title: 'What people can do while something is down',
        subtitle:
          'Green: the promise was kept. The longest that anybody waited; for settling, from the return',
        unit: 'ms',
        columns: deeds.map(({ title }) => title),
        rows: statesOf(rows).map(([, own]) => ({
          name: own[0].title,
          cells: deeds.map(({ id }) => {
            const cell = own.find(({ deed }) => deed === id)
            if (!cell) return null
            return { words: `${chartFigure(figureOf(cell))} ms`, kept: cell.kept === true }
          }),
        })),
      },
    ],
    tables: [returns(rows)],
    details: [every(rows)],
    budgets: statesOf(rows).map(([, own]) => {
      const broken = own.flatMap(({ broken = [] }) => broken)
      return {
        what: own[0].title,
        measured: broken.length === 0 ? `${own.length} promises kept` : broken.join('; '),
        limit: 'all',
        met: broken.length === 0,
      }
    }),
    shortfalls: rows.flatMap(({ title, not_tried: why }) =>
      why === undefined ? [] : [{ what: title, measured: `not tried: ${why}`, sure: true }],
    ),
  }),
})

/** What was tried, state by state, in the order of the rows. */
const statesOf = (rows: CellRow[]): [string, [CellRow, ...CellRow[]]][] =>
  [
    ...Map.groupBy(
      rows.filter(({ deed }) => deed !== undefined),
      ({ state }) => state,
    ),
  ] as [string, [CellRow, ...CellRow[]]][]

const figureOf = ({ deed, longest_ms: longest = 0, recovered_ms: recovered = 0 }: CellRow) =>
  deed === 'settle' ? recovered : longest

function headlines(rows: CellRow[]): Headline[] {
  const cells = rows.filter(({ deed }) => deed !== undefined)
  if (cells.length === 0) return []
  const kept = cells.filter((cell) => cell.kept).length
  return [
    {
      value: kept.toLocaleString('en-US'),
      unit: '',
      what: `promises kept while something was down, in ${statesOf(rows).length} states`,
      beside: `of ${cells.length.toLocaleString('en-US')}`,
    },
  ]
}

const returns = (rows: CellRow[]): Table => ({
  title: 'After the return',
  headers: ['while', 'as ever after ms', 'connections opened'],
  rows: statesOf(rows).map(([, own]) => [
    own[0].title,
    chartFigure(
      Math.max(
        ...own.filter(({ deed }) => deed !== 'settle').map((each) => each.recovered_ms ?? 0),
      ),
    ),
    chartFigure(own[0].connections_opened ?? 0),
  ]),
})

const every = (rows: CellRow[]): Table => ({
  title: 'Every cell',
  headers: ['while', 'deed', 'promised', 'kept', 'requests', 'old', 'longest ms', 'as ever ms'],
  rows: rows
    .filter(({ deed }) => deed !== undefined)
    .map((row) => [
      ...[row.title, row.deed ?? '', keptWords[row.promised as keyof typeof keptWords] ?? ''],
      ...[row.kept ? 'yes' : 'no', chartFigure(row.requests ?? 0), chartFigure(row.old ?? 0)],
      ...[chartFigure(row.longest_ms ?? 0), chartFigure(row.recovered_ms ?? 0)],
    ]),
})
