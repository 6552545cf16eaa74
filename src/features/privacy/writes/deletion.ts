import { eq, inArray, or, sql } from 'drizzle-orm'
import { tags } from '#cache/recording'
import { announceChange } from '#db/changes'
import type { Db } from '#db/client'
import { queueMail } from '#db/outbox'
import { accessTokens, accounts, mailedTokens, recoveryCodes, sessions } from '#db/schema/accounts'
import { saves } from '#db/schema/community'
import { activities, blocks, conversations, follows, mutedTopics } from '#db/schema/contact'
import { addresses, webhookDeliveries, webhooks } from '#db/schema/fulfilment'
import { collaborators } from '#db/schema/making'
import { outbox } from '#db/schema/outbox'
import { people, projects } from '#db/schema/projects'
import { restrictions } from '#db/schema/trust'
import { removeDraft } from '#features/editor/writes/lifecycle'
import { findOwnAccount } from '#features/people/reads/accounts'
import { verifyPassword } from '#lib/passwords'
import { formerName } from '../rules'
import { goodbyeLetter } from './letters'

type Tx = Parameters<Parameters<Db['transaction']>[0]>[0]

interface OwnProject {
  id: number
  title: string
  status: (typeof projects.$inferSelect)['status']
}

export type Deletion =
  | 'done'
  | { wrong: 'password' }
  | { wrong: 'projects'; projects: OwnProject[] }

/**
 * Deletes an account and all that belongs to nobody else. What others have seen or counted on stays
 * under the name of nobody: comments, updates, messages, pledges, projects that have launched. Says
 * what stands against it: a wrong password, or projects that run or are being reviewed.
 */
export async function deleteAccount(
  db: Db,
  { personId, password }: { personId: number; password: string },
  site: string,
): Promise<Deletion> {
  const account = await findOwnAccount(db, personId)
  if (!account || !(await verifyPassword(password, account.passwordHash))) {
    return { wrong: 'password' }
  }
  const { name, email } = account
  return await db.transaction(async (tx) => {
    // None of them can be submitted or launched meanwhile.
    const own: OwnProject[] = await tx
      .select({ id: projects.id, title: projects.title, status: projects.status })
      .from(projects)
      .where(eq(projects.creatorId, personId))
      .orderBy(projects.id)
      .for('update')
    const running = own.filter(({ status }) => status === 'live' || status === 'submitted')
    if (running.length > 0) return { wrong: 'projects', projects: running }
    for (const { id, status } of own) if (status === 'draft') await removeDraft(tx, id)
    await removeWebhooks(
      tx,
      own.map(({ id }) => id),
    )
    const unsaved = await unsaveAll(tx, personId)
    await forgetPerson(tx, personId)
    await removeOwn(tx, personId, email)
    await queueMail(tx, `goodbye ${personId}`, { recipient: email, ...goodbyeLetter(name, site) })
    const changed = [...own.map(({ id }) => id), ...unsaved].map((id) => tags.project(id))
    await announceChange(tx, [tags.person(personId), ...changed])
    return 'done'
  })
}

/** Nobody is left who could switch them off. */
async function removeWebhooks(tx: Tx, projectIds: number[]): Promise<void> {
  const own = inArray(webhooks.projectId, projectIds)
  await tx.select({ id: webhooks.id }).from(webhooks).where(own).for('update')
  await tx.delete(webhookDeliveries).where(inArray(webhookDeliveries.projectId, projectIds))
  await tx.delete(webhooks).where(own)
}

async function forgetPerson(tx: Tx, personId: number): Promise<void> {
  const nothing = { bio: '', city: '', state: '', country: '', image: null }
  await tx
    .update(people)
    .set({ name: formerName, ...nothing, deletedAt: sql`now()` })
    .where(eq(people.id, personId))
  await tx.update(projects).set({ creatorName: formerName }).where(eq(projects.creatorId, personId))
}

/** Returns the projects that have one save less. */
async function unsaveAll(tx: Tx, personId: number): Promise<number[]> {
  const saved = tx.select({ id: saves.projectId }).from(saves).where(eq(saves.personId, personId))
  // In one order, so that two who leave do not wait for each other.
  const locked = await tx
    .select({ id: projects.id })
    .from(projects)
    .where(inArray(projects.id, saved))
    .orderBy(projects.id)
    .for('update')
  const ids = locked.map(({ id }) => id)
  await tx.delete(saves).where(eq(saves.personId, personId))
  if (ids.length === 0) return []
  await tx
    .update(projects)
    .set({ savesCount: sql`${projects.savesCount} - 1` })
    .where(inArray(projects.id, ids))
  return ids
}

/** What is nobody else’s, and what would go on writing to them. */
async function removeOwn(tx: Tx, personId: number, email: string): Promise<void> {
  await tx
    .update(conversations)
    .set({ unreadByMember: 0 })
    .where(eq(conversations.memberId, personId))
  await tx
    .update(conversations)
    .set({ unreadByCreator: 0 })
    .where(eq(conversations.creatorId, personId))
  const parts = [
    ...([collaborators, activities, mutedTopics, restrictions, blocks] as const),
    ...([accessTokens, sessions, recoveryCodes, mailedTokens, addresses] as const),
  ]
  for (const part of parts) await tx.delete(part).where(eq(part.personId, personId))
  // What is still on its way needs the address on it.
  await tx.execute(sql`
    update fulfilments f set address = null from pledges p
    where p.backer_id = ${personId} and f.project_id = p.project_id and f.pledge_id = p.id
      and f.status = 'received'`)
  await tx
    .delete(follows)
    .where(or(eq(follows.followerId, personId), eq(follows.creatorId, personId)))
  await tx.delete(mailedTokens).where(eq(mailedTokens.email, email))
  await tx.delete(outbox).where(eq(outbox.recipient, email))
  await tx.delete(accounts).where(eq(accounts.personId, personId))
}
