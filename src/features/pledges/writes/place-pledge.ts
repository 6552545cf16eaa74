import { sql } from 'drizzle-orm'
import { queueMail } from '#db/outbox'
import type { Deps } from '#deps'
import { mailGuest } from '#features/people/writes/mailed-links'
import type { Project } from '#features/projects/reads/projects'
import type { Backer } from '#http/guest'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { findOwnPledge } from '../reads/own'
import type { PledgeRequest, PledgeResult } from '../rules'
import { linesOf } from '../rules/lines'
import { requireTaken, type Taken } from '../rules/refusals'
import { pledgeWriterOf } from './batch-writer'
import { cancelPledge, changePledge, replaceDropped } from './change-pledge'
import { canceledLetter, receiptLetter } from './letters'

type Given = Pick<
  Project,
  'id' | 'title' | 'status' | 'currency' | 'creatorId' | 'allOrNothing' | 'endsAt'
>

/** What is asked for, and by whom it is known to have been asked once. */
export type Wish = Omit<PledgeRequest, 'projectId' | 'backerId'>

/**
 * Places a pledge and mails its receipt; done once for each key. Throws AppError blocked,
 * card_not_found, and what `requireTaken` and the writer throw.
 */
export async function placePledge(
  deps: Deps,
  backer: Backer,
  project: Given,
  wish: Wish,
): Promise<Taken> {
  await requireMayBack(deps, backer, project, wish.cardId)
  const request = { projectId: project.id, backerId: backer.id, ...wish }
  const placed = await pledgeWriterOf(deps).place(request)
  const again =
    placed.outcome === 'already_pledged' ? await replaceDropped(deps.db, request) : undefined
  const result = again ?? placed
  return await confirm(deps, backer, project, { result, key: wish.key, isChange: false })
}

/** Changes a pledge to what is asked for; otherwise the same. Throws as `changePledge` does, too. */
export async function adjustPledge(
  deps: Deps,
  backer: Backer,
  project: Given,
  wish: Wish,
): Promise<Taken> {
  await requireMayBack(deps, backer, project, wish.cardId)
  const request = { projectId: project.id, backerId: backer.id, ...wish }
  const result = await changePledge(deps.db, request)
  return await confirm(deps, backer, project, { result, key: wish.key, isChange: true })
}

/** Cancels a pledge and says so by mail. Throws as `cancelPledge` does. */
export async function withdrawPledge(
  deps: Deps,
  backer: Backer,
  project: Given,
  key: string,
): Promise<void> {
  const { db, config } = deps
  await cancelPledge(db, { projectId: project.id, backerId: backer.id, key })
  const url = config.baseUrl + paths.project(project)
  const letter = canceledLetter(backer.name, project.title, new Date(), url)
  const event = `pledge canceled ${project.id} ${backer.id} ${key}`
  await queueMail(db, event, { recipient: backer.email, ...letter })
}

async function requireMayBack(
  { db, payments }: Pick<Deps, 'db' | 'payments'>,
  backer: Backer,
  project: Given,
  cardId: number | null,
): Promise<void> {
  const [row] = await db.execute<{ isBlocked: boolean; hasCard: boolean }>(sql`
    select
      exists (select from blocks
        where person_id = ${project.creatorId} and blocked_id = ${backer.id}) as "isBlocked",
      exists (select from cards where person_id = ${backer.id} and id = ${cardId}
        and provider = ${payments.name} and removed_at is null) as "hasCard"`)
  if (row?.isBlocked) throw new AppError('blocked', { detail: blockedSentence })
  if (!row?.hasCard) throw new AppError('card_not_found', { field: 'card' })
}

export const blockedSentence = 'The creator of this project has blocked you, so you cannot back it.'

/** Also of a request that was done before: whoever did it may have crashed before the mail. */
async function confirm(
  deps: Deps,
  backer: Backer,
  project: Given,
  done: { result: PledgeResult; key: string; isChange: boolean },
): Promise<Taken> {
  const { db, config } = deps
  const taken = requireTaken(done.result, project.currency)
  const pledge = await findOwnPledge(db, backer.id, project.id)
  // Canceled meanwhile, or changed once more: that has a mail of its own.
  if (!pledge || pledge.status === 'canceled' || pledge.amount !== taken.total) return taken
  const receipt = { ...project, lines: linesOf(pledge), total: taken.total }
  const write = (path: string) =>
    receiptLetter(backer.name, receipt, {
      url: config.baseUrl + path,
      isChange: done.isChange,
      isGuest: backer.isGuest,
    })
  const event = `pledge ${project.id} ${backer.id} ${done.key}`
  const next = paths.pledge(project)
  if (!backer.isGuest) {
    await queueMail(db, event, { recipient: backer.email, ...write(next) })
    return taken
  }
  const guest = { personId: backer.id, email: backer.email }
  await db.transaction((tx) =>
    mailGuest(tx, event, guest, (token) => write(paths.enterAsGuest({ token, next }))),
  )
  return taken
}
