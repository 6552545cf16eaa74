import { eq, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { prepared } from '#db/prepared'
import { pledges } from '#db/schema/backing'
import { blocks } from '#db/schema/contact'
import { rewardHolds } from '#db/schema/pledging'
import { people, projects } from '#db/schema/projects'

const projectId = sql.placeholder('projectId')
const personId = sql.placeholder('personId')

const checkoutOf = prepared((db) =>
  db
    .select({
      /** Where they live, as they have written it. */
      country: people.country,
      isBlocked:
        sql<boolean>`exists (select from ${blocks} b join ${projects} p on p.creator_id = b.person_id
        where p.id = ${projectId} and b.blocked_id = ${personId})`.as('is_blocked'),
      pledgeStatus: sql<(typeof pledges.$inferSelect)['status'] | null>`(
        select b.status from ${pledges} b
          where b.backer_id = ${personId} and b.project_id = ${projectId})`.as('pledge_status'),
      heldReward: sql<number | null>`(select h.reward_id::float8 from ${rewardHolds} h
        where h.project_id = ${projectId} and h.person_id = ${personId}
          and h.expires_at > clock_timestamp() limit 1)`.as('held_reward'),
      heldUntil: sql<Date | null>`(select h.expires_at from ${rewardHolds} h
        where h.project_id = ${projectId} and h.person_id = ${personId}
          and h.expires_at > clock_timestamp() limit 1)`
        .mapWith(rewardHolds.expiresAt)
        .as('held_until'),
      heldSeconds: sql<number | null>`(
        select extract(epoch from h.expires_at - clock_timestamp())::float8 from ${rewardHolds} h
        where h.project_id = ${projectId} and h.person_id = ${personId}
          and h.expires_at > clock_timestamp() limit 1)`.as('held_seconds'),
    })
    .from(people)
    .where(eq(people.id, personId))
    .prepare('checkout_of'),
)

/** What somebody has set aside at a checkout, by the database’s clock. */
export interface Hold {
  rewardId: number
  until: Date
  secondsLeft: number
}

export interface Checkout {
  country: string
  /** By the creator. */
  isBlocked: boolean
  /** They have a pledge here that stands. */
  hasPledge: boolean
  /** It could not be charged and was given up, so that a late one may take its place. */
  isDropped: boolean
  hold: Hold | undefined
}

/** How somebody stands to a project they may want to back. */
export async function findCheckout(db: Db, personId: number, projectId: number): Promise<Checkout> {
  const [row] = await checkoutOf(db).execute({ personId, projectId })
  if (!row) {
    return { country: '', isBlocked: false, hasPledge: false, isDropped: false, hold: undefined }
  }
  const { country, isBlocked, pledgeStatus, heldReward, heldUntil, heldSeconds } = row
  return {
    ...{ country, isBlocked },
    hasPledge: pledgeStatus !== null && pledgeStatus !== 'canceled',
    isDropped: pledgeStatus === 'dropped',
    hold:
      heldReward === null || heldUntil === null
        ? undefined
        : { rewardId: heldReward, until: heldUntil, secondsLeft: heldSeconds ?? 0 },
  }
}
