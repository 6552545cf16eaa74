import { formatCount, plural } from '#lib/text'
import { pageCount, type Traffic } from '../load/traffic'
import { median } from '../report'
import { cellId, driverOf, type Hop } from './cells'
import type { MeasuredCell, SocketRun } from './measure'
import { pagesCompared } from './same'

export interface NotesAbout {
  measured: MeasuredCell[]
  traffic: Traffic
  rounds: number
  seconds: number
  warmUpSeconds: number
  workers: number
  /** `embedded Postgres 18.4`. */
  database: string
  /** What was not measured, a sentence each. */
  missing: string[]
}

/** From here on what else ran is worth a warning. */
const busyShare = 0.05
/** Of a request, in microseconds: what Postgres does in the background is less. */
const cachedPostgresUsMax = 20
/** A Redis hop that is asked less is hardly one. */
const redisShareMin = 0.5

/** How it was measured, and how far to trust it. */
export function notesOf(about: NotesAbout): string[] {
  const { measured, traffic, rounds, seconds, warmUpSeconds, workers, database, missing } = about
  const hops = new Set(measured.map(({ cell }) => cell.hop))
  return [
    `${plural(rounds, 'round')} of everything, each on servers started for it. In a round both transports ` +
      `are warmed up for ${warmUpSeconds} s and then measured for ${seconds} s, TCP first in one round ` +
      'and Unix first in the next, which makes a pair. The ratio is the geometric mean of the ' +
      'pairs; ratio_low and ratio_high are its 95% confidence interval, by Student’s t on the ' +
      'logarithms of the pairs; ratio_lowest and ratio_highest the pairs furthest away. Where a round ' +
      'has no answers over one of them there is no interval.',
    `Of ${measured.length} cells about one in twenty shows a difference by chance alone: a difference ` +
      'is one that stands in neighbouring cells too, or in a second run.',
    busySentence(measured),
    `${formatCount(pageCount(traffic))} different projects, four of five requests to the newest tenth of the ids, ` +
      `with \`Accept-Encoding: gzip\`. Before a group of cells is measured, ${pagesCompared} pages drawn at random ` +
      'are compared byte by byte between the transports, with kept connections and without, and others ' +
      'are searched for the titles that the database has.',
    'TCP is the loopback without TLS: 127.0.0.1, and for Postgres the address on which it listens. Load generator, proxy, app, Postgres and Redis share this ' +
      'machine: the ratio of requests a second has the work of all of them in it, which both ' +
      'transports have in common, and so says less than the processor time of each.',
    'Processor time is counted by the kernel, in steps of 10 ms, right before and right after a run; ' +
      'Postgres has its background processes with it. The receiving half of TCP is the work of ' +
      'interrupts, which the kernel bills to the process that they interrupt, mostly the sender: the ' +
      'total is surer than its parts. One with CONFIG_IRQ_TIME_ACCOUNTING bills it to nobody, and it ' +
      'is among what others took.',
    workersSentence(workers),
    generatorSentence(measured),
    ...hopNotes(hops, database),
    ...redisSentences(measured),
    ...madeAnewSentences(measured),
    ...missing,
  ]
}

const runsOf = (measured: MeasuredCell[]): SocketRun[] =>
  measured.flatMap(({ runs }) => [...runs.tcp, ...runs.unix])

const percent = (share: number) => `${(share * 100).toFixed(1)}%`

function busySentence(measured: MeasuredCell[]): string {
  const runs = runsOf(measured)
  const others = runs.map(({ othersShare }) => othersShare)
  const stolen = runs.map(({ stolenShare }) => stolenShare)
  const [usual, most] = [median(others), Math.max(...others)]
  return (
    `Others took ${percent(usual)} of the machine in the middle run and ${percent(most)} at most; its ` +
    `own host withheld ${percent(median(stolen))} and ${percent(Math.max(...stolen))}. ` +
    (Math.max(usual, median(stolen)) > busyShare
      ? 'The machine was busy: measure again when it is not.'
      : 'A busy machine would be said to be one here.')
  )
}

const workersSentence = (workers: number) =>
  workers === 1
    ? 'One worker serves: with several the kernel deals the connections of a TCP port to them by ' +
      'chance, and whoever gets more has longer queues, which would be measured as if it were TCP.'
    : `${workers} workers serve: the kernel deals the connections of a TCP port to them by chance, and ` +
      'whoever gets more has longer queues. What that costs is measured as if it were TCP; one ' +
      'worker (the default) has none of it.'

function generatorSentence(measured: MeasuredCell[]): string {
  const drivers = new Set(measured.map(({ cell }) => driverOf(cell)))
  return [
    ...(drivers.has('h2load')
      ? [
          'h2load (`--h1`, a process for each worker, over both transports) drives cached pages that ' +
            'come from memory, and whatever is asked for over one kept connection; its start is in its ' +
            'processor time.',
        ]
      : []),
    ...(drivers.has('our client')
      ? [
          'A client of ours in a process of its own drives where the client opens a connection for each ' +
            'request, which h2load cannot, and where several connections ask for what Postgres or Redis ' +
            'answers: h2load’s all ask for the same at one time, which the app asks for once. It costs ' +
            'more than h2load: cells with different drivers are not to be compared.',
        ]
      : []),
  ].join(' ')
}

function hopNotes(hops: Set<Hop>, database: string): string[] {
  return [
    ...(hops.has('nginx') || hops.has('haproxy')
      ? [
          'Behind nginx and HAProxy the hop from the proxy to the app is varied, and the client comes ' +
            'over kept TCP connections; without keep-alive it is the proxy that opens one for each request. ' +
            'Both have the configuration that `jumpstarter generate` writes: nginx with as many ' +
            'processes as the app has workers, HAProxy with one thread.',
        ]
      : []),
    ...(hops.has('end-to-end')
      ? [
          'End to end the client’s way to nginx, nginx’s to the app, and the app’s to Postgres and ' +
            'Redis are all TCP or all Unix; a cached page then comes from Redis where it is no ' +
            'longer in the app’s memory. Without keep-alive the client and nginx open one for each request.',
        ]
      : []),
    ...(hops.has('postgres') || hops.has('end-to-end')
      ? [
          `Over both transports the app is the same role of the same ${database}, which has joined ` +
            'TCP and Unix sockets directly, without a relay and without TLS; the app’s pool keeps its ' +
            'connections, so that passwords play no part.',
        ]
      : []),
  ]
}

/** A cell of cached pages that has also measured pages being made says so. */
const madeAnewSentences = (measured: MeasuredCell[]): string[] =>
  measured.flatMap(({ cell, runs }) => {
    const most = Math.max(
      ...[...runs.tcp, ...runs.unix].map(({ costs }) => costs.postgres?.cpuUs ?? 0),
    )
    return cell.kind === 'cached-page' && most > cachedPostgresUsMax
      ? [
          `${cellId(cell)}: pages were also made anew, as Postgres took up to ${most.toFixed(0)} µs a ` +
            'request: judge it by that.',
        ]
      : []
  })

function redisSentences(measured: MeasuredCell[]): string[] {
  const asked = measured.flatMap(({ cell, runs }) => {
    const shares = [...runs.tcp, ...runs.unix].flatMap(({ redisShare }) => redisShare ?? [])
    return shares.length > 0 ? [{ cell, lowest: Math.min(...shares), middle: median(shares) }] : []
  })
  if (asked.length === 0) return []
  const all = asked.map(({ middle }) => middle)
  return [
    'For Redis each worker has 1 MB for pages, and all are asked for equally often: of the requests ' +
      `${percent(Math.min(...all))} to ${percent(Math.max(...all))} were answered from it, by its own count of hits.`,
    ...asked
      .filter(({ lowest }) => lowest < redisShareMin)
      .map(
        ({ cell, lowest }) =>
          `${cellId(cell)}: only ${percent(lowest)} of a run came from Redis: ask for more --pages.`,
      ),
  ]
}
