import { eq, sql } from 'drizzle-orm'
import { tags } from '#cache/recording'
import { announceChange } from '#db/changes'
import type { Db } from '#db/client'
import { recordEvent } from '#db/events'
import { people, projects } from '#db/schema/projects'
import type { Viewer } from '#db/sessions'
import { mayBeHidden } from '#features/projects/rules'
import { AppError } from '#lib/errors'
import { recordAct } from './audit'
import { lockProject, requireUninvolved } from './judging'
import { resolveReports } from './reports'

type Tx = Parameters<Parameters<Db['transaction']>[0]>[0]

/**
 * Takes a project that is over away from its readers, which answers what was reported of it, or
 * shows it again. Its state and its money stay as they are; it takes no more late pledges. Throws
 * AppError forbidden, project_not_found, or wrong_state where it is so already or is not over.
 */
export async function hideProject(
  db: Db,
  staff: Viewer,
  { projectId, reason, isShown }: { projectId: number; reason: string; isShown: boolean },
): Promise<void> {
  await db.transaction(async (tx) => {
    await lockProject(tx, projectId)
    const { creatorId, status, hiddenAt } = await requireUninvolved(tx, staff, projectId)
    if (!mayBeHidden(status) || (hiddenAt !== null) !== isShown) throw new AppError('wrong_state')
    await tx
      .update(projects)
      .set({ hiddenAt: isShown ? null : sql`now()` })
      .where(eq(projects.id, projectId))
    await recount(tx, { projectId, creatorId, by: isShown ? 1 : -1 })
    if (!isShown) {
      await tx.execute(sql`
        update settlements set late_until = clock_timestamp()
          where project_id = ${projectId} and late_until > clock_timestamp()`)
      const key = { kind: 'project', projectId, subject: 0, memberId: null } as const
      await resolveReports(tx, staff, key, 'acted')
    }
    await recordEvent(tx, {
      kind: isShown ? 'project_shown' : 'project_hidden',
      aboutProject: projectId,
      actorId: staff.id,
      recipientId: creatorId,
      reason,
    })
    await recordAct(tx, staff, {
      act: isShown ? 'show_project' : 'hide_project',
      aboutProject: projectId,
      aboutPerson: creatorId,
      reason,
    })
    await announceChange(tx, [tags.project(projectId), tags.person(creatorId)])
  })
}

/** What people have made and backed counts only what is listed. */
async function recount(
  tx: Tx,
  { projectId, creatorId, by }: { projectId: number; creatorId: number; by: 1 | -1 },
): Promise<void> {
  await tx
    .update(people)
    .set({ projectsCount: sql`${people.projectsCount} + ${by}` })
    .where(eq(people.id, creatorId))
  await tx.execute(sql`
    update people b set pledges_count = b.pledges_count + ${by}
      from pledges l where l.project_id = ${projectId} and l.backer_id = b.id
        and not l.anonymous and l.status <> 'canceled'`)
}
