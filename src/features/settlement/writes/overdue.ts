import { sql } from 'drizzle-orm'
import { tags } from '#cache/recording'
import { announceChange } from '#db/changes'
import { lineOf } from '#features/ledger/rules/books'
import { lockBooks, postLines } from '#features/ledger/writes'
import { type DueProject, retriesEnd } from '../reads/due'
import { giveUp } from './collect'
import { chargesPerBatch } from './intend'
import { mailDropped, mailErrored } from './mails'
import { recordCharges } from './record'
import { askEach, type Settling } from './settling'

type Errored = {
  pledgeId: number
  backerId: number
  amount: number
  code: string | null
}

/** Tells those who could not be charged again; each time once, wherever it was stopped. */
export async function remindErrored(work: Settling, project: DueProject): Promise<void> {
  for (let after = 0; ; ) {
    const batch = await work.db.execute<Errored>(sql`
      select p.id::float8 as "pledgeId", p.backer_id::float8 as "backerId",
          p.amount::float8 as amount, (select decline_code from charges c
            where c.project_id = p.project_id and c.pledge_id = p.id
            order by attempt desc limit 1) as code
        from pledges p join settlements s on s.project_id = p.project_id
        where p.project_id = ${project.id} and p.status = 'errored' and p.id > ${after}
          and ${retriesEnd} > now()
        order by p.id limit ${chargesPerBatch}`)
    const last = batch.at(-1)
    if (!last) break
    await work.db.transaction((tx) =>
      mailErrored(tx, work.site, project, batch, project.remindersDue),
    )
    after = last.pledgeId
  }
  await work.db.execute(
    sql`update settlements set reminded_at = now() where project_id = ${project.id}`,
  )
  work.reached?.('reminded')
}

/** Gives up the pledges whose last try has failed; those of which no answer is known wait. */
export async function dropErrored(work: Settling, project: DueProject): Promise<void> {
  await giveUpWaiting(work, project)
  while (await dropBatch(work, project)) work.reached?.('dropped')
}

async function dropBatch({ db, site }: Settling, project: DueProject): Promise<boolean> {
  return await db.transaction(async (tx) => {
    await lockBooks(tx, project.id)
    const dropped = await tx.execute<Errored>(sql`
      update pledges set status = 'dropped'
        where project_id = ${project.id} and id in (
          select p.id from pledges p join settlements s on s.project_id = p.project_id
            where p.project_id = ${project.id} and p.status = 'errored'
              and exists (select from charges c where c.project_id = p.project_id
                and c.pledge_id = p.id and c.created_at >= ${retriesEnd})
              and not exists (select from charges c where c.project_id = p.project_id
                and c.pledge_id = p.id and c.status in ('intended', 'needs_action'))
            order by p.id limit ${chargesPerBatch})
        returning id::float8 as "pledgeId", backer_id::float8 as "backerId",
          amount::float8 as amount`)
    if (dropped.length === 0) return false
    await postLines(
      tx,
      dropped.map(({ pledgeId, amount }) => lineOf(project.id, pledgeId, 'drop', amount)),
    )
    await mailDropped(tx, site, project, dropped)
    await announceChange(tx, [tags.project(project.id)])
    return true
  })
}

/** Ends the tries that wait for a backer's bank, so that nothing is paid after it was dropped. */
async function giveUpWaiting(work: Settling, project: DueProject): Promise<void> {
  for (let after = 0; ; ) {
    const batch = await work.db.execute<{
      pledgeId: number
      attempt: number
      ref: string
    }>(sql`
      select c.pledge_id::float8 as "pledgeId", c.attempt::int as attempt,
          c.provider_ref as ref
        from charges c join settlements s on s.project_id = c.project_id
          join pledges p on p.project_id = c.project_id and p.id = c.pledge_id
        where c.project_id = ${project.id} and c.pledge_id > ${after}
          and c.status = 'needs_action' and ${retriesEnd} <= now()
        order by c.pledge_id, c.attempt limit ${chargesPerBatch}`)
    const last = batch.at(-1)
    if (!last) return
    const results = await askEach(batch, async (one) => {
      const given = await giveUp(work, project, one.pledgeId, one)
      if (given === 'unknown') return []
      const { pledgeId, attempt, ref } = one
      const ended = { pledgeId, attempt, status: 'declined' as const, ref }
      return [given ?? { ...ended, code: 'authentication_failed' }]
    })
    await recordCharges(work, project, results.flat())
    after = last.pledgeId
  }
}
