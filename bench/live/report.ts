import { count, ms, rounded } from '../database/report'
import { markdownTable, textTable } from '../report'
import type { Live, LiveRun } from './live'

const perStream = ({ streams, memoryBefore, memoryOpen }: Live) =>
  Math.max(0, memoryOpen - memoryBefore) / streams

/** The rows of the JSON file. */
export function liveRows(live: Live): object[] {
  return [
    {
      id: 'memory of a stream',
      streams: live.streams,
      bytes_per_stream: rounded(perStream(live), 0),
      worker_before_bytes: live.memoryBefore,
      worker_bytes: live.memoryOpen,
    },
    ...live.runs.map((run) => ({
      id: `${run.rate} pledges a second`,
      streams: live.streams,
      pledges: run.pledges,
      messages: run.messages,
      messages_per_stream: rounded(run.messages / live.streams, 2),
      missed: run.missed,
      p50_ms: rounded(run.p50Ms, 1),
      p99_ms: rounded(run.p99Ms, 1),
      worker_cpu_share: rounded(run.cpuShare, 3),
    })),
  ]
}

const headers = [
  ...['pledges/s wanted', 'pledges', 'messages', 'of each stream'],
  ...['p50 ms', 'p99 ms', 'missed', 'worker CPU'],
]

const cells = ({ streams }: Live, run: LiveRun): string[] => [
  ...[count(run.rate), count(run.pledges), count(run.messages)],
  ...[(run.messages / streams).toFixed(1), ms(run.p50Ms), ms(run.p99Ms)],
  ...[count(run.missed), `${Math.round(run.cpuShare * 100)} %`],
]

const memory = (live: Live) =>
  `${count(live.streams)} streams of one project on one worker: ` +
  `${(perStream(live) / 1024).toFixed(1)} kB each, the worker has ` +
  `${Math.round(live.memoryOpen / 2 ** 20)} MB.`

const rowsOf = (live: Live) => live.runs.map((run) => cells(live, run))

export const liveText = (live: Live): string =>
  `${memory(live)}\n\n${textTable(headers, rowsOf(live))}`

export const liveMarkdown = (live: Live): string =>
  `# Live figures\n\n${memory(live)}\n\n${markdownTable(headers, rowsOf(live))}`
