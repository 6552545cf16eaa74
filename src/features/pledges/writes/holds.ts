import { sql } from 'drizzle-orm'
import { tags } from '#cache/recording'
import { announceChange } from '#db/changes'
import type { Db } from '#db/client'
import { AppError } from '#lib/errors'
import { holdMinutes } from '../rules'

interface Wish {
  projectId: number
  rewardId: number
  personId: number
}

/**
 * Sets one of a limited reward aside for somebody at the checkout, and lets go of any other they
 * had there. One that they have is not made longer. Nothing is set aside of what there is enough
 * of, or what they have pledged for already. Throws AppError project_not_found, campaign_over,
 * reward_not_found, reward_closed or sold_out.
 */
export async function holdReward(db: Db, wish: Wish): Promise<void> {
  const { projectId, rewardId, personId } = wish
  await db.transaction(async (tx) => {
    const [project] = await tx.execute<{ isOpen: boolean }>(sql`
      select status = 'live' and ends_at > clock_timestamp() or coalesce((
          select late_until from settlements where project_id = id) > clock_timestamp(), false)
          as "isOpen"
        from projects where id = ${projectId} for no key update`)
    if (!project) throw new AppError('project_not_found')
    if (!project.isOpen) throw new AppError('campaign_over')
    await tx.execute(sql`
      delete from reward_holds where project_id = ${projectId} and person_id = ${personId}
        and (reward_id <> ${rewardId} or expires_at <= clock_timestamp())`)
    const [reward] = await tx.execute<{
      isLimited: boolean
      isClosed: boolean
      isTheirs: boolean
      isLeft: boolean
    }>(sql`
      select r.quantity is not null as "isLimited",
        coalesce(r.opens_at > clock_timestamp() or r.closes_at <= clock_timestamp(), false)
          as "isClosed",
        exists (select from reward_holds h where h.project_id = r.project_id
          and h.reward_id = r.id and h.person_id = ${personId})
        or exists (select from pledges b where b.backer_id = ${personId}
          and b.project_id = r.project_id and b.reward_id = r.id and b.status <> 'canceled')
          as "isTheirs",
        coalesce(free_stock(r, clock_timestamp()) > 0, true) as "isLeft"
      from rewards r
        where r.project_id = ${projectId} and r.id = ${rewardId} and not r.is_add_on`)
    if (!reward) throw new AppError('reward_not_found')
    if (reward.isTheirs || !reward.isLimited) return
    if (reward.isClosed) throw new AppError('reward_closed')
    if (!reward.isLeft) throw new AppError('sold_out')
    await tx.execute(sql`
      insert into reward_holds (project_id, reward_id, person_id, quantity, expires_at)
      values (${projectId}, ${rewardId}, ${personId}, 1,
        clock_timestamp() + make_interval(mins => ${holdMinutes}))`)
    await announceChange(tx, [tags.project(projectId)])
  })
}

/** Forgets what was set aside and not taken in time. */
export async function dropLapsedHolds(db: Db): Promise<void> {
  await db.execute(sql`delete from reward_holds where expires_at < now()`)
}

/** Forgets which requests were done more than a week ago. */
export async function dropOldRequests(db: Db): Promise<void> {
  await db.execute(sql`
    delete from money_requests where created_at < now() - interval '7 days'`)
}
