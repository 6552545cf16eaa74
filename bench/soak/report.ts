import { count, ms, rounded } from '../database/report'
import { kindTitles } from '../overload/requests'
import { markdownTable, textTable } from '../report'
import type { Soak, Watched } from './soak'
import { rule, type Sample } from './trend'

const megabyte = 1024 * 1024
const pointsMax = 60

const scaleOf = ({ unit }: Watched) => (unit === 'bytes' ? megabyte : 1)

/** The rows of the JSON file. */
export const soakRows = (soak: Soak): object[] => [
  { id: 'soak', minutes: soak.minutes, requests_per_second: soak.rate },
  ...soak.watched.map((watched) => {
    const { id, unit, trend, samples } = watched
    const inUnit = (value: number) => rounded(value / scaleOf(watched), 2)
    return {
      ...{ id, unit: unit === 'bytes' ? 'MB' : '', verdict: trend.verdict },
      ...{ level: inUnit(trend.level), per_hour: inUnit(trend.perHour) },
      ...{ per_hour_low: inUnit(trend.low), per_hour_high: inUnit(trend.high) },
      minutes: thin(samples).map(({ at }) => rounded(at / 60, 2)),
      values: thin(samples).map(({ value }) => inUnit(value)),
    }
  }),
  ...soak.kinds.map(({ kind, asked, good, refused, wrong, gone, p99Ms }) => ({
    ...{ id: kindTitles[kind], asked, good, refused, wrong, gone, p99_ms: rounded(p99Ms, 1) },
  })),
  { id: 'violations', count: soak.violations.length },
]

/** As many as a chart can show, evenly. */
function thin(samples: readonly Sample[]): Sample[] {
  const step = Math.max(1, Math.ceil(samples.length / pointsMax))
  return samples.filter((_, index) => index % step === 0)
}

const trendHeaders = ['what', 'level', 'growth an hour', '95 % interval', 'verdict']

const trendCells = ({ watched }: Soak) =>
  watched.map((each) => {
    const { low, high, level, perHour, verdict } = each.trend
    const shown = (value: number) => (value / scaleOf(each)).toFixed(1)
    const unit = each.unit === 'bytes' ? ' MB' : ''
    return [
      ...[each.id, `${shown(level)}${unit}`, `${shown(perHour)}${unit}`],
      ...[`${shown(low)} to ${shown(high)}`, verdict],
    ]
  })

const kindHeaders = ['asked for', 'times', 'right in time', 'refused', 'wrong', 'gave up', 'p99 ms']

const kindCells = ({ kinds }: Soak) =>
  kinds.map(({ kind, asked, good, refused, wrong, gone, p99Ms }) => [
    kindTitles[kind],
    ...[asked, good, refused, wrong, gone].map((value) => count(value)),
    ms(p99Ms),
  ])

const verdictOf = ({ violations, watched }: Soak): string => {
  if (violations.length > 0) return `Not well: ${violations.join('; ')}.`
  const unsure = watched.filter(({ trend }) => trend.verdict === 'unsure').map(({ id }) => id)
  return unsure.length === 0
    ? 'All of it is flat.'
    : `Nothing grows for sure, but it was too short to tell of: ${unsure.join(', ')}.`
}

export const soakText = (soak: Soak): string =>
  [
    textTable(trendHeaders, trendCells(soak)),
    textTable(kindHeaders, kindCells(soak)),
    verdictOf(soak),
  ].join('\n\n')

export const soakMarkdown = (soak: Soak): string =>
  [
    '# Half an hour of everything',
    `${soak.minutes} minutes of ${soak.rate} requests a second that come by chance: pages from memory ` +
      'and made anew, pledges, sign-ins, uploads, readers who watch a project live. ' +
      verdictOf(soak),
    markdownTable(trendHeaders, trendCells(soak)),
    rule,
    markdownTable(kindHeaders, kindCells(soak)),
  ].join('\n\n')
