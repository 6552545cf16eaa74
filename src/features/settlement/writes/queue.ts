import { sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { lockBooks } from '#features/ledger/writes'
import { isLost } from '#lib/errors'
import { type DueProject, dueColumns, retriesEnd } from '../reads/due'
import { reminderHours } from '../rules/dates'
import { collectPledges } from './collect'
import { leaseSeconds } from './intend'
import { dropErrored, remindErrored } from './overdue'
import { payOut } from './payouts'
import { finishRefunds } from './refunds'
import type { Settling } from './settling'

/** What a provider gave no answer about is asked for again after so long. */
const askAgainSeconds = 60
/** A payout that the provider refused is tried again after so long. */
const payAgainHours = 24
const giveBackPauseMs = 500

/**
 * Does what is due for one settled project: charges, reminders, the last try, what is dropped, the
 * payout. Any number may do this at once; each project is worked on by one, and where that one dies
 * another goes on. Returns the project; undefined when nothing is due.
 */
export async function settleNextDue(
  work: Settling,
  projectId?: number,
): Promise<DueProject | undefined> {
  const leaseEnds = performance.now() + leaseSeconds * 1_000
  const project = await lease(work.db, projectId)
  if (!project) return undefined
  try {
    await settle(work, project)
  } catch (error) {
    // What else fails may fail again, and has to let others have their turn.
    if (isLost(error)) await giveBackOnceThere(work, project, leaseEnds)
    throw error
  }
  return project
}

async function settle(work: Settling, project: DueProject): Promise<void> {
  await finishRefunds(work, project.id)
  if (!project.isClosed) await chargeAndDrop(work, project)
  // Pledges that came late hold up nobody's payout.
  const isCollected = project.isLastTryDue || (await isClosed(work.db, project.id))
  if (project.isPayoutDue && isCollected) await payOut(work, project)
  if (work.isEnding?.()) await giveBack(work.db, project)
  else await setNext(work.db, project)
}

async function chargeAndDrop(work: Settling, project: DueProject): Promise<void> {
  await collectPledges(work, project)
  if (work.isEnding?.()) return
  if (project.isLastTryDue) await dropErrored(work, project)
  if (project.isReminderDue) await remindErrored(work, project)
  await work.db.transaction(async (tx) => {
    // So that no pledge comes late meanwhile.
    await lockBooks(tx, project.id)
    await tx.execute(sql`
      update settlements set closed_at = clock_timestamp()
        where project_id = ${project.id} and closed_at is null and not exists (
          select from pledges where project_id = ${project.id} and status in ('pledged', 'errored'))
          and not exists (select from charges
            where project_id = ${project.id} and status = 'intended')`)
  })
}

async function lease(db: Db, projectId: number | undefined): Promise<DueProject | undefined> {
  const only = projectId === undefined ? sql`true` : sql`project_id = ${projectId}`
  const [project] = await db.execute<DueProject>(sql`
    with next as (
      select project_id from settlements
        where due_at <= now() and (leased_until is null or leased_until < now()) and ${only}
        order by due_at limit 1 for update skip locked
    )
    update settlements s
      set leased_until = clock_timestamp() + make_interval(secs => ${leaseSeconds})
      from next, projects p where s.project_id = next.project_id and p.id = s.project_id
      returning ${dueColumns}`)
  return project
}

async function isClosed(db: Db, projectId: number): Promise<boolean> {
  const [row] = await db.execute(sql`
    select from settlements where project_id = ${projectId} and closed_at is not null`)
  return row !== undefined
}

/** Leaves a project to whoever comes next, as due as it was. */
async function giveBack(db: Db, { id }: DueProject): Promise<void> {
  await db.execute(sql`update settlements set leased_until = null where project_id = ${id}`)
}

/** The database has gone under the work; for as long as nobody else can have taken it. */
async function giveBackOnceThere(
  { db, isEnding }: Settling,
  project: DueProject,
  leaseEnds: number,
): Promise<void> {
  while (performance.now() < leaseEnds && !isEnding?.()) {
    const isDone = await giveBack(db, project).then(
      () => true,
      () => false,
    )
    if (isDone) return
    await Bun.sleep(giveBackPauseMs)
  }
}

/** When there is something to do again; what has been asked for meanwhile is to be done at once. */
async function setNext(db: Db, { id, dueAt }: DueProject): Promise<void> {
  await db.execute(sql`
    update settlements s set leased_until = null, due_at = case
        when due_at > ${dueAt}::timestamptz then due_at
        when exists (select from charges where project_id = ${id} and status = 'intended')
          or exists (select from refunds where project_id = ${id} and status = 'intended')
          or exists (select from payouts where project_id = ${id} and status = 'intended')
          then now() + make_interval(secs => ${askAgainSeconds})
        else least(
          case when closed_at is null then least(
            reminded_at + make_interval(hours => ${reminderHours}),
            (select min(${retriesEnd}) from pledges p
              where p.project_id = ${id} and p.status = 'errored'))
          end,
          case when payout_due_at > now() then payout_due_at
            when (select status from payouts where project_id = ${id} order by number desc limit 1)
              = 'failed' then now() + make_interval(hours => ${payAgainHours})
          end)
      end
      where project_id = ${id}`)
}
