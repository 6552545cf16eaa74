import { sql } from 'drizzle-orm'
import { tags } from '#cache/recording'
import { announceChange } from '#db/changes'
import type { Db } from '#db/client'
import { retriesEnd } from '../reads/due'
import { type Moment, reminderHours } from '../rules/dates'

/**
 * Moves one project back in time by so many seconds, as if they had passed: its dates, those of its
 * settlement, its pledges and its charges. For demos and tests alone.
 */
export async function passTime(db: Db, projectId: number, seconds: number): Promise<void> {
  const span = sql`make_interval(secs => ${seconds})`
  await db.transaction(async (tx) => {
    await tx.execute(sql`select from projects where id = ${projectId} for no key update`)
    await tx.execute(sql`
      update projects set launched_at = launched_at - ${span}, ends_at = ends_at - ${span}
        where id = ${projectId}`)
    await tx.execute(sql`
      update settlements set due_at = due_at - ${span}, leased_until = null,
          settled_at = settled_at - ${span}, reminded_at = reminded_at - ${span},
          retries_end_at = retries_end_at - ${span}, payout_due_at = payout_due_at - ${span},
          late_until = late_until - ${span}
        where project_id = ${projectId}`)
    await tx.execute(sql`
      update pledges set created_at = created_at - ${span}, changed_at = changed_at - ${span}
        where project_id = ${projectId}`)
    await tx.execute(sql`
      update charges set created_at = created_at - ${span} where project_id = ${projectId}`)
    await announceChange(tx, [tags.project(projectId)])
  })
}

/** Moves a project to the next of these moments, as if the time until then had passed. */
export async function goTo(db: Db, projectId: number, moment: Moment): Promise<void> {
  const at = {
    end: sql`j.ends_at`,
    reminder: sql`s.reminded_at + make_interval(hours => ${reminderHours})`,
    lastTry: sql`coalesce((select min(${retriesEnd}) from pledges p
      where p.project_id = s.project_id and p.status = 'errored'), s.retries_end_at)`,
    payout: sql`s.payout_due_at`,
  }[moment]
  const [row] = await db.execute<{ seconds: number | null }>(sql`
    select ceil(date_part('epoch', ${at} - now()))::float8 as seconds
      from projects j left join settlements s on s.project_id = j.id where j.id = ${projectId}`)
  if (row?.seconds && row.seconds > 0) await passTime(db, projectId, row.seconds)
}
