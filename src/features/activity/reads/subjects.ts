import { type SQL, sql } from 'drizzle-orm'
import type { EventKind } from '#db/schema/contact'

/** An event with what a sentence about it names. */
export interface Happening {
  kind: EventKind
  reason: string
  createdAt: Date
  /** Null for the clock. */
  actor: { id: number; name: string; image: string | null } | null
  project: {
    id: number
    title: string
    category: string
    image: string | null
    creatorId: number
    creatorName: string
  } | null
  /** Gone or taken down: null, as for the two below. */
  update: { number: number; title: string; body: string } | null
  comment: {
    id: number
    body: string
    updateNumber: number | null
    answersId: number | null
  } | null
  message: { id: number; memberId: number; body: string } | null
}

const bodyCharactersShown = sql.raw('2000')

const columns = sql`e.kind, e.reason, e.created_at,
  a.id::float8 as actor_id, a.name as actor_name, a.image as actor_image,
  p.id::float8 as project_id, p.title, p.category, p.image, p.creator_id::float8 as creator_id,
  p.creator_name, u.number, u.title as update_title,
  c.id::float8 as comment_id, c.update_number, t.author_id::float8 as answers_id,
  m.id::float8 as message_id, m.member_id::float8 as member_id,
  left(coalesce(u.body, c.body, m.body), ${bodyCharactersShown}) as body`

const joins = (recipient: SQL): SQL => sql`
  left join people a on a.id = e.actor_id
  left join projects p on p.id = e.about_project
  left join updates u on e.kind in ('update_published', 'update_hidden')
    and u.project_id = e.about_project and u.number = e.subject and u.hidden_at is null
  left join comments c on e.kind in ('comment_posted', 'comment_hidden')
    and c.project_id = e.about_project and c.id = e.subject and c.hidden_at is null
  left join comments t on t.project_id = c.project_id and t.id = c.parent_id
  left join messages m on e.kind = 'message_sent' and m.project_id = e.about_project
    and m.member_id in (e.actor_id, ${recipient}) and m.id = e.subject`

export interface HappeningRow extends Record<string, unknown> {
  kind: EventKind
  reason: string
  created_at: string
  actor_id: number | null
  actor_name: string
  actor_image: string | null
  project_id: number | null
  title: string
  category: string
  image: string | null
  creator_id: number
  creator_name: string
  number: number | null
  update_title: string
  comment_id: number | null
  update_number: number | null
  answers_id: number | null
  message_id: number | null
  member_id: number
  body: string
}

function of(row: HappeningRow): Happening {
  const { kind, reason, actor_id, project_id, number, comment_id, message_id, body } = row
  return {
    kind,
    reason,
    createdAt: new Date(row.created_at),
    actor:
      actor_id === null ? null : { id: actor_id, name: row.actor_name, image: row.actor_image },
    project:
      project_id === null
        ? null
        : {
            ...{ id: project_id, title: row.title, category: row.category, image: row.image },
            ...{ creatorId: row.creator_id, creatorName: row.creator_name },
          },
    update: number === null ? null : { number, title: row.update_title, body },
    comment:
      comment_id === null
        ? null
        : { id: comment_id, body, updateNumber: row.update_number, answersId: row.answers_id },
    message: message_id === null ? null : { id: message_id, memberId: row.member_id, body },
  }
}

/**
 * For statements that read an event or an activity as `e`: what to select, what to join, where
 * `recipient` is who hears of it, and what a row then says.
 */
export const happenings = { columns, joins, of }
