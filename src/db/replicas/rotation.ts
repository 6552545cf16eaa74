import type { Log } from '#observability/log'
import type { Db } from '../client'
import { pollMs } from './poll'
import type { Positions } from './positions'
import { replicaProblem, type Standing } from './standing'

// What anonymous readers are shown may be so much older than the truth.
export const lagMsMax = 5_000
export const lagBytesMax = 128 * 1024 * 1024
/** While the primary is silent, nobody knows what has happened since; after so long we stop. */
const silenceMsMax = 60_000
/** From then on it counts as silent, and lag by when it last spoke. */
const silentAfterMs = 1_500
/** What was known of the replica is worth nothing after that. */
const answerAgeMaxMs = 1_200
/** One that has left comes back after so many good answers in a row. */
const goodAnswersMin = 3

/** What replicas are measured by. */
export interface Primary {
  db: Db
  positions: Positions
  /** Undefined until it has answered. */
  cluster(): string | undefined
}

/** Why a replica is not read from; of each kind it is logged once. */
interface Absence {
  kind: 'new' | 'lost' | 'behind' | 'wrong'
  reason: string
}

/** Whether one replica is read from, by what it says of itself. */
export function createRotation(name: string, primary: Primary, log: Log) {
  const { positions } = primary
  let standing: Standing | undefined
  let answeredAt = Number.NEGATIVE_INFINITY
  // The first answer is enough for one that has done no wrong yet.
  let goodAnswers = goodAnswersMin - 1
  let out: Absence | undefined = { kind: 'new', reason: 'it has not answered yet' }
  /** The server that has gone another way than the primary, until it is started again. */
  let astray: string | undefined

  const leave = (kind: Absence['kind'], reason: string) => {
    if (out?.kind !== kind) log.warn('a replica is not read from', { name, reason })
    goodAnswers = 0
    out = { kind, reason }
  }

  const enter = () => {
    goodAnswers += 1
    if (goodAnswers < goodAnswersMin || !out) return
    out = undefined
    log.info('a replica is read from', { name })
  }

  const judge = (cluster: string, answer: Standing) => {
    // What it had before the primary was asked, the primary must have had then.
    const primaryThen = standing && positions.after(answeredAt)
    if (standing && primaryThen !== undefined && primaryThen < standing.position) {
      astray = standing.startedAt
    }
    const wrong = replicaProblem({ cluster }, answer, name)
    if (wrong) return leave('wrong', wrong)
    if (answer.startedAt === astray) return leave('wrong', 'it has what the primary has not')
    const behind = tooFarBehind(answer, positions)
    return behind ? leave('behind', behind) : enter()
  }

  return {
    told(answer: Standing) {
      const cluster = primary.cluster()
      // Nothing can be said of it yet.
      if (cluster === undefined) return
      judge(cluster, answer)
      standing = answer
      answeredAt = performance.now()
    },
    lost: (error: unknown) => leave('lost', error instanceof Error ? error.message : String(error)),
    /** Whether it was, when it was last heard of. */
    wasIn: () => out === undefined,
    /** Why it is not read from; undefined when it is. */
    problem(): string | undefined {
      if (out || !standing) return out?.reason
      if (performance.now() - answeredAt > answerAgeMaxMs) return 'it has not answered for long'
      return tooFarBehind(standing, positions)
    },
    standing: () => standing,
    lagMs: () => standing && lagOf(standing, positions),
  }
}

function tooFarBehind(replica: Standing, positions: Positions): string | undefined {
  const lagMs = lagOf(replica, positions)
  const latest = positions.latest()
  if (lagMs === undefined || !latest) return `it is more than ${lagMsMax} ms behind`
  if (performance.now() - latest.askedAt > silenceMsMax) return 'the primary has been silent'
  if (lagMs > lagMsMax) return `it is ${Math.round(lagMs)} ms behind`
  const bytes = latest.position - replica.position
  return bytes > lagBytesMax ? `it is ${bytes} bytes behind` : undefined
}

/**
 * How old what it shows may be, in milliseconds: by our own clock, from when the primary was known
 * to have no more than the replica has now. Undefined when that is too long ago to be remembered.
 */
function lagOf({ position }: Standing, positions: Positions): number | undefined {
  const seen = positions.upTo(position)
  const latest = positions.latest()
  if (!seen || !latest) return undefined
  const silentMs = performance.now() - latest.askedAt
  return latest.askedAt - seen.askedAt + (silentMs < silentAfterMs ? silentMs : pollMs)
}
