import { headersOf, pledgePath } from '../faults/backer'
import { send } from '../faults/send'
import type { OurServer } from '../load/servers'
import type { Bounds, Cell, Span } from './judge'
import { makePeople, makeProject } from './people'
import type { Rig } from './rig'
import type { State } from './states'

/** Reaches the goal of a project by itself. */
const wholeGoal = { reward: null, bonus: 100_000, total: 100_000 }
const pollMs = 100
const hastenMs = 1_000

/** A project with one pledge, which is charged after its end. */
export async function watchSettlement(rig: Rig, server: OurServer) {
  const project = await makeProject(rig.db)
  const [person] = await makePeople(rig.db, 1)
  if (!person) throw new Error('There is nobody.')
  const answer = await send(server.address, {
    ...{ method: 'POST', path: pledgePath(project) },
    headers: { ...headersOf(person), 'idempotency-key': 'whole-goal' },
    body: JSON.stringify({ ...wholeGoal, card: person.card }),
  })
  if (answer?.status !== 201) throw new Error(`A pledge was answered ${answer?.status}.`)
  const customer = `cus_${person.id}`

  const statusNow = async (): Promise<string | undefined> => {
    const [row] = await rig.db.$client<{ status: string }[]>`
      select status from pledges where project_id = ${project}`.catch(() => [])
    return row?.status
  }
  return {
    project,
    /** Waits until it is charged, and says how that went. */
    judge: async ({ id, promised, hasten }: State, span: Span, bounds: Bounds): Promise<Cell> => {
      const broken: string[] = []
      const deadline = performance.now() + bounds.settledMs
      let hastened = 0
      while ((await statusNow()) !== 'collected') {
        if (performance.now() > deadline) {
          broken.push(`not charged within ${bounds.settledMs} ms`)
          break
        }
        if (hasten && performance.now() - hastened > hastenMs) {
          hastened = performance.now()
          await hasten(rig)
        }
        await Bun.sleep(pollMs)
      }
      const recoveredMs = Math.max(0, performance.now() - span.to)
      const times = rig.provider.charged.get(customer) ?? 0
      if (times !== 1) broken.push(`charged ${times} times`)
      return {
        ...{ state: id, deed: 'settle', promised: promised.settle, asked: 1 },
        ...{ answers: {}, old: 0, longestMs: 0, recoveredMs, broken },
      }
    },
  }
}
