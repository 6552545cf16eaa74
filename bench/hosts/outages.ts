import { paths } from '#web/paths'
import { makeBackers, makeProjects, plentyAmount } from '../faults/arena'
import type { Backer } from '../faults/backer'
import type { AppHost } from './apps'
import { pledge, pledgedAt, staleMsMax } from './invalidation'
import { type Fate, type Promised, siteAddress, type Trial } from './promised'
import { startReaders } from './readers'

const readersCount = 8
const projectsRead = 20
/** Before, and after what happens. */
const calmMs = 1_000
const awayMsPerEffort = 2_500
const probeMs = 2_000
const pollMs = 50

const pagesOf = (projects: readonly { id: number }[]) =>
  projects.flatMap((project) => [
    paths.project({ ...project, title: 'A lamp' }),
    paths.apiProject(project),
  ])

/** Readers notice nothing when the replica goes, with or without a word, nor when it is back. */
export async function proveReplicaLoss(
  { rig, effort, signal }: Trial,
  fate: Fate,
): Promise<Promised> {
  const { replica } = rig.databases
  const projects = await makeProjects(rig.db, projectsRead, 1)
  const reading = { paths: pagesOf(projects), count: readersCount, signal }
  const readers = startReaders(siteAddress(rig), reading)
  try {
    await Bun.sleep(calmMs)
    if (fate === 'killed') await replica.kill()
    else replica.machine.cut()
    await Bun.sleep(awayMsPerEffort * effort)
    if (fate === 'killed') await replica.start()
    else replica.machine.heal()
    await Bun.sleep(calmMs)
  } finally {
    if (fate !== 'killed') replica.machine.heal()
    await readers.stop()
  }
  const { asked, failed, slowestMs } = await readers.stop()
  return {
    id: `replica ${fate}`,
    title: `A replica that is ${fate} costs no reader an answer, nor does one that comes back`,
    ...{ tried: asked, violations: failed, slowestMs },
  }
}

/**
 * Pulls the cable of one host under readers: the proxy asks another. What is written meanwhile the
 * host shows when it is back; what it shows until it knows of that, it says is old.
 */
export async function proveCut({ rig, hosts, effort, signal }: Trial): Promise<Promised[]> {
  const [first, second] = hosts as [AppHost, AppHost]
  const projects = await makeProjects(rig.db, projectsRead, 1)
  const backers = await makeBackers(rig.db, projects.length)
  const reading = { paths: pagesOf(projects), count: readersCount, signal }
  const readers = startReaders(siteAddress(rig), reading)
  const violations: string[] = []
  let checked = 0
  try {
    // So that the host has them all.
    for (const { id } of projects) await pledgedAt(second, id)
    await Bun.sleep(calmMs)
    second.machine.cut()
    for (const [index, { id, plenty }] of projects.entries()) {
      const backer = backers[index] as Backer
      const problem = await pledge(first, { project: id, reward: plenty, backer })
      if (problem) violations.push(problem)
    }
    await Bun.sleep(Math.max(awayMsPerEffort * effort, staleMsMax))
    second.machine.heal()
    const end = performance.now() + probeMs
    while (performance.now() < end) {
      for (const { id } of projects) {
        const amount = await pledgedAt(second, id)
        if (amount === undefined) continue
        checked++
        if (amount !== plentyAmount) violations.push(`project ${id}: ${amount} after healing`)
      }
      await Bun.sleep(pollMs)
    }
    if (checked === 0) violations.push('the host did not answer again after healing')
  } finally {
    second.machine.heal()
    await readers.stop()
  }
  const { asked, failed, slowestMs } = await readers.stop()
  return [
    {
      id: 'host cut off',
      title: 'Readers of a host whose cable is pulled are answered by another',
      ...{ tried: asked, violations: failed, slowestMs },
    },
    {
      id: 'host back',
      title: 'A host that was cut off shows nothing from before as if it were new once it is back',
      ...{ tried: checked, violations },
    },
  ]
}
