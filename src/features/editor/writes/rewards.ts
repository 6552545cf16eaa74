import { and, eq, sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { rewardItems, rewardShipping, rewards } from '#db/schema/backing'
import type { Viewer } from '#db/sessions'
import { requireAccess } from '#features/projects/reads/access'
import type { ProjectStatus } from '#features/projects/rules'
import { AppError, errorCode } from '#lib/errors'
import { moved } from '../rules/order'
import { quantityProblem, type RewardPicture, type RewardTerms, rewardsMax } from '../rules/rewards'
import { beginSave, type Tx } from './versions'

/** The project, and the version of it that a form was made from. */
export interface At {
  projectId: number
  version: number
}

export type RewardAt = At & { rewardId: number }

/**
 * Adds a reward after the others and returns its number. Throws AppError as `beginSave` and
 * `requireAccess` do, and invalid_input when there are as many as there may be.
 */
export async function addReward(
  db: Db,
  viewer: Pick<Viewer, 'id'>,
  at: At,
  { terms, picture }: { terms: RewardTerms; picture: RewardPicture },
): Promise<number> {
  return await save(db, viewer, at, async (tx) => {
    const { projectId } = at
    const [before] = await tx
      .select({
        count: sql<number>`count(*)::int`,
        last: sql<number>`coalesce(max(${rewards.position}), 0)::int`,
      })
      .from(rewards)
      .where(eq(rewards.projectId, projectId))
    const { count, last } = before ?? { count: 0, last: 0 }
    if (count >= rewardsMax) {
      throw new AppError('invalid_input', {
        detail: `A project has ${rewardsMax} rewards at most.`,
      })
    }
    const { items, shipping, ...columns } = terms
    const [row] = await tx
      .insert(rewards)
      .values({ projectId, position: last + 1, ...columns, ...picture })
      .returning({ id: rewards.id })
    const id = row?.id ?? 0
    await insertParts(tx, { projectId, rewardId: id }, { items, shipping })
    return id
  })
}

/**
 * Changes a reward that nobody has taken. Throws AppError as `beginSave` and `requireAccess` do,
 * and reward_not_found, reward_backed, or invalid_input naming the quantity.
 */
export async function changeReward(
  db: Db,
  viewer: Pick<Viewer, 'id'>,
  at: RewardAt,
  { terms, picture }: { terms: RewardTerms; picture: RewardPicture },
): Promise<void> {
  await save(db, viewer, at, async (tx, status) => {
    const stored = await lockReward(tx, at)
    if (stored.backersCount > 0) throw new AppError('reward_backed')
    requireQuantity(status, stored, terms.quantity)
    const { items, shipping, ...columns } = terms
    await tx
      .update(rewards)
      .set({ ...columns, ...picture })
      .where(isReward(at))
    await deleteParts(tx, at)
    await insertParts(tx, at, { items, shipping })
  })
}

/** Changes what of a reward stays open once somebody has taken it. Throws the same. */
export async function changeBackedReward(
  db: Db,
  viewer: Pick<Viewer, 'id'>,
  at: RewardAt,
  changes: { quantity: number | null; picture: RewardPicture },
): Promise<void> {
  await save(db, viewer, at, async (tx, status) => {
    const { quantity, picture } = changes
    requireQuantity(status, await lockReward(tx, at), quantity)
    await tx
      .update(rewards)
      .set({ quantity, ...picture })
      .where(isReward(at))
  })
}

/** Moves a reward up or down among the rewards, or an add-on among the add-ons. Throws the same. */
export async function moveReward(
  db: Db,
  viewer: Pick<Viewer, 'id'>,
  at: RewardAt,
  direction: 'up' | 'down',
): Promise<void> {
  await save(db, viewer, at, async (tx) => {
    const { projectId, rewardId } = at
    const rows = await tx
      .select({ id: rewards.id, isAddOn: rewards.isAddOn })
      .from(rewards)
      .where(eq(rewards.projectId, projectId))
      .orderBy(rewards.isAddOn, rewards.position, rewards.id)
    const index = rows.findIndex(({ id }) => id === rewardId)
    const next = rows[index + (direction === 'up' ? -1 : 1)]
    if (index < 0) throw new AppError('reward_not_found')
    if (next?.isAddOn !== rows[index]?.isAddOn) return
    const ids = moved(rows, index, direction).map(({ id }) => id)
    await tx.execute(sql`
      update rewards set position = placed.position
      from unnest(${sql.param(`{${ids}}`)}::bigint[]) with ordinality as placed (id, position)
      where rewards.project_id = ${projectId} and rewards.id = placed.id`)
  })
}

/** Takes away a reward that nobody has ever taken. Throws the same. */
export async function deleteReward(
  db: Db,
  viewer: Pick<Viewer, 'id'>,
  at: RewardAt,
): Promise<void> {
  try {
    await save(db, viewer, at, async (tx) => {
      const { backersCount } = await lockReward(tx, at)
      if (backersCount > 0) throw new AppError('reward_backed')
      await deleteParts(tx, at)
      await tx.delete(rewards).where(isReward(at))
    })
  } catch (error) {
    // A pledge that was canceled still names it.
    const isNamed = error instanceof Error && errorCode(error.cause) === foreignKeyViolation
    throw isNamed ? new AppError('reward_backed') : error
  }
}

const foreignKeyViolation = '23503'

async function save<Result>(
  db: Db,
  viewer: Pick<Viewer, 'id'>,
  { projectId, version }: At,
  change: (tx: Tx, status: ProjectStatus) => Promise<Result>,
): Promise<Result> {
  return await db.transaction(async (tx) => {
    await requireAccess(tx, viewer, projectId, 'edit')
    const { status } = await beginSave(tx, { projectId, version })
    return await change(tx, status)
  })
}

type Place = Pick<RewardAt, 'projectId' | 'rewardId'>

const isReward = ({ projectId, rewardId }: Place) =>
  and(eq(rewards.projectId, projectId), eq(rewards.id, rewardId))

/** Whoever would take it at this moment waits, and what they have taken is counted. */
async function lockReward(tx: Tx, at: Place) {
  const [row] = await tx
    .select({ quantity: rewards.quantity, backersCount: rewards.backersCount })
    .from(rewards)
    .where(isReward(at))
    .for('update')
  if (!row) throw new AppError('reward_not_found')
  return row
}

function requireQuantity(
  status: ProjectStatus,
  stored: { quantity: number | null; backersCount: number },
  quantity: number | null,
): void {
  const detail = quantityProblem(status, stored, quantity)
  if (detail !== undefined) throw new AppError('invalid_input', { field: 'quantity', detail })
}

async function insertParts(
  tx: Tx,
  { projectId, rewardId }: Place,
  { items, shipping }: Pick<RewardTerms, 'items' | 'shipping'>,
): Promise<void> {
  if (items.length > 0) {
    const rows = items.map((item, index) => ({ ...item, position: index + 1 }))
    await tx.insert(rewardItems).values(rows.map((row) => ({ projectId, rewardId, ...row })))
  }
  if (shipping.length > 0) {
    await tx.insert(rewardShipping).values(shipping.map((row) => ({ projectId, rewardId, ...row })))
  }
}

async function deleteParts(tx: Tx, { projectId, rewardId }: Place): Promise<void> {
  for (const table of [rewardItems, rewardShipping]) {
    await tx.delete(table).where(and(eq(table.projectId, projectId), eq(table.rewardId, rewardId)))
  }
}
