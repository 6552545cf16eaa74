import { plural } from '#lib/text'
import { count } from '../database/report'
import { markdownTable, textTable } from '../report'
import { control } from './corpus'
import { requirements } from './requirements'
import { type Attacked, violationsOf } from './security'
import { directly, type End, ends, type Smuggled } from './smuggling'

const sum = (numbers: Iterable<number>) => [...numbers].reduce((all, each) => all + each, 0)

const unavailable = (statuses: Map<number, number>) => statuses.get(503) ?? 0

const ofStatus = (statuses: Map<number, number>, from: number, to: number) =>
  sum([...statuses].filter(([status]) => status >= from && status < to).map(([, times]) => times))

/** What was sent, by the way it went. */
function sentRows({ api, forms }: Attacked) {
  return [
    { id: 'api', statuses: api.statuses, failures: api.failures.length },
    { id: 'forms', statuses: forms.statuses, failures: forms.failures.length },
  ].map(({ id, statuses, failures }) => ({
    id,
    requests: sum(statuses.values()),
    done: ofStatus(statuses, 200, 400),
    refused: ofStatus(statuses, 400, 500),
    unavailable: unavailable(statuses),
    broken: ofStatus(statuses, 500, 600) - unavailable(statuses),
    failures,
  }))
}

function smuggledRows(smuggled: Smuggled[]) {
  const own = smuggled.filter(({ group }) => group !== 'control')
  const ways = [...new Set(own.map(({ way }) => way))]
  return ways.map((way) => {
    const results = own.filter((each) => each.way === way)
    const of = (end: End) => results.filter((each) => each.end === end).length
    return { id: `smuggling ${way}`, way, probes: results.length, ends: ends.map(of) }
  })
}

/** The rows of the JSON file. */
export const securityRows = (attacked: Attacked): object[] => [
  ...sentRows(attacked),
  ...smuggledRows(attacked.smuggled).map(({ id, way, probes, ends: counts }) => ({
    ...{ id, way, probes },
    ...Object.fromEntries(ends.map((end, index) => [end, counts[index]])),
  })),
  ...attacked.scans.map(({ tool, version, seconds, targets, findings }) => ({
    ...{ id: tool, version, seconds, targets },
    high: findings.filter(({ isHigh }) => isHigh).length,
    lower: findings.filter(({ isHigh }) => !isHigh).length,
  })),
  {
    id: 'requirements',
    requirements: requirements.length,
    tests: sum(requirements.map(({ tests }) => tests.length)),
  },
  { id: 'violations', count: violationsOf(attacked).length },
]

const sentHeaders = ['requests', 'sent', 'done', 'refused', '503', 'broken', 'failures']
const sentCells = (attacked: Attacked) =>
  sentRows(attacked).map(({ id, requests, done, refused, unavailable, broken, failures }) => [
    id === 'api' ? 'of the API' : 'of forms and pages',
    ...[requests, done, refused, unavailable, broken, failures].map(count),
  ])

const smuggledHeaders = ['sent', 'requests', ...ends]
const smuggledCells = ({ smuggled }: Attacked) =>
  smuggledRows(smuggled).map(({ way, probes, ends: counts }) => [
    ...[way, count(probes)],
    ...counts.map(count),
  ])

const scanHeaders = ['scanner', 'tried', 'seconds', 'high', 'lower']
const scanCells = ({ scans }: Attacked) =>
  scans.map(({ tool, version, seconds, targets, findings }) => [
    ...[`${tool} ${version}`, count(targets), count(seconds)],
    count(findings.filter(({ isHigh }) => isHigh).length),
    count(findings.filter(({ isHigh }) => !isHigh).length),
  ])

/** A fuzzer that is only ever refused at the door has tried the door alone. */
const never = ({ api, operations }: Attacked): string => {
  const names = operations.filter((id) => !api.done.has(id))
  return names.length === 0 ? '' : ` (never: ${names.join(', ')})`
}

const sentencesOf = (attacked: Attacked): string[] => {
  const { seed, operations, api, forms } = attacked
  const violations = violationsOf(attacked).length
  return [
    `Seed ${seed}: ${count(api.requests)} requests to ${operations.length} operations of the API, ` +
      `of which ${api.done.size} were done at least once${never(attacked)}; ${count(forms.sent)} of ${plural(forms.forms, 'form')} ` +
      `found on ${plural(forms.pages, 'page')} by two people who are signed in. Afterwards ` +
      'jumpstarter verify compares every count and the books.',
    violations === 0
      ? 'Nothing broke, nothing was told that should not be, and all counts and books agree.'
      : `${plural(violations, 'violation')}.`,
  ]
}

export const securityText = (attacked: Attacked): string =>
  [
    textTable(sentHeaders, sentCells(attacked)),
    textTable(smuggledHeaders, smuggledCells(attacked)),
    ...(attacked.scans.length > 0 ? [textTable(scanHeaders, scanCells(attacked))] : []),
    sentencesOf(attacked).join('\n'),
  ].join('\n\n')

/** Each requirement with our control and its tests. */
export const requirementRows = (): string[][] =>
  requirements.map(({ asvs, control, tests }) => [
    asvs,
    control,
    tests.map(([file, name]) => `\`${file}\`: ${name}`).join('; '),
  ])

export const securityMarkdown = (attacked: Attacked): string =>
  [
    '# Attacked',
    'Requests generated from the OpenAPI document, rightly and wrongly, with and without tokens; ' +
      'forms found by reading the site; requests that two parsers may read differently, to the ' +
      'server and through each proxy as `jumpstarter generate` sets it up; scanners from Debian.',
    markdownTable(sentHeaders, sentCells(attacked)),
    '## Requests that are no single request',
    'Refused, closed without an answer, answered once as one request, or still waited for. Two: it ' +
      'was taken for two, each passed on whole and answered. Smuggled: the server has seen a second ' +
      'request of which whoever stands before it knows nothing.',
    markdownTable(smuggledHeaders, smuggledCells(attacked)),
    twoLines(attacked.smuggled),
    ...(attacked.scans.length > 0
      ? ['## Scanners', markdownTable(scanHeaders, scanCells(attacked)), ...findingLines(attacked)]
      : []),
    '## Requirements of ASVS 5.0, level 2',
    'Those that a site like this has to meet in its program, each with the tests that show it.',
    markdownTable(['requirement', 'what we do', 'shown by'], requirementRows()),
    ...sentencesOf(attacked),
  ].join('\n\n')

/** Which were taken for two, and by whom. */
function twoLines(smuggled: Smuggled[]): string {
  const own = smuggled.filter(({ end, group }) => end === 'two' && group !== control.group)
  const ways = Map.groupBy(own, ({ way }) => way.split(',')[0] ?? '')
  return [...ways]
    .map(([way, results]) => {
      const names = new Set(results.map(({ group, name }) => `${group}: ${name}`))
      return `- Taken for two ${way === directly ? 'by Bun' : `by ${way}`}: ${[...names].join('; ')}.`
    })
    .join('\n')
}

const findingLines = ({ scans }: Attacked): string[] => {
  const lines = scans.flatMap(({ tool, findings }) =>
    findings.map(({ what, isHigh }) => `- ${tool}, ${isHigh ? 'high' : 'lower'}: ${what}`),
  )
  return lines.length > 0 ? [lines.join('\n')] : []
}
