import { eq, sql } from 'drizzle-orm'
import { tags } from '#cache/recording'
import { announceChange } from '#db/changes'
import type { Db } from '#db/client'
import { projectTransitions } from '#db/schema/making'
import { people, projects } from '#db/schema/projects'
import { AppError } from '#lib/errors'
import { isListed, mayMove, type ProjectStatus } from '../rules'

type Tx = Pick<Db, 'select' | 'insert' | 'update' | 'execute'>

export interface Move {
  projectId: number
  to: ProjectStatus
  /** Null when the clock does it. */
  actorId: number | null
  reason?: string
}

/**
 * Moves a project from the state it is in to another and writes that down; whoever else would move
 * it waits. Returns what it was before. Throws AppError project_not_found, or wrong_state for a
 * move the transition table does not have.
 */
export async function moveProject(tx: Tx, move: Move): Promise<ProjectStatus> {
  const { projectId, to, actorId, reason = '' } = move
  const [project] = await tx
    .select({ status: projects.status, creatorId: projects.creatorId })
    .from(projects)
    .where(eq(projects.id, projectId))
    .for('update')
  if (!project) throw new AppError('project_not_found')
  const { status: from, creatorId } = project
  if (!mayMove(from, to)) throw new AppError('wrong_state')
  await tx.update(projects).set({ status: to }).where(eq(projects.id, projectId))
  await recordTransition(tx, { projectId, from, to, actorId, reason })
  const listed = Number(isListed(to)) - Number(isListed(from))
  if (listed !== 0) {
    await tx
      .update(people)
      .set({ projectsCount: sql`${people.projectsCount} + ${listed}` })
      .where(eq(people.id, creatorId))
  }
  await announceChange(tx, [tags.project(projectId), tags.person(creatorId)])
  return from
}

/** Writes one line of a project's history. `from` is null for its beginning. */
export async function recordTransition(
  tx: Pick<Db, 'insert'>,
  line: Required<Omit<Move, 'to'>> & { from: ProjectStatus | null; to: ProjectStatus },
): Promise<void> {
  const { projectId, from, to, actorId, reason } = line
  const number = sql`(select coalesce(max(t.number), 0) + 1 from ${projectTransitions} t
    where t.project_id = ${projectId})`
  await tx
    .insert(projectTransitions)
    .values({ projectId, number, fromStatus: from, toStatus: to, actorId, reason })
}
