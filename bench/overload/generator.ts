import { createRandom } from '#web/pictures/random'
import { percentile } from '../report'
import { drawArrivals, totalSeconds } from './arrivals'
import { type Ended, openLines } from './lines'
import { type GeneratorOrder, outcomes } from './order'
import { createRequests, type Kind, kinds } from './requests'

/** Columns with a row for each request. */
export interface Asked {
  /** Milliseconds from the beginning to the moment at which it was to be sent. */
  at: number[]
  /** Of `kinds` and `outcomes`, which one. */
  kind: number[]
  outcome: number[]
  /** From that moment to the end of its answer. */
  ms: number[]
}

export interface GeneratorFigures {
  asked: Asked
  seconds: number
  /** How late the generator itself was, of 99 of 100 and at most. */
  lateP99Ms: number
  lateMaxMs: number
  /** Of one core, its own. */
  cpuShare: number
  /** The most that were open, and those who waited for one of them. */
  connections: number
  waited: number
  /** Of the whole answer, the largest. */
  refusalBytes: number
  /** The first wrong answers, for whoever wants to know. */
  wrong: string[]
}

const tickMs = 1
const wrongShownMax = 5

/** Asks as ordered until the time is over and everybody has an answer or has hung up. */
export async function generate(order: GeneratorOrder): Promise<GeneratorFigures> {
  const { mix, phases, atOnce } = order
  const random = createRandom(order.seed)
  const draw = createRequests(order.site, random)
  const arrivals = drawArrivals(phases, random)
  const endMs = totalSeconds(phases) * 1000
  const asked: Asked = { at: [], kind: [], outcome: [], ms: [] }
  const late: number[] = []
  const wrong: string[] = []
  let refusalBytes = 0
  const startedAt = performance.now()
  const cpuBefore = process.cpuUsage()
  const sinceStart = () => performance.now() - startedAt

  const take = ({ at, kind, outcome, ms, bytes, words }: Ended) => {
    asked.at.push(Math.round(at * 10) / 10)
    asked.kind.push(kinds.indexOf(kind))
    asked.outcome.push(outcomes.indexOf(outcome))
    asked.ms.push(Math.round(ms * 100) / 100)
    if (outcome === 'refused') refusalBytes = Math.max(refusalBytes, bytes)
    if (outcome === 'wrong' && wrong.length < wrongShownMax) wrong.push(`${kind}: ${words}`)
    if (atOnce !== undefined && sinceStart() < endMs) askNext(sinceStart())
  }
  const lines = openLines(order, sinceStart, take)
  const askNext = (at: number) => {
    const kind = drawKind(mix, random.float(0, 1))
    lines.ask(kind, draw(kind), at)
  }

  if (atOnce !== undefined) for (let one = 0; one < atOnce; one++) askNext(sinceStart())
  let next = atOnce === undefined ? arrivals.next() : Number.POSITIVE_INFINITY
  while (sinceStart() < endMs || lines.inFlight() > 0) {
    const now = sinceStart()
    for (; next <= now; next = arrivals.next()) {
      late.push(now - next)
      askNext(next)
    }
    lines.hangUpLate()
    await Bun.sleep(tickMs)
  }
  const seconds = sinceStart() / 1000
  const used = process.cpuUsage(cpuBefore)
  lines.close()
  return {
    ...{ asked, seconds, refusalBytes, wrong },
    lateP99Ms: late.length === 0 ? 0 : percentile(late, 0.99),
    lateMaxMs: late.reduce((most, each) => Math.max(most, each), 0),
    cpuShare: (used.user + used.system) / 1e6 / seconds,
    ...{ connections: lines.opened(), waited: lines.waited() },
  }
}

function drawKind(mix: GeneratorOrder['mix'], drawn: number): Kind {
  let below = 0
  for (const { kind, share } of mix) {
    below += share
    if (drawn < below) return kind
  }
  return (mix.at(-1) as (typeof mix)[number]).kind
}
