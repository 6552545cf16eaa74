import type { Log } from '#observability/log'
import { closeDb, connectionOptions, type Db } from '../client'
import { poll } from './poll'
import { readingFrom } from './reading'
import { createRotation, type Primary } from './rotation'

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

export type Replica = ReturnType<typeof openReplica>

/** `host:port`, or the path of a socket, of a database’s URL. */
export function serverOf(url: string): string {
  const { host, port, path } = connectionOptions(url)
  return path ?? `${host}:${port}`
}

/** A pool made by `open`, and a poll that says whether it is in use; both begin at once. */
export function openReplica(
  url: string,
  open: (url: string, max?: number) => Db,
  primary: Primary,
  log: Log,
) {
  const name = serverOf(url)
  const rotation = createRotation(name, primary, log)
  let pool = open(url)
  let fallbacks = 0

  const polling = poll(
    () => open(url, 1),
    (answer) => rotation.told(answer),
    (error) => {
      rotation.lost(error)
      // Whoever waits for an answer of it gets one from the primary.
      const old = pool
      pool = open(url)
      void closeDb(old, 0).catch(() => {})
    },
  )

  const db = readingFrom({
    primary: primary.db,
    replica: () => pool,
    isInUse: rotation.wasIn,
    onFallback: () => {
      fallbacks += 1
    },
    onLoss: rotation.lost,
  })

  const isInUse = () => rotation.problem() === undefined
  return {
    name,
    db,
    isInUse,
    /** It has replayed the log at least up to here. */
    replayed: (): bigint => rotation.standing()?.position ?? 0n,
    /** This server, until it is started again. */
    source: (): string | undefined => rotation.standing()?.startedAt,
    fallbacks: () => fallbacks,
    state: (): ReplicaState => {
      const reason = rotation.problem()
      return { name, isInUse: reason === undefined, reason, fallbacks, lagMs: rotation.lagMs() }
    },
    close: async () => {
      await Promise.all([polling.close(), closeDb(pool, 1)])
    },
  }
}
