import { AppError } from '#lib/errors'
import type { Log } from '#observability/log'
import { type Db, type DbOptions, openDb } from '../client'
import { type Mark, readMarks, signMark } from './marks'
import { poll } from './poll'
import { createPositions, markMs, type Positions } from './positions'
import { openReplica, type Replica, type ReplicaState } from './replica'
import type { Primary } from './rotation'
import { primaryProblem, readStanding } from './standing'

/** What a request asks of whoever answers it. */
export interface Demand {
  /** Of the reader. */
  marks: readonly Mark[]
  /** A position that must have been replayed; 0 for none. */
  atLeast: bigint
  /** The same reader gets the same replica, if it may be: their name. */
  reader?: string | undefined
}

/** Where one request reads. */
export interface Reading {
  db: Db
  /** How far the replica was, at least; undefined on the primary. */
  replayed: bigint | undefined
  /** What the reader has seen by now. Rejects when it has to ask a primary that does not answer. */
  mark(): Promise<Mark>
  /** To be called once, when the request has been answered. */
  release(): void
}

/** The replicas of a primary, and the way to them. */
export interface Replicas {
  /** Throws AppError busy when there is no replica and the primary has enough of their readers. */
  choose(demand: Demand): Reading
  /** What a reader has written or seen by now, on the primary. */
  markNow(): Promise<Mark>
  /** A mark for the reader to keep; undefined until the primary has answered once. */
  sign(mark: Mark): string | undefined
  readMarks(tokens: string): Mark[]
  positions: Positions
  states(): ReplicaState[]
  close(): Promise<void>
}

export interface ReplicaOptions extends Omit<DbOptions, 'max'> {
  /** Connections to each replica. */
  max: number
}

/**
 * Requests that the primary answers at once in place of lost replicas, per connection. All of them
 * would take the primary down too; they are read from it while they are few.
 */
const fallbacksPerConnection = 4

/** Opens pools to all of them and begins to ask how far they are. */
export function openReplicas(
  urls: { primary: string; replicas: readonly string[] },
  db: Db,
  options: ReplicaOptions,
  log: Log,
): Replicas {
  const positions = createPositions()
  let cluster: string | undefined
  let problem: string | undefined
  const open = (url: string, max = options.max) => openDb(url, { ...options, max })
  const primary: Primary = { db, positions, cluster: () => cluster }

  const watching = poll(
    () => open(urls.primary, 1),
    (standing, askedAt) => {
      const wrong = primaryProblem(standing)
      if (wrong && wrong !== problem) log.error(wrong)
      problem = wrong
      if (wrong) return
      cluster = standing.cluster
      positions.add({ askedAt, position: standing.position, snapshot: standing.snapshot })
    },
    () => {},
  )
  const replicas = urls.replicas.map((url) => openReplica(url, open, primary, log))
  const onPrimary = createFallback(options.max * fallbacksPerConnection)

  const markNow = async (): Promise<Mark> => {
    const { position, cluster: name } = await readStanding(db)
    cluster ??= name
    return { position }
  }

  return {
    choose({ marks, atLeast, reader }) {
      const may = replicas.filter(
        (replica) =>
          replica.isInUse() &&
          replica.replayed() >= atLeast &&
          marks.every((mark) => meets(replica, mark, positions)),
      )
      const replica = preferred(may, reader)
      if (replica) return readingOf(replica, markNow)
      // Whoever has just written is read to by the primary, however many they are.
      const isFree = marks.length > 0 || atLeast > 0n
      const release = isFree ? () => {} : onPrimary()
      return { db, replayed: undefined, mark: markNow, release }
    },
    markNow,
    sign: (mark) => (cluster === undefined ? undefined : signMark(mark, cluster)),
    readMarks: (tokens) => readMarks(tokens, cluster),
    positions,
    states: () => replicas.map((replica) => replica.state()),
    close: async () => {
      await Promise.all([watching.close(), ...replicas.map((replica) => replica.close())])
    },
  }
}

/**
 * Whether this replica shows nothing older than what the mark stands for. Of a mark that names a
 * server its position is the least that was seen, so only this one will do, until every replica in
 * use has been past it for long. Never by a clock: those of hosts differ.
 */
function meets(replica: Replica, { position, source }: Mark, positions: Positions): boolean {
  if (replica.replayed() < position) return false
  if (source === undefined || source === replica.source()) return true
  const past = positions.before(performance.now() - markMs)
  return past !== undefined && position < past
}

/** The same for one reader, in every process, as long as there are the same replicas. */
function preferred(replicas: Replica[], reader: string | undefined): Replica | undefined {
  if (replicas.length < 2) return replicas[0]
  if (reader === undefined) return replicas[Math.floor(Math.random() * replicas.length)]
  const weight = (replica: Replica) => Bun.hash(`${reader} ${replica.source()}`)
  return replicas.reduce((best, next) => (weight(next) > weight(best) ? next : best))
}

function readingOf(replica: Replica, markNow: () => Promise<Mark>): Reading {
  const replayed = replica.replayed()
  const source = replica.source()
  const fallbacks = replica.fallbacks()
  return {
    db: replica.db,
    replayed,
    // Was a statement answered by the primary, then what it showed may be newer than the replica.
    mark: async () =>
      replica.fallbacks() === fallbacks ? { position: replayed, source } : await markNow(),
    release: () => {},
  }
}

/** Lets so many at a time. */
function createFallback(atOnceMax: number) {
  let atOnce = 0
  return () => {
    if (atOnce >= atOnceMax) throw new AppError('busy')
    atOnce += 1
    return () => {
      atOnce -= 1
    }
  }
}
