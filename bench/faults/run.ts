import type { Db } from '#db/client'
import { verifyCounters } from '#db/verify'
import type { Address } from '#server/ask'
import { createRandom, mixSeeds, type Random } from '#web/pictures/random'
import { type OurServer, startOurs } from '../load/servers'
import { makeBackers, makeProjects, type Project, readStored } from './arena'
import type { Site } from './backer'
import { check, decided } from './check'
import { type Fault, faults, killWorker, type Subject } from './faults'
import type { Operation } from './history'
import { startLoad } from './load'
import { repeat, rush } from './rush'
import { watchMoney } from './watch'

export interface FaultsOptions {
  db: Db
  /** Of the same database, for the server. */
  databaseUrl: string
  /** The executable; without it the checkout. */
  executable: string | undefined
  redis: { url: string; socket: string } | undefined
  workers: number
  clients: number
  seconds: number
  seed: number
  /** Backers whose pledges are sent many times at once. */
  repeatedKeys: number
  signal: AbortSignal
  report(what: string, fraction: number): void
}

/** What was done and found. */
export interface Proof {
  seed: number
  seconds: number
  operations: Operation[]
  /** By fault, how often it happened. */
  happened: Map<Fault, number>
  /** By status of the answers to all that was sent; 0 is none. */
  answers: Map<number, number>
  looks: number
  rush: { buyers: number; units: number; taken: number; soldOut: number }
  repeats: { keys: number; posts: number; unanswered: number }
  checks: number
  /** A sentence for each; none is the promise. */
  violations: string[]
}

/** The same after a restart, on whichever port. */
const baseUrl = 'http://localhost'
const projectsCount = 20
const scarceUnits = 30
const rushUnits = 50
const rushBuyers = 500
const repeatTimes = 50
/** Within what one person may ask for in ten minutes. */
const backersPerSecond = 10
const backersMin = 200
/** Always a few; also without a fault. */
const droppedShare = 0.02
const patienceMaxMs = 40
const calmMs = { min: 500, max: 1_500 }
const loadShare = 0.8
/** After the last fault, until everybody knows. Longer is not recovered. */
const knownSecondsMax = 9

/** Backs projects while one fault follows the other, and compares it with what is stored. */
export async function proveUnderFaults(options: FaultsOptions): Promise<Proof> {
  const { db, databaseUrl, executable, redis, workers, seconds, seed, signal, report } = options
  report('making projects and backers', 0)
  const projects = await makeProjects(db, projectsCount, scarceUnits)
  const [contested] = (await makeProjects(db, 1, rushUnits)) as [Project]
  const usual = Math.max(backersMin, seconds * backersPerSecond)
  const backers = await makeBackers(db, usual + rushBuyers + options.repeatedKeys)
  const around = { executable, databaseUrl, workers, redisUrl: redis?.url }
  const settings = { ...around, pageCache: true, baseUrl }
  let server = await startOurs(settings, signal)
  const dropped = { share: droppedShare }
  const site = siteOf(server.address, createRandom(seed), dropped, signal)
  const subject: Subject = { db, server, workers, redis: redis?.socket, dropped, signal }
  const all = [...projects, contested]
  const watch = watchMoney(
    db,
    all.map(({ id }) => id),
  )
  try {
    const load = startLoad({ ...options, projects, backers: backers.slice(0, usual), site })
    const happened = await bringFaults(subject, { seed, seconds, report })
    report('waiting until all is known', loadShare)
    const lateSeconds = await secondsOf(load.stop())
    report(`${rushBuyers} buyers for ${rushUnits}`, 0.85)
    const buyers = backers.slice(usual, usual + rushBuyers)
    const rushed = await rush(contested, buyers, site, () => killWorker(subject))
    report('the same pledges many times, and a restart', 0.9)
    const repeaters = backers.slice(usual + rushBuyers)
    dropped.share = 0
    const wanted = { project: projects[0] as Project, backers: repeaters, times: repeatTimes }
    const repeats = await repeat(wanted, site, async () => {
      server = await restart(server, () => startOurs(settings, signal))
      site.address = server.address
    })
    report('comparing', 0.97)
    await watch.stop()
    await server.stop()
    const found = [...load.misread, ...repeats.problems, ...watch.seen]
    const sent = [...load.operations, ...rushed, ...repeats.operations]
    const { operations, ...compared } = await compare(db, all, sent)
    const taken = rushed.filter(({ outcome }) => outcome === 'ok').length
    return {
      ...{ seed, seconds, operations, happened, answers: site.answers, looks: watch.looks() },
      rush: {
        ...{ buyers: rushBuyers, units: rushUnits, taken },
        soldOut: rushed.filter(({ code }) => code === 'sold_out').length,
      },
      repeats: { ...repeats, keys: repeaters.length },
      checks: compared.checks,
      violations: [
        ...found,
        ...(taken === rushUnits ? [] : [`${taken} of ${rushUnits} were sold to ${rushBuyers}`]),
        ...(lateSeconds <= knownSecondsMax ? [] : [`known only ${lateSeconds} s after the faults`]),
        ...brokenAnswers(site.answers),
        ...compared.violations,
      ],
    }
  } finally {
    await watch.stop()
    await server.stop()
  }
}

function siteOf(
  address: Address,
  random: Random,
  dropped: { share: number },
  signal: AbortSignal,
): Site {
  const patienceMs = () => (random.chance(dropped.share) ? random.int(1, patienceMaxMs) : undefined)
  return { address, patienceMs, answers: new Map(), signal }
}

/** Each in turn, with a calm between them, until the time is over; once at least. */
async function bringFaults(
  subject: Subject,
  { seed, seconds, report }: Pick<FaultsOptions, 'seed' | 'seconds' | 'report'>,
): Promise<Map<Fault, number>> {
  // Of its own, so that faults come in the same order whatever clients draw meanwhile.
  const random = createRandom(mixSeeds(seed, 0))
  const possible = faults.filter(({ needsRedis }) => !needsRedis || subject.redis !== undefined)
  const happened = new Map(possible.map((fault) => [fault, 0]))
  const begun = performance.now()
  const passed = () => (performance.now() - begun) / 1000 / seconds
  const calm = () => Bun.sleep(random.int(calmMs.min, calmMs.max))
  await calm()
  while (passed() < 1) {
    for (const fault of random.shuffle(possible)) {
      if (passed() >= 1 && happened.get(fault) !== 0) continue
      subject.signal.throwIfAborted()
      report(fault.title, Math.min(1, passed()) * loadShare)
      await fault.happen(subject)
      happened.set(fault, (happened.get(fault) ?? 0) + 1)
      await calm()
    }
  }
  return happened
}

/** After a crash of all of it at once. */
async function restart(server: OurServer, start: () => Promise<OurServer>): Promise<OurServer> {
  for (const pid of server.pids()) process.kill(pid, 'SIGKILL')
  await server.stop()
  return await start()
}

async function secondsOf(work: Promise<void>): Promise<number> {
  const begun = performance.now()
  await work
  return Math.round((performance.now() - begun) / 1000)
}

/** Whoever could not be served is told to come again; nothing breaks on our side. */
const brokenAnswers = (answers: Map<number, number>): string[] =>
  [...answers]
    .filter(([status]) => status >= 500 && status !== 503)
    .map(([status, times]) => `${times} answers with status ${status}`)

/** What backers know against what is stored, and what is stored against itself. */
async function compare(db: Db, projects: Project[], sent: Operation[]) {
  const stored = await readStored(db, projects)
  const operations = decided(sent, stored)
  const violations = check(operations, stored)
  let checks = 0
  for await (const { name, count, first } of verifyCounters(db)) {
    checks++
    if (count > 0) violations.push(`verify: ${count} × ${name}: ${JSON.stringify(first[0])}`)
  }
  return { operations, checks, violations }
}
