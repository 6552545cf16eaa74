import { count, ms, rounded } from '../database/report'
import { markdownTable, textTable } from '../report'
import { goodMs } from './figures'
import { type Overload, times } from './overload'
import { kindTitles } from './requests'
import { type Summary, summarize } from './summary'

const megabyte = 1024 * 1024
const inMegabytes = (bytes: number) => Math.round(bytes / megabyte)

/** The rows of the JSON file. */
export const overloadRows = (overload: Overload): object[] => [
  { id: 'peak', right_per_second: rounded(overload.peak, 1) },
  ...summarize(overload).flatMap((summary, index) => {
    const { figures, memory } = overload.surges[index] as Overload['surges'][number]
    return [
      {
        ...{ id: summary.way, goodput: rounded(summary.goodput, 1) },
        made_goodput: rounded(summary.madeGoodput, 1),
        made_ratio: rounded(summary.madeRatio, 3),
        p99_ms: rounded(summary.p99Ms, 1),
        refusal_p99_ms: rounded(summary.refusalP99Ms, 1),
        refusal_bytes: summary.refusalBytes,
        normal_after_seconds: summary.normalAfterSeconds ?? null,
        memory_mb_before: inMegabytes(memory.before),
        memory_mb_most: inMegabytes(memory.most),
        memory_mb_after: inMegabytes(memory.after),
        ...{ seconds: summary.seconds, all: summary.all },
        generator_late_p99_ms: rounded(figures.lateP99Ms, 1),
        generator_cpu_share: rounded(figures.cpuShare, 3),
        ...{ connections: figures.connections, waited_for_connection: figures.waited },
      },
      ...summary.kinds.map(({ kind, asked, good, refused, wrong, gone, p50Ms, p99Ms }, at) => ({
        ...{ id: `${summary.way}: ${kindTitles[kind]}`, way: summary.way, kind },
        ...{ asked, good, refused, wrong, gone },
        ...{ p50_ms: rounded(p50Ms, 1), p99_ms: rounded(p99Ms, 1) },
        over_time: summary.byKind[at]?.goodput ?? [],
      })),
    ]
  }),
  { id: 'invalid', count: overload.invalid.length },
]

const percent = (part: number, whole: number) =>
  whole === 0 ? '–' : `${((part / whole) * 100).toFixed(1)}%`

const headers = [
  ...['way', 'asked for', 'good answers', 'refused', 'gave up', 'wrong', 'p50 ms', 'p99 ms'],
]

const kindCells = (summaries: Summary[]) =>
  summaries.flatMap(({ way, kinds }) =>
    kinds.map(({ kind, asked, good, refused, gone, wrong, p50Ms, p99Ms }) => [
      ...[way, `${kindTitles[kind]} (${count(asked)})`],
      ...[good, refused, gone, wrong].map((part) => percent(part, asked)),
      ...[ms(p50Ms), ms(p99Ms)],
    ]),
  )

const wholeHeaders = ['in the surge', ...(['goodput/s', 'made/s', 'of the peak'] as const)].concat(
  ...['p99 ms', 'refusal p99 ms', 'refusal bytes', 'normal after s', 'memory MB, before', 'most'],
)

const wholeCells = (summaries: Summary[], { surges }: Overload) =>
  summaries.map((summary, index) => {
    const { before, most } = surges[index]?.memory ?? { before: 0, most: 0 }
    const isRefusing = summary.refusalP99Ms !== undefined
    return [
      ...[summary.way, count(summary.goodput), count(summary.madeGoodput)],
      ...[percent(summary.madeRatio, 1), ms(summary.p99Ms), ms(summary.refusalP99Ms)],
      ...[isRefusing ? count(summary.refusalBytes) : '–'],
      ...[summary.normalAfterSeconds?.toFixed(1) ?? 'not'],
      ...[count(inMegabytes(before)), count(inMegabytes(most))],
    ]
  })

const sentences = ({ peak, invalid, surges }: Overload): string[] => [
  `Peak: ${count(peak)} right answers a second. The surge offers ${times.surge} times as many, before ` +
    `and after it ${times.calm} of them come. An answer is good when it is right and there within ` +
    `${goodMs / 1000} s of the moment at which it was to be asked for.`,
  `The generator: ${surges
    .map(
      ({ way, figures }) =>
        `${way}, ${percent(figures.cpuShare, 1)} of a core, 99 of 100 requests at most ` +
        `${ms(figures.lateP99Ms)} ms late, ${count(figures.connections)} connections`,
    )
    .join('; ')}.`,
  ...invalid.map((why) => `Not valid: ${why}.`),
  ...surges.flatMap(({ way, figures: { wrong } }) =>
    wrong.map((words) => `${way}, a wrong answer: ${words}`),
  ),
]

export const overloadText = (overload: Overload): string => {
  const summaries = summarize(overload)
  return [
    textTable(headers, kindCells(summaries)),
    textTable(wholeHeaders, wholeCells(summaries, overload)),
    ...sentences(overload),
  ].join('\n\n')
}

export const overloadMarkdown = (overload: Overload): string => {
  const summaries = summarize(overload)
  return [
    '# Ten times as many as can be answered',
    'Requests come by chance and wait for nobody (an open loop), as people do: what the server does ' +
      'with them changes nothing of how many come. Once as it is, telling those to come back whom it ' +
      'cannot answer in time, and once with everybody let in.',
    markdownTable(headers, kindCells(summaries)),
    markdownTable(wholeHeaders, wholeCells(summaries, overload)),
    ...sentences(overload),
  ].join('\n\n')
}
