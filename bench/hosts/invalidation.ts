import { paths } from '#web/paths'
import { makeBackers, makeProjects, plentyAmount } from '../faults/arena'
import { type Backer, headersOf, pledgePath } from '../faults/backer'
import { send } from '../faults/send'
import type { AppHost } from './apps'
import type { Promised, Trial } from './promised'

/** After which nobody sees what was before. */
export const staleMsMax = 1_000
const giveUpMs = 10_000
const pollMs = 20
const writesPerEffort = 10

/** One host's pledge stands on the pages that another has kept. */
export async function proveInvalidation(
  { rig, hosts, effort, signal }: Trial,
  by: 'NOTIFY' | 'Redis',
): Promise<Promised> {
  const [first, second] = hosts as [AppHost, AppHost]
  const writes = writesPerEffort * effort
  const projects = await makeProjects(rig.db, writes, 1)
  const backers = await makeBackers(rig.db, writes)
  const violations: string[] = []
  let slowestMs = 0
  for (const [index, { id, plenty }] of projects.entries()) {
    signal.throwIfAborted()
    const [writer, reader] = index % 2 === 0 ? [first, second] : [second, first]
    const backer = backers[index] as Backer
    const keep = await pledgedAt(reader, id)
    if (keep !== 0) violations.push(`project ${id}: ${keep} pledged before anybody has`)
    const problem = await pledge(writer, { project: id, reward: plenty, backer })
    if (problem) violations.push(problem)
    else slowestMs = Math.max(slowestMs, await msUntil(reader, id, plentyAmount))
  }
  if (slowestMs > staleMsMax) violations.push(`seen only after ${Math.round(slowestMs)} ms`)
  return {
    id: by === 'Redis' ? 'invalidation by Redis' : 'invalidation',
    title:
      `What one host has written all others show within a second, ` +
      `${by === 'Redis' ? 'pages shared in Redis' : 'each with pages of its own'}`,
    ...{ tried: writes, violations, slowestMs, boundMs: staleMsMax },
  }
}

/** Backs a project at one host; returns what went wrong. */
export async function pledge(
  host: AppHost,
  wanted: { project: number; reward: number; backer: Backer },
): Promise<string | undefined> {
  const { project, reward, backer } = wanted
  const answer = await send(host.address, {
    ...{ method: 'POST', path: pledgePath(project) },
    headers: { ...headersOf(backer), 'idempotency-key': crypto.randomUUID() },
    body: JSON.stringify({ reward, bonus: 0, total: plentyAmount, card: backer.card }),
  })
  if (answer?.status === 201) return undefined
  return `${host.machine.name} answered a pledge with ${answer?.status ?? 'nothing'}`
}

/** What this host shows an anonymous reader as new; undefined without such an answer. */
export async function pledgedAt(host: AppHost, id: number): Promise<number | undefined> {
  const answer = await send(host.address, { method: 'GET', path: paths.apiProject({ id }) })
  if (answer?.status !== 200 || answer.headers.age !== undefined) return undefined
  const { pledged } = JSON.parse(answer.body) as { pledged: { amount: number } }
  return pledged.amount
}

/** Until it answers with so much. */
async function msUntil(host: AppHost, id: number, amount: number): Promise<number> {
  const begun = performance.now()
  for (;;) {
    const isRight = (await pledgedAt(host, id)) === amount
    const passed = performance.now() - begun
    if (isRight || passed > giveUpMs) return passed
    await Bun.sleep(pollMs)
  }
}
