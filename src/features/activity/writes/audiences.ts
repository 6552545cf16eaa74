import { type SQL, sql } from 'drizzle-orm'
import type { EventKind } from '#db/schema/contact'

// Each lists numbers of people above `after`, who may stand in it more than once.

interface About {
  projectId: number
  creatorId: number
  recipientId: number
  /** Of the thread a comment answers. */
  answersId: number
  /** An update that is for backers alone. */
  isForBackers: boolean
  after: number
}

type Audience = (about: About) => SQL

const backers: Audience = ({ projectId, after }) => sql`
  select backer_id from pledges
  where project_id = ${projectId} and backer_id > ${after} and status <> 'canceled'`
const payers: Audience = ({ projectId, after }) => sql`
  select backer_id from pledges
  where project_id = ${projectId} and backer_id > ${after} and status = 'collected'`
const savers: Audience = ({ projectId, after }) => sql`
  select person_id from saves where project_id = ${projectId} and person_id > ${after}`
const followers: Audience = ({ creatorId, after }) => sql`
  select follower_id from follows where creator_id = ${creatorId} and follower_id > ${after}`
const one =
  (key: 'recipientId' | 'answersId' | 'creatorId'): Audience =>
  (about) =>
    sql`select ${about[key]}::bigint where ${about[key]}::bigint > ${about.after}`
const helpers =
  (permission: 'edit' | 'community'): Audience =>
  ({ projectId, after }) =>
    sql`
  select person_id from collaborators where project_id = ${projectId} and person_id > ${after}
    and accepted_at is not null and ${permission} = any (permissions)`

const all =
  (...audiences: Audience[]): Audience =>
  (about) =>
    sql.join(
      audiences.map((audience) => audience(about)),
      sql` union all `,
    )

const makers = all(one('creatorId'), helpers('edit'))
const concerned = all(backers, savers, makers)

/** Who hears of each kind of event, besides whoever did it. */
export const audiences: Record<EventKind, Audience> = {
  project_launched: followers,
  update_published: (about) =>
    about.isForBackers ? backers(about) : all(backers, savers, followers)(about),
  comment_posted: all(one('creatorId'), helpers('community'), one('answersId')),
  message_sent: one('recipientId'),
  person_followed: one('recipientId'),
  collaborator_invited: one('recipientId'),
  survey_sent: payers,
  person_restricted: one('recipientId'),
  person_unrestricted: one('recipientId'),
  comment_hidden: one('recipientId'),
  update_hidden: one('recipientId'),
  project_approved: makers,
  project_sent_back: makers,
  project_rejected: makers,
  project_suspended: makers,
  project_hidden: makers,
  project_shown: makers,
  project_canceled: concerned,
  project_successful: concerned,
  project_failed: concerned,
}
