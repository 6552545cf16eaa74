import { sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { listBalancesIn } from '#features/ledger/reads'
import { booksOf, lineOf } from '#features/ledger/rules/books'
import { openBooks, postLines } from '#features/ledger/writes'

/**
 * Lets go of all who have pledged to a project that has ended without success, by whatever move:
 * nobody is charged. One line of the books says what all of them had promised. The project is
 * locked and moved in the same transaction; in one that is no longer listed nobody is a backer.
 */
export async function releasePledges(
  tx: Pick<Db, 'select' | 'execute'>,
  projectId: number,
): Promise<void> {
  await openBooks(tx, projectId)
  const { uncharged } = booksOf(await listBalancesIn(tx, projectId), 0)
  await postLines(tx, [lineOf(projectId, null, 'release', uncharged)])
  await tx.execute(sql`
    insert into settlements (project_id, settled_at, closed_at)
      values (${projectId}, clock_timestamp(), clock_timestamp())`)
  await tx.execute(sql`
    update people b set pledges_count = b.pledges_count - 1
      from pledges l join projects p on p.id = l.project_id and not is_listed(p.status)
      where l.project_id = ${projectId} and l.backer_id = b.id and not l.anonymous
        and l.status <> 'canceled'`)
}
