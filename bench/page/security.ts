import { z } from 'zod'
import { chartColors } from '../chart-spec'
import { count } from '../database/report'
import { requirementRows } from '../security/report'
import { subject } from './section'

const number = z.number().int().nonnegative()
const securityRow = z.looseObject({
  id: z.string(),
  requests: number.optional(),
  done: number.optional(),
  refused: number.optional(),
  unavailable: number.optional(),
  broken: number.optional(),
  way: z.string().optional(),
  probes: number.optional(),
  two: number.optional(),
  smuggled: number.optional(),
  closed: number.optional(),
  one: number.optional(),
  waits: number.optional(),
  version: z.string().optional(),
  targets: number.optional(),
  high: number.optional(),
  lower: number.optional(),
  count: number.optional(),
})

const titles: Record<string, string> = { api: 'of the API', forms: 'of forms and pages' }

export const security = subject({
  bench: 'security',
  title: 'Attacked',
  about:
    'Requests generated from the OpenAPI document, rightly and wrongly; forms found by reading the ' +
    'site; requests that two parsers may read differently, directly and through each proxy; ' +
    'scanners. Nothing may break, nothing may be told, no second request may be smuggled.',
  command: 'jumpstarter bench security',
  row: securityRow,
  section: (rows) => {
    const sent = rows.filter(({ broken }) => broken !== undefined)
    const ways = rows.filter(({ way }) => way !== undefined)
    const scans = rows.filter(({ high }) => high !== undefined)
    const violations = rows.find(({ id }) => id === 'violations')?.count ?? 0
    const all = sent.reduce((sum, { requests = 0 }) => sum + requests, 0)
    return {
      headlines: [
        {
          ...{ value: count(violations), unit: '', what: 'violations under attack' },
          beside: `in ${count(all)} hostile requests`,
        },
      ],
      charts: [
        {
          kind: 'bars',
          title: 'What became of hostile requests',
          subtitle: 'Requests; right ones are among them, or nothing would be tried after the door',
          unit: '',
          series: [
            { name: 'done', color: chartColors[3] },
            { name: 'refused', color: chartColors[0] },
            { name: 'broken', color: chartColors[1] },
          ],
          groups: sent.map(({ id, done = 0, refused = 0, broken = 0 }) => ({
            name: titles[id] ?? id,
            values: [done, refused, broken],
          })),
          log: false,
        },
      ],
      tables: [
        {
          title: 'Requests that two parsers may read differently',
          headers: [
            'way',
            'requests',
            'refused',
            'closed',
            'as one',
            'waits',
            'as two',
            'smuggled',
          ],
          rows: ways.map((row) => [
            row.way ?? '',
            ...[row.probes, row.refused, row.closed, row.one, row.waits, row.two, row.smuggled].map(
              (value) => count(value ?? 0),
            ),
          ]),
        },
        ...(scans.length > 0
          ? [
              {
                title: 'Scanners',
                headers: ['scanner', 'tried', 'high', 'lower'],
                rows: scans.map(({ id, version, targets = 0, high = 0, lower = 0 }) => [
                  `${id} ${version}`,
                  ...[targets, high, lower].map(count),
                ]),
              },
            ]
          : []),
      ],
      details: [
        {
          title: 'Requirements of ASVS 5.0, level 2',
          headers: ['requirement', 'what we do', 'shown by'],
          rows: requirementRows(),
        },
      ],
      budgets: [
        { what: 'violations', measured: count(violations), limit: '0', met: violations === 0 },
      ],
    }
  },
})
