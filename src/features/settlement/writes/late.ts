import { sql } from 'drizzle-orm'
import { tags } from '#cache/recording'
import { announceChange } from '#db/changes'
import type { Db } from '#db/client'
import type { Viewer } from '#db/sessions'
import { lockBooks } from '#features/ledger/writes'
import { requireAccess } from '#features/projects/reads/access'
import { AppError } from '#lib/errors'
import { lateDaysMax } from '../rules/dates'

/**
 * Takes late pledges for a project that was successful, until a moment; without one no longer.
 * Throws AppError forbidden, project_not_found, wrong_state, and invalid_body with the field
 * `until` for a moment that is past or too far away.
 */
export async function openLatePledges(
  db: Db,
  viewer: Viewer,
  { projectId, until }: { projectId: number; until: Date | null },
): Promise<void> {
  await requireAccess(db, viewer, projectId, 'creator')
  const moment = until?.toISOString() ?? null
  await db.transaction(async (tx) => {
    await lockBooks(tx, projectId)
    const [project] = await tx.execute<{ fits: boolean }>(sql`
      select coalesce(${moment}::timestamptz between clock_timestamp()
          and p.ends_at + make_interval(days => ${lateDaysMax}), true) as fits
        from projects p join settlements s on s.project_id = p.id
        where p.id = ${projectId} and p.status = 'successful' and p.hidden_at is null`)
    if (!project) throw new AppError('wrong_state')
    if (!project.fits) {
      const detail = `Must be in the future, and at most ${lateDaysMax} days after the end of the campaign.`
      throw new AppError('invalid_body', { field: 'until', detail })
    }
    // Due, so that the next payout is put off to when there may be something to pay.
    await tx.execute(sql`
      update settlements set due_at = clock_timestamp(),
          late_until = coalesce(${moment}::timestamptz, least(late_until, clock_timestamp()))
        where project_id = ${projectId}`)
    await announceChange(tx, [tags.project(projectId)])
  })
}
