import { and, eq, ne } from 'drizzle-orm'
import type { Db } from '#db/client'
import { pledges, rewards } from '#db/schema/backing'
import { fulfilments, surveys } from '#db/schema/fulfilment'
import { people, projects } from '#db/schema/projects'

const surveyColumns = {
  questions: surveys.questions,
  wantsAddress: surveys.wantsAddress,
  sentAt: surveys.sentAt,
  lockedAt: surveys.lockedAt,
}

export type Survey = NonNullable<Awaited<ReturnType<typeof findSurvey>>>

/** What the backers of a project are asked, sent or not. */
export async function findSurvey(db: Pick<Db, 'select'>, projectId: number) {
  const [row] = await db.select(surveyColumns).from(surveys).where(eq(surveys.projectId, projectId))
  return row
}

const pledgeColumns = {
  pledgeId: pledges.id,
  amount: pledges.amount,
  pledgeStatus: pledges.status,
  anonymous: pledges.anonymous,
  shipTo: pledges.shipTo,
  reward: rewards.name,
  backerId: people.id,
  backerName: people.name,
  answers: fulfilments.answers,
  address: fulfilments.address,
  answeredAt: fulfilments.answeredAt,
  status: fulfilments.status,
  tracking: fulfilments.tracking,
}

const project = {
  id: projects.id,
  title: projects.title,
  currency: projects.currency,
  creatorName: projects.creatorName,
}

const selectPledge = (db: Pick<Db, 'select'>) =>
  db
    .select({ project, survey: surveyColumns, ...pledgeColumns })
    .from(pledges)
    .innerJoin(projects, eq(projects.id, pledges.projectId))
    .innerJoin(people, eq(people.id, pledges.backerId))
    .leftJoin(
      rewards,
      and(eq(rewards.projectId, pledges.projectId), eq(rewards.id, pledges.rewardId)),
    )
    .leftJoin(surveys, eq(surveys.projectId, pledges.projectId))
    .leftJoin(
      fulfilments,
      and(eq(fulfilments.projectId, pledges.projectId), eq(fulfilments.pledgeId, pledges.id)),
    )

export type Fulfilment = NonNullable<Awaited<ReturnType<typeof findFulfilment>>>

/** What somebody has backed in a project, what they were asked of it, and how far it is. */
export async function findFulfilment(db: Pick<Db, 'select'>, backerId: number, projectId: number) {
  const [row] = await selectPledge(db).where(
    and(
      eq(pledges.backerId, backerId),
      eq(pledges.projectId, projectId),
      ne(pledges.status, 'canceled'),
    ),
  )
  return row
}

/** The same for those who send it, by the number of the pledge. */
export async function findBacker(db: Pick<Db, 'select'>, projectId: number, pledgeId: number) {
  const [row] = await selectPledge(db).where(
    and(eq(pledges.projectId, projectId), eq(pledges.id, pledgeId)),
  )
  return row
}
