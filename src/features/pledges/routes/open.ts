import type { Context } from 'hono'
import { listCards } from '#features/payments/reads'
import { type Project, requireProject } from '#features/projects/reads/projects'
import { listRewards, type Reward } from '#features/projects/reads/rewards'
import { isRunning, rewardState } from '#features/projects/rules'
import type { AppEnv } from '#http/env'
import { type Backer, findBacker } from '#http/guest'
import { parseProjectId } from '#http/input'
import { requireUnrestricted } from '#http/session'
import { type Checkout, findCheckout } from '../reads/checkout'

/** A project somebody stands before, and how they stand to it; `backer` is whoever is known. */
export interface Opened {
  project: Project
  rewards: Reward[]
  backer: Backer | undefined
  checkout: Checkout | undefined
}

/** Reads all that the steps of a pledge show. Throws AppError project_not_found or restricted. */
export async function openProject(c: Context<AppEnv>): Promise<Opened> {
  const { db } = c.var.deps
  const id = parseProjectId(c.req.param('project') ?? '')
  const backer = await findBacker(c)
  if (backer && !backer.isGuest) requireUnrestricted(c, 'pledge')
  const [project, rewards, checkout] = await Promise.all([
    requireProject(db, id),
    listRewards(db, id),
    backer && findCheckout(db, backer.id, id),
  ])
  return { project, rewards, backer, checkout }
}

export const cardsOf = (c: Context<AppEnv>, backer: Backer) =>
  listCards(c.var.deps.db, backer.id, c.var.deps.payments.name)

/** Why it cannot be backed by them at all. */
export interface Obstacle {
  status: 403 | 409
  title: string
  sentence: string
  hasPledge?: boolean
}

const over: Record<string, { title: string; sentence: string }> = {
  canceled: {
    title: 'This project was canceled',
    sentence: 'Its creator has canceled it, so it takes no pledges. Nobody was charged.',
  },
  suspended: {
    title: 'This project is suspended',
    sentence: 'We have suspended it, so it takes no pledges. Nobody is charged.',
  },
}

/** What keeps somebody from backing a project, before they have chosen anything. */
export function obstacleOf(c: Context<AppEnv>, opened: Opened): Obstacle | undefined {
  const { project, backer, checkout } = opened
  const told = over[project.status]
  if (told) return { status: 409, ...told }
  if (!isRunning(project, { now: c.var.deps.now() })) {
    const sentence = 'It takes no more pledges. Nothing was charged.'
    return { status: 409, title: 'This project has ended', sentence }
  }
  if (backer?.id === project.creatorId) {
    const sentence = 'Nobody backs their own project: its money would only go round.'
    return { status: 403, title: 'This is your own project', sentence }
  }
  if (checkout?.isBlocked) {
    const sentence = 'The creator of this project has blocked you, so you cannot back it.'
    return { status: 403, title: 'You cannot back this project', sentence }
  }
  if (checkout?.hasPledge) {
    const sentence = 'There is one pledge of each backer for a project. You can change yours.'
    return { status: 409, title: 'You back this already', sentence, hasPledge: true }
  }
  return undefined
}

/** Rewards that can be had at this moment. */
export const alternativesOf = (rewards: readonly Reward[], now: Date): Reward[] =>
  rewards.filter((reward) => {
    const { kind } = rewardState(reward, true, { now })
    return !reward.isAddOn && (kind === 'available' || kind === 'limited')
  })
