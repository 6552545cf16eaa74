import { sql } from 'drizzle-orm'
import type { Db } from '#db/client'
import { mailGuest } from '#features/people/writes/mailed-links'
import { paths } from '#web/paths'
import { walkStatement } from '../reads/backers'
import type { Step, Stretch } from '../rules/tasks'
import { surveyLetter } from './letters'

type Tx = Parameters<Parameters<Db['transaction']>[0]>[0]

type Guest = {
  pledgeId: number
  /** The others are null for whoever has not paid, and for members: they hear of the event. */
  personId: number | null
  email: string
  name: string
  title: string
  by: string
}

/** One step of mailing the survey to those who have no account, from a pledge on. */
export async function mailSome(
  tx: Tx,
  { projectId, after, limit }: Stretch,
  site: string,
): Promise<Step> {
  const rows = await tx.execute<Guest>(sql`
    select w.id::float8 as "pledgeId", g.person_id::float8 as "personId", g.email, b.name, p.title,
        p.creator_name as by
      from (${walkStatement(projectId, after, limit)}) w
        join projects p on p.id = w.project_id
        join people b on b.id = w.backer_id
        left join guests g on g.person_id = w.backer_id and w.status = 'collected'
      order by w.id`)
  const paid = rows.filter(({ personId }) => personId !== null)
  const next = paths.survey({ id: projectId })
  for (const { personId, email, ...letter } of paid) {
    const guest = { personId: personId as number, email }
    await mailGuest(tx, `survey ${projectId} ${personId}`, guest, (token) =>
      surveyLetter(letter, site + paths.enterAsGuest({ token, next })),
    )
  }
  return { walked: rows.length, last: rows.at(-1)?.pledgeId ?? 0, done: paid.length }
}
