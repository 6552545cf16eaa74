import { sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { listBalancesIn } from '#features/ledger/reads'
import { booksOf, lineOf } from '#features/ledger/rules/books'
import { openBooks, postLines } from '#features/ledger/writes'

/**
 * Lets go of all who have pledged to a project that has ended without success, by whatever move:
 * nobody is charged. One line of the books says what all of them had promised. The project is
 * locked and moved in the same transaction.
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
}
