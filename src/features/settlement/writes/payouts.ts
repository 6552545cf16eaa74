import { sql } from 'drizzle-orm'
import { tags } from '#cache/recording'
import { announceChange } from '#db/changes'
import type { Db } from '#db/client'
import { listBalancesIn } from '#features/ledger/reads'
import { booksOf, lineOf } from '#features/ledger/rules/books'
import { lockBooks, postLines } from '#features/ledger/writes'
import { paths } from '#web/paths'
import { payoutLetter } from '../parts/letters'
import type { DueProject } from '../reads/due'
import { payoutDays } from '../rules/dates'
import { mailCreator } from './mails'
import { providerDeadlineMs, type Settling } from './settling'

type Payout = { number: number; amount: number }

/**
 * Sends the creator what is due to them, if anything is: written down, asked for with a key of its
 * own, recorded. One of which no answer is known is asked for again. What comes late is sent with
 * the next payout, as many days later.
 */
export async function payOut(work: Settling, project: DueProject): Promise<void> {
  const payout = await intendPayout(work.db, project.id)
  if (payout && !(await send(work, project, payout))) return
  await work.db.execute(sql`
    update settlements set payout_due_at = now() + make_interval(days => ${payoutDays})
      where project_id = ${project.id} and late_until > payout_due_at`)
}

/** Whether it has arrived. */
async function send(work: Settling, project: DueProject, payout: Payout): Promise<boolean> {
  work.reached?.('payout_intended')
  const answer = await work.payments.payout({
    key: `payout:${project.id}:${payout.number}`,
    deadlineMs: providerDeadlineMs,
    amount: payout.amount,
    currency: project.currency,
    destination: null,
    description: project.title,
  })
  work.reached?.('payout_asked')
  if (answer.outcome === 'unknown') return false
  const ref = answer.outcome === 'succeeded' ? answer.ref : null
  await recordPayout(work, project, payout, ref)
  work.reached?.('payout_recorded')
  return ref !== null
}

async function intendPayout(db: Db, projectId: number): Promise<Payout | undefined> {
  return await db.transaction(async (tx) => {
    await lockBooks(tx, projectId)
    const [before] = await tx.execute<Payout & { status: string }>(sql`
      select number::int as number, amount::float8 as amount, status from payouts
        where project_id = ${projectId} order by number desc limit 1`)
    if (before?.status === 'intended') return before
    const books = booksOf(await listBalancesIn(tx, projectId), 0)
    if (books.owed <= 0) return undefined
    const number = (before?.number ?? 0) + 1
    await tx.execute(sql`
      insert into payouts (project_id, number, collected, platform_fees, processing_fees, refunded,
          disputed, amount)
        values (${projectId}, ${number}, ${books.collected}, ${books.platformFees},
          ${books.processingFees}, ${books.refunded}, ${books.disputed}, ${books.owed})`)
    return { number, amount: books.owed }
  })
}

/** `ref` is the provider's name for it; null where it refused. */
async function recordPayout(
  { db, site }: Settling,
  project: DueProject,
  { number, amount }: Payout,
  ref: string | null,
): Promise<void> {
  await db.transaction(async (tx) => {
    await lockBooks(tx, project.id)
    const recorded = await tx.execute(sql`
      update payouts set status = ${ref === null ? 'failed' : 'paid'}, provider_ref = ${ref},
          paid_at = case when ${ref}::text is not null then clock_timestamp() end
        where project_id = ${project.id} and number = ${number} and status = 'intended'
        returning number`)
    if (recorded.length === 0 || ref === null) return
    await postLines(tx, [lineOf(project.id, null, 'payout', amount)])
    await mailCreator(tx, project.creatorId, `payout ${project.id} ${number}`, (name) =>
      payoutLetter(project, { amount, name }, site + paths.money(project)),
    )
    await announceChange(tx, [tags.project(project.id)])
  })
}
