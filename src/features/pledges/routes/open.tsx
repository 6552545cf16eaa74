import type { Context } from 'hono'
import { listCards } from '#features/payments/reads'
import { type Project, requireProject } from '#features/projects/reads/projects'
import { listRewards, type Reward } from '#features/projects/reads/rewards'
import { isRunning, rewardState, takesPledges } from '#features/projects/rules'
import type { AppEnv } from '#http/env'
import { type Backer, findBacker } from '#http/guest'
import { parseProjectId } from '#http/input'
import { renderPage } from '#http/render'
import { requireUnrestricted } from '#http/session'
import { AppError, type ErrorCode } from '#lib/errors'
import { RefusalPage } from '../pages/refusal-page'
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

export type Mode = 'new' | 'change'

/** Why it cannot be backed by them at all. */
interface Obstacle {
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
function obstacleOf(c: Context<AppEnv>, opened: Opened): Obstacle | undefined {
  const { project, backer, checkout } = opened
  const told = over[project.status]
  if (told) return { status: 409, ...told }
  const clock = { now: c.var.deps.now() }
  if (!takesPledges(project, clock)) {
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
  if (checkout?.hasPledge && !checkout.isDropped) {
    const change = isRunning(project, clock) ? ' You can change yours.' : ''
    const sentence = `There is one pledge of each backer for a project.${change}`
    return { status: 409, title: 'You back this already', sentence, hasPledge: true }
  }
  return undefined
}

/** Rewards that can be had at this moment. */
const alternativesOf = (rewards: readonly Reward[], now: Date): Reward[] =>
  rewards.filter((reward) => {
    const { kind } = rewardState(reward, true, { now })
    return !reward.isAddOn && (kind === 'available' || kind === 'limited')
  })

/** What a step is about, or the page that says why it cannot be taken. */
export async function openStep(c: Context<AppEnv>, mode: Mode): Promise<Opened | Response> {
  const opened = await openProject(c)
  return stopAt(c, mode, opened) ?? opened
}

/** Says why a step cannot be taken. Throws AppError where there is nothing to change. */
export function stopAt(c: Context<AppEnv>, mode: Mode, opened: Opened): Response | undefined {
  const { project, backer, checkout } = opened
  if (mode === 'new') {
    const obstacle = obstacleOf(c, opened)
    return obstacle && obstaclePage(c, opened, obstacle)
  }
  if (!backer) throw new AppError('sign_in_required')
  if (!checkout?.hasPledge) throw new AppError('pledge_not_found')
  if (!isRunning(project, { now: c.var.deps.now() })) throw new AppError('campaign_over')
  return undefined
}

const obstaclePage = (c: Context<AppEnv>, { project }: Opened, obstacle: Obstacle): Response => {
  const { status, ...told } = obstacle
  return renderPage(c, <RefusalPage project={project} {...told} />, status)
}

const withAlternatives: readonly ErrorCode[] = ['sold_out', 'reward_closed', 'reward_not_found']

/** A page for what was refused, where it can be said kindly; other errors are thrown on. */
export function refuse(
  c: Context<AppEnv>,
  mode: Mode,
  { project, rewards }: Opened,
  error: unknown,
): Response {
  if (!(error instanceof AppError) || error.status >= 500) throw error
  const { title, sentence, detail, code } = error
  if (![409, 403, 422].includes(error.status) && code !== 'reward_not_found') throw error
  return renderPage(
    c,
    <RefusalPage
      project={project}
      title={title}
      sentence={detail ?? sentence}
      hasPledge={mode === 'change' || code === 'already_pledged'}
      isChange={mode === 'change'}
      alternatives={
        withAlternatives.includes(code) ? alternativesOf(rewards, c.var.deps.now()) : undefined
      }
    />,
    error.status as 403 | 409 | 422,
  )
}
