import { plural } from '#lib/text'
import { markdownTable, percentile, textTable } from '../report'
import { type FailureKind, failed, failureKinds, type Outcomes } from './client'
import { failedShare, isMet, type Measured } from './restarts'

const p99 = ({ latenciesMs }: Outcomes): number => percentile(latenciesMs, 0.99)

const kindsOf = ({ failedKept, failedAnew }: Outcomes) =>
  failureKinds
    .map((kind): [FailureKind, number] => [kind, failedKept[kind] + failedAnew[kind]])
    .filter(([, number]) => number > 0)

const sum = (counts: Record<FailureKind, number>) =>
  failureKinds.reduce((total, kind) => total + counts[kind], 0)

/** The rows of the JSON file. */
export const restartsRows = (measured: Measured[]): object[] =>
  measured.map((each) => {
    const { fault, way, times, outcomes, calm, seconds } = each
    const requests = outcomes.answered + failed(outcomes)
    const met = isMet(each)
    return {
      ...{ id: `${fault.id}-${way.id}`, fault: fault.id, way: way.id, times, requests },
      failed: failed(outcomes),
      failed_share: failedShare(each),
      failed_on_kept_connections: sum(outcomes.failedKept),
      failed_on_new_connections: sum(outcomes.failedAnew),
      failed_by_kind: Object.fromEntries(kindsOf(outcomes)),
      ...(met === undefined ? {} : { failed_share_max: fault.failedShareMax, met }),
      requests_per_second: requests / seconds,
      longest_gap_ms: outcomes.longestGapMs,
      longest_gap_before_ms: calm.longestGapMs,
      p99_ms: p99(outcomes),
      p99_before_ms: p99(calm),
    }
  })

type Table = [headers: string[], rows: string[][]]

const headers = [
  ...['what happens', 'times', 'way', 'requests', 'failed', 'share', 'promised', ''],
  ...['longest gap', 'before', 'p99', 'before'],
]

const count = (number: number) => Math.round(number).toLocaleString('en-US')
const ms = (milliseconds: number, digits = 0) => `${milliseconds.toFixed(digits)} ms`
const percent = (share: number) => (share === 0 ? '0 %' : `${(share * 100).toPrecision(2)} %`)

const table = (measured: Measured[]): Table => [
  headers,
  measured.map((each) => {
    const { fault, way, times, outcomes, calm } = each
    const met = isMet(each)
    return [
      ...[fault.title, count(times), way.title],
      ...[count(outcomes.answered + failed(outcomes)), count(failed(outcomes))],
      percent(failedShare(each)),
      met === undefined ? '–' : `≤ ${percent(fault.failedShareMax)}`,
      { true: 'kept', false: 'broken', undefined: '' }[`${met}`],
      ...[ms(outcomes.longestGapMs), ms(calm.longestGapMs)],
      ...[ms(p99(outcomes), 1), ms(p99(calm), 1)],
    ]
  }),
]

/** The findings for a terminal. */
export const restartsText = (measured: Measured[]): string => textTable(...table(measured))

/** The findings as a page; the caller's report adds when, where and the notes. */
export const restartsMarkdown = (measured: Measured[]): string =>
  [
    '# No failed request',
    'Clients ask without a pause while workers are replaced, the executable is replaced, and ' +
      'workers are killed. A request has failed when the connection was refused, was closed before ' +
      'the last byte of the answer, the answer was no success, or did not come within ten seconds. ' +
      'The promise is made to those behind a proxy; what happens without one is shown as well.',
    markdownTable(...table(measured)),
  ].join('\n\n')

const kindWords: Record<FailureKind, string> = {
  refused: 'refused',
  unanswered: 'closed without an answer',
  cut: 'cut within the answer',
  status: 'answered without success',
  late: 'not answered in time',
}

/** A sentence for each row with failures: how they failed. */
export const failureSentences = (measured: Measured[]): string[] =>
  measured
    .filter(({ outcomes }) => failed(outcomes) > 0)
    .map(({ fault, way, times, outcomes }) => {
      const kinds = kindsOf(outcomes).map(([kind, number]) => `${number} ${kindWords[kind]}`)
      return (
        `${fault.title}, ${way.title}: ${kinds.join(', ')}, ${sum(outcomes.failedAnew)} of them on ` +
        `connections just opened; ${plural(times, 'time')}.`
      )
    })
