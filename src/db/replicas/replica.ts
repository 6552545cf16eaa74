import type { Log } from '#observability/log'
import { closeDb, connectionOptions, type Db } from '../client'
import { poll, pollMs } from './poll'
import type { Positions } from './positions'
import { readingFrom } from './reading'
import { replicaProblem, type Standing } from './standing'

// What anonymous readers are shown may be so much older than the truth.
export const lagMsMax = 5_000
export const lagBytesMax = 128 * 1024 * 1024
/** While the primary is silent, nobody knows what has happened since; after so long we stop. */
const silenceMsMax = 60_000
/** From then on it counts as silent, and lag by when it last spoke. */
const silentAfterMs = 1_500
/** What was known of the replica is worth nothing after that. */
const pollAgeMaxMs = 1_200
/** One that has left comes back after so many good answers in a row. */
const goodAnswersMin = 3

/** What is known of a replica at the moment. */
export interface ReplicaState {
  /** `host:port` */
  name: string
  isInUse: boolean
  /** How old what it shows may be; undefined while nobody knows. */
  lagMs: number | undefined
  /** Why it is not read from. */
  reason: string | undefined
  /** Statements that went to the primary in its stead, since we began. */
  fallbacks: number
}

/** Why a replica is not read from; of each kind it is logged once. */
interface Absence {
  kind: 'new' | 'lost' | 'behind' | 'wrong'
  reason: string
}

export type Replica = ReturnType<typeof openReplica>

/** What replicas are measured by. */
export interface Primary {
  db: Db
  positions: Positions
  /** Undefined until it has answered. */
  cluster(): string | undefined
}

/** `host:port`, or the path of a socket, of a database’s URL. */
export function serverOf(url: string): string {
  const { host, port, path } = connectionOptions(url)
  return path ?? `${host}:${port}`
}

/** A pool for `open` and a poll of its own; whether it is in use is known from the first answer. */
export function openReplica(
  url: string,
  open: (url: string, max?: number) => Db,
  primary: Primary,
  log: Log,
) {
  const name = serverOf(url)
  let pool = open(url)
  let standing: Standing | undefined
  let polledAt = Number.NEGATIVE_INFINITY
  // The first answer is enough for one that has done no wrong yet.
  let goodAnswers = goodAnswersMin - 1
  let out: Absence | undefined = { kind: 'new', reason: 'it has not answered yet' }
  /** The server that has gone another way than the primary, until it is started again. */
  let astray: string | undefined
  let fallbacks = 0

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
    const primaryThen = standing && primary.positions.after(polledAt)
    if (primaryThen !== undefined && primaryThen < (standing?.position ?? 0n)) {
      astray = standing?.startedAt
    }
    const wrong = replicaProblem({ cluster }, answer, name)
    if (wrong) return leave('wrong', wrong)
    if (answer.startedAt === astray) return leave('wrong', 'it has what the primary has not')
    const behind = tooFarBehind(answer, primary.positions)
    return behind ? leave('behind', behind) : enter()
  }

  const polling = poll(
    () => open(url, 1),
    (answer) => {
      const cluster = primary.cluster()
      if (cluster === undefined) return
      judge(cluster, answer)
      standing = answer
      polledAt = performance.now()
    },
    (error) => {
      leave('lost', messageOf(error))
      // Whoever waits for an answer of it gets one from the primary.
      const old = pool
      pool = open(url)
      void closeDb(old, 0).catch(() => {})
    },
  )

  /** Why it is not read from; undefined when it is. */
  const problem = (): string | undefined => {
    if (out || !standing) return out?.reason
    if (performance.now() - polledAt > pollAgeMaxMs) return 'it has not answered for long'
    return tooFarBehind(standing, primary.positions)
  }
  const isInUse = () => problem() === undefined

  const db = readingFrom({
    primary: primary.db,
    replica: () => pool,
    isInUse: () => out === undefined,
    onFallback: () => {
      fallbacks += 1
    },
    onLoss: (error) => leave('lost', messageOf(error)),
  })

  return {
    name,
    db,
    isInUse,
    /** It has replayed the log at least up to here. */
    replayed: (): bigint => standing?.position ?? 0n,
    /** This server, until it is started again. */
    source: (): string | undefined => standing?.startedAt,
    fallbacks: () => fallbacks,
    state: (): ReplicaState => ({
      ...{ name, isInUse: isInUse(), reason: problem(), fallbacks },
      lagMs: standing && lagOf(standing, primary.positions),
    }),
    close: async () => {
      await Promise.all([polling.close(), closeDb(pool, 1)])
    },
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

const messageOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
