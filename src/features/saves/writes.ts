import { eq, sql } from 'drizzle-orm'
import { tags } from '#cache/recording'
import { announceChange } from '#db/changes'
import type { Db } from '#db/client'
import { queueMail } from '#db/outbox'
import { accounts } from '#db/schema/accounts'
import { saves } from '#db/schema/community'
import { type mailTopics, mutedTopics } from '#db/schema/contact'
import { people, projects } from '#db/schema/projects'
import { writeLetter } from '#lib/letter'
import { formatMoment } from '#lib/time'
import { paths } from '#web/paths'
import { reminderHours } from './rules'

interface Save {
  personId: number
  projectId: number
}

/** Saves a project, and has the person reminded before it ends. Doing it twice changes nothing. */
export async function save(db: Db, { personId, projectId }: Save): Promise<void> {
  await db.transaction(async (tx) => {
    const remindAt = sql`(
      select case when status = 'live' then greatest(
        ends_at - make_interval(hours => ${reminderHours}), now() + (ends_at - now()) / 2) end
      from projects where id = ${projectId})`
    const added = await tx
      .insert(saves)
      .values({ personId, projectId, remindAt })
      .onConflictDoNothing()
      .returning({ projectId: saves.projectId })
    if (added.length > 0) await count(tx, projectId, 1)
  })
}

/** The reverse. */
export async function unsave(db: Db, { personId, projectId }: Save): Promise<void> {
  await db.transaction(async (tx) => {
    const removed = await tx
      .delete(saves)
      .where(sql`${saves.projectId} = ${projectId} and ${saves.personId} = ${personId}`)
      .returning({ projectId: saves.projectId })
    if (removed.length > 0) await count(tx, projectId, -1)
  })
}

async function count(tx: Pick<Db, 'update' | 'execute'>, projectId: number, by: number) {
  await tx
    .update(projects)
    .set({ savesCount: sql`${projects.savesCount} + ${by}` })
    .where(eq(projects.id, projectId))
  await announceChange(tx, [tags.project(projectId)])
}

const remindersAtOnce = 100
const topic: (typeof mailTopics)[number] = 'reminders'

/**
 * Writes the reminders that are due, each once, whoever else does the same; of projects that have
 * ended or were stopped none, and none for whoever wants no reminders. `site` is the address of the site. Returns how many were due.
 */
export async function remind(db: Db, site: string): Promise<number> {
  return await db.transaction(async (tx) => {
    const due = await tx.execute<{ project_id: string; person_id: string }>(sql`
      update saves set remind_at = null
      where (project_id, person_id) in (
        select project_id, person_id from saves where remind_at <= now()
        order by remind_at limit ${remindersAtOnce} for update skip locked)
      returning project_id, person_id`)
    for (const row of due) {
      await remindOf(
        tx,
        { projectId: Number(row.project_id), personId: Number(row.person_id) },
        site,
      )
    }
    return due.length
  })
}

async function remindOf(
  tx: Pick<Db, 'select' | 'insert'>,
  { projectId, personId }: Save,
  site: string,
): Promise<void> {
  const [row] = await tx
    .select({
      title: projects.title,
      endsAt: projects.endsAt,
      name: people.name,
      email: accounts.email,
      mailKey: accounts.mailKey,
    })
    .from(projects)
    .innerJoin(accounts, eq(accounts.personId, personId))
    .innerJoin(people, eq(people.id, personId))
    .where(sql`${projects.id} = ${projectId} and ${projects.status} = 'live'
      and ${projects.endsAt} > now() and not exists (select from ${mutedTopics} m
        where m.person_id = ${personId} and m.topic = ${topic})`)
  if (!row?.endsAt) return
  const project = { id: projectId, title: row.title }
  const unsubscribe = site + paths.unsubscribe({ person: personId, key: row.mailKey, topic })
  const letter = writeLetter({
    subject: `${row.title} ends soon`,
    greeting: `Hello ${row.name},`,
    paragraphs: [`you wanted to be reminded: ${row.title} ends ${formatMoment(row.endsAt)}.`],
    action: { label: 'See the project', url: site + paths.project(project) },
    reason: `You have saved this project. To hear no more of it, press “Saved” on its page.`,
    unsubscribe,
  })
  const event = `reminder ${projectId} ${personId}`
  await queueMail(tx, event, { recipient: row.email, unsubscribe, ...letter })
}
