import type { Db } from '#db/client'
import { verifyBooks } from '#db/verify/books'
import { countPledges } from '#features/settlement/reads/due'
import { goTo } from '#features/settlement/writes/clock'
import { settleEnded } from '#features/settlement/writes/deadline'
import { settleNextDue } from '#features/settlement/writes/queue'
import type { Settling } from '#features/settlement/writes/settling'
import { makeEnded } from './ended'

/** A part of a settlement, and how long it took. */
export interface Phase {
  id: 'deadline' | 'charges' | 'last try' | 'payout'
  /** Pledges it was about. */
  pledges: number
  seconds: number
}

export interface Settled {
  phases: Phase[]
  collected: number
  dropped: number
}

/**
 * Settles a project of so many pledges from its deadline to the payout. Throws where it was not
 * settled as it is to be, or the books do not agree.
 */
export async function measureSettling(
  work: Settling,
  pledges: number,
  report: (what: string, fraction: number) => void,
): Promise<Settled> {
  const { db } = work
  const id = await makeEnded(db, pledges, (fraction) => report('making pledges', fraction))
  const phases: Phase[] = []
  const timed = async (phase: Phase['id'], about: number, run: () => Promise<unknown>) => {
    const begun = performance.now()
    await run()
    phases.push({ id: phase, pledges: about, seconds: (performance.now() - begun) / 1000 })
    report(phase, 1)
  }
  let charged = 0
  const onCharged = (count: number) => {
    charged += count
    report('charging', Math.min(1, charged / pledges))
  }
  await timed('deadline', pledges, () => settleEnded(work, id))
  await timed('charges', pledges, () => settleNextDue({ ...work, onCharged }, id))
  const errored = await countOf(db, id, 'errored')
  await goTo(db, id, 'lastTry')
  await timed('last try', errored, () => settleNextDue(work, id))
  await goTo(db, id, 'payout')
  const collected = await countOf(db, id, 'collected')
  await timed('payout', collected, () => settleNextDue(work, id))
  const dropped = await countOf(db, id, 'dropped')
  if (collected + dropped !== pledges || dropped !== errored) {
    throw new Error(`Of ${pledges} pledges ${collected} were collected and ${dropped} dropped.`)
  }
  const wrong = await verifyBooks(db, id)
  if (wrong.length > 0) throw new Error(`The books are wrong: ${JSON.stringify(wrong[0])}`)
  return { phases, collected, dropped }
}

async function countOf(db: Db, id: number, status: string): Promise<number> {
  const counts = await countPledges(db, id)
  return counts.find((row) => row.status === status)?.count ?? 0
}
