import type { Db } from '#db/client'
import { CommandError } from '#lib/errors'
import { runOwnClient } from '../load/own-client'
import { postgresProcesses, residentBytes } from '../load/processes'
import { freePort, type OurServer, startOurs } from '../load/servers'
import { expectedArrivals, type Phase } from './arrivals'
import { type Cores, moveToCores, onCores } from './cores'
import { figuresByKind, type KindFigures, whyInvalid } from './figures'
import type { GeneratorFigures } from './generator'
import type { GeneratorOrder } from './order'
import type { Kind, Site } from './requests'
import { laterPeople, makeSite, origin } from './site'

export interface OverloadOptions {
  db: Db
  databaseUrl: string
  /** The executable; without it the checkout. */
  executable: string | undefined
  cores: Cores
  /** Of the search for the peak, of the calm before and after the surge, and of that. */
  seconds: { peak: number; calm: number; surge: number }
  seed: number
  signal: AbortSignal
  report(what: string, fraction: number): void
}

/** The server as it is, or one that lets everybody in. */
export const ways = ['everybody let in', 'shedding'] as const
export type Way = (typeof ways)[number]

export interface Surge {
  way: Way
  figures: GeneratorFigures
  phases: Phase[]
  /** Resident memory of the worker, in bytes: in the calm before, at most, and in the end. */
  memory: { before: number; most: number; after: number }
}

export interface Overload {
  /** Right answers a second, of all and by kind, when everybody waits for theirs. */
  peak: number
  peakByKind: KindFigures[]
  peakSeconds: number
  surges: Surge[]
  /** Why it says nothing; empty when it does. */
  invalid: string[]
}

export const mix: { kind: Kind; share: number }[] = [
  { kind: 'made', share: 0.6 },
  { kind: 'kept', share: 0.3 },
  { kind: 'sign_in', share: 0.05 },
  { kind: 'pledge', share: 0.05 },
]
export const times = { calm: 0.7, surge: 10 }
const peakAtOnce = 48
const warmUpSeconds = 3
const connectionsMax = 3_000
const patienceMs = 5_000
const lookEveryMs = 250
/** One for each request: before the peak is known, more than twice what is asked of any core. */
const peopleMax = 300_000

/** A surge of ten times what the server answers, once as it is and once without its door. */
export async function measureOverload(options: OverloadOptions): Promise<Overload> {
  const { db, seconds, cores, report } = options
  report('making people and projects', 0)
  const site = await makeSite(db, peopleMax)
  moveToCores(await postgresProcesses(db), cores.server)
  const surges: Surge[] = []
  let first: GeneratorFigures | undefined
  let from = 0
  for (const [index, way] of ways.entries()) {
    const server = await start(way, options)
    try {
      const ask = async (what: string, order: Partial<GeneratorOrder> & { phases: Phase[] }) => {
        report(`${way}: ${what}`, (index + 0.5) / ways.length)
        const figures = await run(server, laterPeople(site, from), order, options)
        from += figures.asked.at.length
        // Whoever comes after them has no account, and is refused for that.
        if (from > peopleMax) throw new CommandError(`More than ${peopleMax} requests: too fast.`)
        return figures
      }
      await ask('warming up', closed(warmUpSeconds))
      first ??= await ask('looking for the peak', closed(seconds.peak))
      const phases = phasesOf(rateOf(first), seconds)
      const watch = watchMemory(server)
      const figures = await ask(`${Math.round(expectedArrivals(phases))} requests`, { phases })
      surges.push({ way, figures, phases, memory: watch.stop(seconds.calm) })
    } finally {
      await server.stop()
    }
  }
  if (!first) throw new CommandError('Nothing was measured.')
  return {
    peak: rateOf(first),
    peakByKind: figuresByKind(first.asked, { fromMs: 0, toMs: seconds.peak * 1000 }),
    ...{ surges, peakSeconds: seconds.peak },
    invalid: surges.flatMap(({ way, figures }) => {
      const why = whyInvalid(figures)
      return why === undefined ? [] : [`${way}: ${why}`]
    }),
  }
}

const closed = (seconds: number) => ({ phases: [{ rate: 0, seconds }], atOnce: peakAtOnce })

/** Right answers a second of a closed loop. */
const rateOf = ({ asked, seconds }: GeneratorFigures): number =>
  asked.outcome.filter((outcome) => outcome === 0).length / seconds

const phasesOf = (peak: number, { calm, surge }: OverloadOptions['seconds']): Phase[] => [
  { rate: peak * times.calm, seconds: calm },
  { rate: peak * times.surge, seconds: surge },
  { rate: peak * times.calm, seconds: calm },
]

async function start(way: Way, options: OverloadOptions): Promise<OurServer> {
  const { databaseUrl, executable, cores, signal } = options
  const port = await freePort()
  const at = { host: '127.0.0.1', port, within: onCores(cores.server) }
  const environment = way === 'shedding' ? {} : { JUMPSTARTER_WAIT_MS: '0' }
  const settings = { databaseUrl, executable, workers: 1, pageCache: true, baseUrl: origin }
  return await startOurs({ ...settings, at, environment }, signal)
}

async function run(
  server: OurServer,
  site: Site,
  order: Partial<GeneratorOrder> & { phases: Phase[] },
  { executable, cores, seed, signal }: OverloadOptions,
): Promise<GeneratorFigures> {
  const whole = {
    addresses: [server.address],
    site,
    mix,
    seed,
    connectionsMax,
    patienceMs,
    ...order,
  }
  const within = onCores(cores.generator)
  const around = { executable, within, failure: 'Asking failed', signal }
  const { figures } = await runOwnClient(['arrivals'], whole, around)
  return figures as GeneratorFigures
}

/** Of the worker; the supervisor is the first of the processes. */
export function watchMemory(server: OurServer) {
  const worker = server.pids()[1]
  if (worker === undefined) throw new CommandError('The server to measure has no worker.')
  const startedAt = performance.now()
  const samples: { at: number; bytes: number }[] = []
  const look = () =>
    samples.push({ at: performance.now() - startedAt, bytes: residentBytes(worker) })
  const timer = setInterval(look, lookEveryMs)
  look()
  return {
    stop: (calmSeconds: number) => {
      clearInterval(timer)
      look()
      const calm = samples.filter(({ at }) => at < calmSeconds * 1000).map(({ bytes }) => bytes)
      const all = samples.map(({ bytes }) => bytes)
      return { before: Math.max(...calm), most: Math.max(...all), after: all.at(-1) ?? 0 }
    },
  }
}
