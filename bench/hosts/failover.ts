import { closeDb, openDb } from '#db/client'
import { verifyCounters } from '#db/verify'
import type { Address } from '#server/ask'
import { makeBackers, makeProjects, type Project, readStored } from '../faults/arena'
import { type Backer, carryOut, type Site } from '../faults/backer'
import { check } from '../faults/check'
import { newOperation, type Operation } from '../faults/history'
import { startLoad } from '../faults/load'
import type { PatroniCluster, PatroniNode } from './patroni'
import { urlOf } from './postgres'
import { until } from './processes'
import { comesTrue, type Fate } from './promised'

export interface FailoverOptions {
  cluster: PatroniCluster
  /** Of the whole site. */
  address: Address
  clients: number
  /** Of load before, and after the first write that was taken again. */
  seconds: number
  seed: number
  signal: AbortSignal
  report(what: string): void
}

export interface Failover {
  /** What became of the primary. */
  fate: Fate
  operations: Operation[]
  /** By status of all answers; 0 is none. */
  answers: Map<number, number>
  /** From what happened to the promotion, and from there to the first pledge acknowledged. */
  promotedMs: number
  writtenMs: number
  /** Without a pledge acknowledged, in all. */
  outageMs: number
  checks: number
  violations: string[]
}

const projectsCount = 20
const scarceUnits = 30
/** Within what one person may ask for in ten minutes. */
const backersPerSecond = 10
const probesPerSecond = 30
/** Of a failover that takes long. */
const outageSeconds = 20
const promotionSeconds = 60
const writeSeconds = 60
const probePatienceMs = 1_000
const probePauseMs = 20
const probeAmount = 500
export const writtenMsMax = 5_000

/**
 * Takes the primary away under pledges with keys, waits until the other takes writes, and compares
 * what was acknowledged with what is stored there.
 */
export async function failOver(fate: Fate, options: FailoverOptions): Promise<Failover> {
  const { cluster, address, clients, seconds, seed, signal, report } = options
  const victim = await cluster.primary()
  const heir = cluster.nodes.find((node) => node !== victim) as PatroniNode
  const { projects, backers, probers } = await prepare(victim, 2 * seconds + outageSeconds)
  const answers: Site['answers'] = new Map()
  const site: Site = { address, patienceMs: () => undefined, answers, signal }
  report('pledges come in')
  const load = startLoad({ projects, backers, clients, seed, site })
  const probe = startProbe(projects[0] as Project, probers, { ...site, answers: new Map() })
  let promotedMs = Number.NaN
  let [faultAt, promotedAt] = [0, 0]
  try {
    await Bun.sleep(seconds * 1000)
    report(`the primary is ${fate}`)
    faultAt = performance.now()
    if (fate === 'killed') await victim.kill()
    else victim.machine.cut()
    await until('The other took writes', { seconds: promotionSeconds, signal }, heir.isPrimary)
    promotedAt = performance.now()
    promotedMs = promotedAt - faultAt
    report('the other is the primary')
    // Without one the time is no number, which keeps no promise.
    await comesTrue(writeSeconds, signal, async () => probe.firstAfter(promotedAt) !== undefined)
    await Bun.sleep(seconds * 1000)
  } finally {
    report('waiting until all is known')
    await Promise.all([load.stop(), probe.stop()])
    if (fate === 'killed') await victim.start()
    else victim.machine.heal()
  }
  const operations = [...load.operations, ...probe.operations]
  report('comparing')
  const compared = await compare(heir, projects, operations)
  const writtenMs = (probe.firstAfter(promotedAt) ?? Number.NaN) - promotedAt
  return {
    ...{ fate, operations, answers, promotedMs, writtenMs, checks: compared.checks },
    outageMs: probe.longestGapMs(faultAt),
    violations: [...load.misread, ...brokenAnswers(answers), ...compared.violations],
  }
}

async function prepare({ machine }: PatroniNode, seconds: number) {
  const db = openDb(urlOf(machine.address), { max: 2, applicationName: 'jumpstarter bench hosts' })
  try {
    const projects = await makeProjects(db, projectsCount, scarceUnits)
    const all = await makeBackers(db, seconds * (backersPerSecond + probesPerSecond))
    const border = seconds * backersPerSecond
    return { projects, backers: all.slice(0, border), probers: all.slice(border) }
  } finally {
    await closeDb(db, 1)
  }
}

/** One pledge after the other, each by somebody else, to know when they are taken. */
function startProbe(project: Project, backers: readonly Backer[], site: Site) {
  const operations: Operation[] = []
  const takenAt: number[] = []
  let running = true
  const patient = { ...site, patienceMs: () => probePatienceMs }
  const probing = (async () => {
    for (const backer of backers) {
      if (!running) return
      const operation = newOperation({
        ...{ projectId: project.id, backerId: backer.id, key: `probe-${crypto.randomUUID()}` },
        ...{ verb: 'place', wish: { reward: null, bonus: probeAmount, total: probeAmount } },
      })
      operations.push(operation)
      await carryOut(operation, backer, patient)
      if (operation.outcome === 'ok') takenAt.push(performance.now())
      await Bun.sleep(probePauseMs)
    }
  })()
  // Whoever waits for `stop` hears of it.
  probing.catch(() => {})
  return {
    operations,
    firstAfter: (moment: number) => takenAt.find((at) => at > moment),
    /** Of the gaps that end after the moment. */
    longestGapMs: (moment: number) =>
      Math.max(
        ...takenAt.flatMap((at, index) =>
          at > moment ? [at - (takenAt[index - 1] ?? moment)] : [],
        ),
      ),
    stop: async () => {
      running = false
      await probing
    },
  }
}

/** Whoever could not be served is told to come again; nothing breaks on our side. */
const brokenAnswers = (answers: Site['answers']): string[] =>
  [...answers].filter(([status]) => status === 500).map(([, times]) => `${times} answers with 500`)

async function compare(heir: PatroniNode, projects: Project[], operations: Operation[]) {
  const url = urlOf(heir.machine.address)
  const db = openDb(url, { max: 2, applicationName: 'jumpstarter bench hosts' })
  try {
    const violations = check(operations, await readStored(db, projects))
    let checks = 0
    for await (const { name, count, first } of verifyCounters(db)) {
      checks++
      if (count > 0) violations.push(`verify: ${count} × ${name}: ${JSON.stringify(first[0])}`)
    }
    return { checks, violations }
  } finally {
    await closeDb(db, 1)
  }
}
