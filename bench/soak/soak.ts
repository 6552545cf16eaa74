import type { Db } from '#db/client'
import { CommandError } from '#lib/errors'
import { runOwnClient } from '../load/own-client'
import { openFiles, residentBytes } from '../load/processes'
import { type OurServer, startOurs } from '../load/servers'
import { figuresByKind, type KindFigures, sumByKind } from '../overload/figures'
import type { GeneratorFigures } from '../overload/generator'
import type { GeneratorOrder } from '../overload/order'
import type { Kind, Site } from '../overload/requests'
import { laterPeople, makeSite, origin } from '../overload/site'
import { type Sample, type Trend, trendOf } from './trend'

export interface SoakOptions {
  db: Db
  databaseUrl: string
  /** The executable; without it the checkout. */
  executable: string | undefined
  minutes: number
  /** Requests a second. */
  rate: number
  workers: number
  seed: number
  signal: AbortSignal
  report(what: string, fraction: number): void
}

/** What is watched of one worker, or of Postgres. */
export interface Watched {
  id: string
  unit: 'bytes' | ''
  samples: Sample[]
  trend: Trend
}

export interface Soak {
  minutes: number
  rate: number
  kinds: KindFigures[]
  watched: Watched[]
  /** A sentence for each; none is the promise. */
  violations: string[]
}

export const mix: { kind: Kind; share: number }[] = [
  { kind: 'kept', share: 0.4 },
  { kind: 'made', share: 0.4 },
  { kind: 'pledge', share: 0.11 },
  { kind: 'watch', share: 0.05 },
  { kind: 'sign_in', share: 0.035 },
  { kind: 'upload', share: 0.005 },
]
/** Of each worker: full before it is warm, as what fills it later would look like a leak. */
export const pageCacheMb = 4
const lookEveryMs = 1_000
/** New visitors with new connections come so often. */
const sliceSeconds = 300
const connectionsMax = 500
const patienceMs = 10_000
const failedShareMax = 0.001
const sparePeople = 500
/** Of what the server has logged, from the beginning. */
const saidCharactersMax = 2_000

/** Asks for a bit of everything for a long time, and watches what the workers take for it. */
export async function soak(options: SoakOptions): Promise<Soak> {
  const { db, databaseUrl, executable, minutes, rate, workers, signal, report } = options
  report('making people and projects', 0)
  const seconds = minutes * 60
  // Everybody backs once; who a request is from is drawn by its number.
  const site = await makeSite(db, Math.ceil(rate * seconds) + sparePeople)
  let said = ''
  const hear = (text: string) => {
    said = (said + text).slice(0, saidCharactersMax)
  }
  const pages = { pageCache: true, pageCacheMb }
  const settings = { databaseUrl, executable, workers, ...pages, baseUrl: origin, hear }
  const server = await startOurs(settings, signal)
  try {
    const watch = watchServer(server, workers, db)
    const kinds: KindFigures[][] = []
    let from = 0
    for (let done = 0; done < seconds; done += sliceSeconds) {
      report(`${Math.round(done / 60)} of ${minutes} minutes`, done / seconds)
      const slice = { rate, seconds: Math.min(sliceSeconds, seconds - done) }
      const figures = await ask(server, laterPeople(site, from), slice, options)
      from += figures.asked.at.length
      kinds.push(figuresByKind(figures.asked, { fromMs: 0, toMs: Number.POSITIVE_INFINITY }))
    }
    const { watched, ended } = await watch.stop()
    const all = sumByKind(kinds)
    const violations = violationsOf(all, watched, ended > 0 ? said : undefined)
    return { minutes, rate, kinds: all, watched, violations }
  } finally {
    await server.stop()
  }
}

async function ask(
  server: OurServer,
  site: Site,
  phase: { rate: number; seconds: number },
  { seed, executable, signal }: SoakOptions,
): Promise<GeneratorFigures> {
  const order: GeneratorOrder = {
    ...{ addresses: [server.address], site, mix, connectionsMax, patienceMs, phases: [phase] },
    seed: seed + site.people.first,
  }
  const around = { executable, failure: 'Asking failed', signal }
  const { figures } = await runOwnClient(['arrivals'], order, around)
  return figures as GeneratorFigures
}

/** Looks at each worker every second, and at the sessions of Postgres. */
function watchServer(server: OurServer, count: number, db: Db) {
  // The supervisor is the first; nothing has been uploaded yet, so the others are its workers.
  const workers = server.pids().slice(1)
  if (workers.length !== count) throw new CommandError('The server has lost a worker.')
  const startedAt = performance.now()
  const memory = workers.map((): Sample[] => [])
  const files = workers.map((): Sample[] => [])
  const sessions: Sample[] = []
  let ended = 0
  const look = async () => {
    const at = (performance.now() - startedAt) / 1000
    for (const [index, pid] of workers.entries()) {
      const bytes = residentBytes(pid)
      if (bytes === 0) ended += 1
      memory[index]?.push({ at, value: bytes })
      files[index]?.push({ at, value: openFiles(pid) })
    }
    sessions.push({ at, value: await sessionsOf(db) })
  }
  let looking = Promise.resolve()
  const timer = setInterval(() => {
    looking = looking.then(look)
  }, lookEveryMs)
  return {
    stop: async () => {
      clearInterval(timer)
      await looking
      const of = (id: string, unit: Watched['unit'], samples: Sample[]): Watched => ({
        ...{ id, unit, samples, trend: trendOf(samples) },
      })
      const watched = [
        ...memory.map((samples, index) => of(`memory of worker ${index}`, 'bytes', samples)),
        ...files.map((samples, index) => of(`open files of worker ${index}`, '', samples)),
        of('sessions of Postgres', '', sessions),
      ]
      return { watched, ended }
    },
  }
}

async function sessionsOf(db: Db): Promise<number> {
  const [row] = await db.$client<{ count: number }[]>`
    select count(*)::int as count from pg_stat_activity where backend_type = 'client backend'`
  return row?.count ?? 0
}

/** `said`: what the server has logged, when it has lost a worker. */
function violationsOf(kinds: KindFigures[], watched: Watched[], said?: string): string[] {
  const sum = (of: (kind: KindFigures) => number) => kinds.reduce((all, kind) => all + of(kind), 0)
  const failed = sum(({ wrong, gone }) => wrong + gone)
  const share =
    failed /
    Math.max(
      1,
      sum(({ asked }) => asked),
    )
  return [
    ...watched.filter(({ trend }) => trend.verdict === 'grows').map(({ id }) => `${id} grows`),
    ...(said === undefined ? [] : [`a worker has ended: ${said.trim()}`]),
    ...(share > failedShareMax ? [`${failed} requests had no right answer`] : []),
  ]
}
