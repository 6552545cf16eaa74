import { ratioOf } from '../database/load'
import {
  cachedPostgresUsMax,
  type Measured,
  type MeasureOptions,
  measureSubjects,
} from '../load/measure'
import { type OurSubject, ourSubject } from '../load/ours'
import { cellName } from '../load/rows'
import { pageCount, type Traffic } from '../load/traffic'

/** One row of the table of 2018, continued: what is added to the row above it. */
export interface Step
  extends Pick<OurSubject, 'development' | 'pageCache' | 'redis' | 'transports'> {
  id: string
  /** The row of 2018 that it repeats. */
  published?: string
  workers: 'one' | 'per core'
  program: 'checkout' | 'executable'
  driver: OurSubject['driver']
  /** The step it is compared with; those beside the ladder are not part of its climb. */
  against?: string
  beside?: boolean
}

const one = 'one process, development'
const many = 'one process per core'
const cached = 'page cache in memory'
const redis = 'page cache with Redis'
const production = 'production'
const executable = 'executable'
const bare = 'production without page cache'
const bareExecutable = 'executable without page cache'
const tcp = 'executable, TCP (h2load)'
const unix = 'Unix sockets (h2load)'

const development = { development: true, workers: 'per core', driver: 'wrk' } as const
const shipped = { pageCache: true, redis: true, workers: 'per core' } as const

export const steps: Step[] = [
  {
    ...development,
    id: one,
    published: 'before optimizations',
    workers: 'one',
    program: 'checkout',
    pageCache: false,
  },
  {
    ...development,
    id: many,
    published: 'node clustering',
    program: 'checkout',
    pageCache: false,
    against: one,
  },
  { ...development, id: cached, program: 'checkout', pageCache: true, against: many },
  {
    ...development,
    id: redis,
    published: 'redis caching',
    program: 'checkout',
    pageCache: true,
    redis: true,
    against: cached,
  },
  {
    ...shipped,
    id: production,
    published: 'production mode',
    program: 'checkout',
    driver: 'wrk',
    against: redis,
  },
  { ...shipped, id: executable, program: 'executable', driver: 'wrk', against: production },
  { ...shipped, id: tcp, program: 'executable', driver: 'h2load', beside: true },
  {
    ...shipped,
    id: unix,
    program: 'executable',
    driver: 'h2load',
    transports: ['unix'],
    against: tcp,
  },
  {
    id: bare,
    program: 'checkout',
    workers: 'per core',
    driver: 'wrk',
    pageCache: false,
    against: many,
    beside: true,
  },
  {
    id: bareExecutable,
    program: 'executable',
    workers: 'per core',
    driver: 'wrk',
    pageCache: false,
    against: bare,
    beside: true,
  },
]

export interface LadderOptions extends MeasureOptions {
  databaseUrl: string
  executable: string
  /** Of every step but the first. */
  workers: number
  traffic: Traffic
}

const pageKb = 8
const cacheMbMin = 64

/** Memory of a worker in which all of the pages find room, in megabytes. */
export const cacheMbFor = (traffic: Traffic): number =>
  Math.max(cacheMbMin, Math.ceil((pageCount(traffic) * pageKb) / 1024))

/** Measures every step; `only` names some of them. */
export async function measureLadder(options: LadderOptions, only = steps): Promise<Measured[]> {
  const { databaseUrl, executable: built, workers, traffic } = options
  const subjects = only.map(({ workers: count, program, ...step }) =>
    ourSubject({
      ...step,
      databaseUrl,
      traffic,
      workers: count === 'one' ? 1 : workers,
      executable: program === 'executable' ? built : undefined,
      filled: step.pageCache,
      pageCacheMb: cacheMbFor(traffic),
    }),
  )
  return await measureSubjects(subjects, options)
}

/** A sentence for each step with a page cache that has also measured pages being made. */
export const unfilledSentences = (measured: Measured[]): string[] =>
  measured.flatMap(({ id, connections, runs }) => {
    const most = Math.max(...runs.map(({ postgresCpuUs = 0 }) => postgresCpuUs))
    const isCached = steps.some((step) => step.id === id && step.pageCache)
    return isCached && most > cachedPostgresUsMax
      ? [
          `${cellName(id, connections)}: Postgres took ${most.toFixed(1)} µs a request in one of ` +
            'its runs, so not every page came from the cache.',
        ]
      : []
  })

/** Each step against the one before it, over the same number of connections. */
export function climbs(measured: Measured[]) {
  return measured.flatMap((row) => {
    const against = steps.find(({ id }) => id === row.id)?.against
    const before = measured.find(
      ({ id, connections }) => id === against && connections === row.connections,
    )
    return before ? [{ row, before, ratio: ratioOf(row.runs, before.runs) }] : []
  })
}
