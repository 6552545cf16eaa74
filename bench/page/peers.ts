import { z } from 'zod'
import { chartColors, chartFigure } from '../chart-spec'
import { count } from '../database/report'
import {
  type Compared,
  compared,
  errorShortfalls,
  intervalOf,
  loadRow,
  ratioWords,
  type Served,
  served,
  servedTable,
  shortfallsOf,
  withoutConnections,
} from './load-rows'
import { type Budget, type Headline, subject, type Table } from './section'

const peerRow = loadRow.and(
  z.looseObject({
    against: z.string().optional(),
    budget: z.number().optional(),
    met: z.boolean().optional(),
  }),
)
type PeerRow = z.infer<typeof peerRow>

interface Race {
  kind: string
  against: string
  ratio: Compared<PeerRow>
  ours: Served<PeerRow> | undefined
  theirs: Served<PeerRow> | undefined
}

export const peers = subject({
  bench: 'peers',
  title: 'Ours against others',
  about:
    'The same project pages from the same rows, in turns: ours, theirs, ours, theirs. The ratio is ours ' +
    'to theirs, the median of the rounds, with the lowest and the highest.',
  command: 'bun bench peers',
  row: peerRow,
  section: (rows) => {
    const races = racesOf(rows)
    return {
      headlines: headlines(races),
      charts: [
        {
          kind: 'bars',
          title: 'Ours against others',
          subtitle: 'Requests a second, medians',
          unit: '/s',
          series: [
            { name: 'ours', color: chartColors[3] },
            { name: 'theirs', color: chartColors[0] },
          ],
          groups: races.map((race) => ({
            name: nameOf(race),
            values: [race.ours, race.theirs].map((row) => row?.requests_per_second || null),
          })),
          log: true,
        },
        {
          kind: 'intervals',
          title: 'How many times theirs',
          subtitle:
            'Requests a second of ours against theirs: median of the rounds, least and most',
          unit: 'ours / theirs',
          ends: ['theirs faster', 'ours faster'],
          rows: races.map((race) => intervalOf(nameOf(race), race.ratio)),
        },
      ],
      tables: [racesTable(races)],
      details: [servedTable('Every figure', served(rows))],
      budgets: races.flatMap(budgetOf),
      shortfalls: [
        // A miss stands among the budgets.
        ...shortfallsOf(races.map(({ ratio }) => ratio).filter(({ met }) => met !== false)),
        ...errorShortfalls(served(rows)),
      ],
    }
  },
})

/** Each comparison with the two rows that stand before it. */
function racesOf(rows: PeerRow[]): Race[] {
  return compared(rows).map((ratio) => {
    const [, kind = ratio.id, against = ''] =
      /^(.+): ours \/ (.+)$/.exec(withoutConnections(ratio.id)) ?? []
    const place = rows.indexOf(ratio)
    const [ours, theirs] = rows.slice(Math.max(0, place - 2), place)
    return {
      ...{ kind, against, ratio },
      ours: served(ours ? [ours] : [])[0],
      theirs: served(theirs ? [theirs] : [])[0],
    }
  })
}

/** `cached page · Express 5`: what is after a comma or in brackets stands in the table. */
const nameOf = ({ kind, against }: Race) => `${kind} · ${against.split(/, | \(/)[0]}`

const budgetOf = ({ kind, against, ratio }: Race): Budget[] =>
  ratio.budget === undefined
    ? []
    : [
        {
          what: `${kind}, against ${against}`,
          measured: `${chartFigure(ratio.ratio)} ×`,
          limit: `≥ ${ratio.budget} ×`,
          met: ratio.met === true,
        },
      ]

function racesTable(races: Race[]): Table {
  return {
    title: 'Ours against each; of processor time for a request less is better',
    headers: ['what', 'against', 'ours/s', 'theirs/s', 'ratio', 'CPU, ours / theirs'],
    rows: races.map(({ kind, against, ratio, ours, theirs }) => [
      kind,
      against,
      count(ours?.requests_per_second),
      count(theirs?.requests_per_second),
      ratioWords(ratio),
      ratio.cpu_ratio ? `${chartFigure(ratio.cpu_ratio)} ×` : '–',
    ]),
  }
}

function headlines(races: Race[]): Headline[] {
  const stack = races.find(({ against }) => against.includes('2018'))
  if (!stack) return []
  return [
    {
      value: chartFigure(stack.ratio.ratio),
      unit: '×',
      what: `the stack of 2018 on the same machine: a ${stack.kind}`,
      beside: `${count(stack.ours?.requests_per_second)}/s against ${count(stack.theirs?.requests_per_second)}/s`,
    },
  ]
}
