import { type SQL, sql } from 'drizzle-orm'

/** One file of a download: what it is called, and what is in it. */
export interface Kind {
  name: string
  /** The columns its rows are in the order of; together they name one. */
  key: readonly string[]
  /** Of one person. */
  rows: (personId: number) => SQL
}

const ownProjects = (id: number) => sql`(select p.id from projects p where p.creator_id = ${id})`

const account: Kind[] = [
  {
    name: 'profile',
    key: ['id'],
    rows: (id) => sql`
      select p.id, p.name, a.email, a.role, p.bio, p.city, p.state, p.country, p.image,
        p.joined_at as "joinedAt", a.totp_secret is not null as "secondStep",
        array(select m.topic from muted_topics m where m.person_id = p.id) as "noMailOf"
      from people p join accounts a on a.person_id = p.id where p.id = ${id}`,
  },
  {
    name: 'addresses',
    key: ['id'],
    rows: (id) => sql`
      select id, name, line1, line2, city, state, postcode, country, phone,
        is_default as "isDefault", created_at as "createdAt"
      from addresses where person_id = ${id}`,
  },
  {
    name: 'sessions',
    key: ['id'],
    rows: (id) => sql`
      select left(encode(token_hash, 'hex'), 16) as id, user_agent as "userAgent",
        created_at as "createdAt", seen_at as "seenAt", expires_at as "expiresAt"
      from sessions where person_id = ${id}`,
  },
  {
    name: 'tokens',
    key: ['id'],
    rows: (id) => sql`
      select id, name, scopes, created_at as "createdAt", used_at as "usedAt",
        expires_at as "expiresAt"
      from access_tokens where person_id = ${id}`,
  },
  {
    name: 'cards',
    key: ['id'],
    rows: (id) => sql`
      select id, brand, last_four as "lastFour", expiry_month as "expiryMonth",
        expiry_year as "expiryYear", created_at as "createdAt", removed_at as "removedAt"
      from cards where person_id = ${id}`,
  },
  {
    name: 'restrictions',
    key: ['kind'],
    rows: (id) => sql`
      select kind, reason, created_at as "createdAt", until
      from restrictions where person_id = ${id}`,
  },
]

const made: Kind[] = [
  {
    name: 'projects',
    key: ['id'],
    rows: (id) => sql`
      select p.id, p.status, p.title, p.description, p.category, p.subcategory, p.tags, p.city,
        p.state, p.country, p.image, p.currency, p.goal, p.all_or_nothing as "allOrNothing",
        p.pledged, p.backers_count as "backersCount", p.created_at as "createdAt",
        p.launched_at as "launchedAt", p.ends_at as "endsAt", s.story, s.risks, s.budget
      from projects p left join stories s on s.project_id = p.id where p.creator_id = ${id}`,
  },
  {
    name: 'drafts',
    key: ['projectId'],
    rows: (id) => sql`
      select project_id as "projectId", version, duration_days as "durationDays",
        planned_end as "plannedEnd", launch_at as "launchAt", approved_at as "approvedAt",
        updated_at as "updatedAt"
      from drafts where project_id in ${ownProjects(id)}`,
  },
  {
    name: 'rewards',
    key: ['projectId', 'id'],
    rows: (id) => sql`
      select r.project_id as "projectId", r.id, r.position, r.amount, r.name, r.description,
        r.delivery_month as "deliveryMonth", r.ships_to as "shipsTo", r.quantity,
        r.opens_at as "opensAt", r.closes_at as "closesAt", r.backers_count as "backersCount",
        r.is_add_on as "isAddOn", r.per_backer_max as "perBackerMax", r.image,
        r.image_alt as "imageAlt",
        (select jsonb_agg(jsonb_build_object('name', i.name, 'quantity', i.quantity)
            order by i.position)
          from reward_items i where i.project_id = r.project_id and i.reward_id = r.id) as items,
        (select jsonb_agg(jsonb_build_object('country', s.country, 'price', s.price)
            order by s.country)
          from reward_shipping s
          where s.project_id = r.project_id and s.reward_id = r.id) as shipping
      from rewards r where r.project_id in ${ownProjects(id)}`,
  },
  {
    name: 'faqs',
    key: ['projectId', 'position'],
    rows: (id) => sql`
      select project_id as "projectId", position, question, answer
      from faqs where project_id in ${ownProjects(id)}`,
  },
  {
    name: 'updates',
    key: ['projectId', 'number'],
    rows: (id) => sql`
      select project_id as "projectId", number, title, body, audience,
        published_at as "publishedAt", edited_at as "editedAt", likes_count as "likesCount",
        comments_count as "commentsCount"
      from updates
      where project_id in (select p.id from projects p where p.creator_id = ${id}
          union select c.project_id from collaborators c where c.person_id = ${id})
        and (author_id = ${id} or (author_id is null and project_id in ${ownProjects(id)}))`,
  },
  {
    name: 'update-drafts',
    key: ['projectId', 'id'],
    rows: (id) => sql`
      select project_id as "projectId", id, title, body, audience, updated_at as "updatedAt"
      from update_drafts where project_id in ${ownProjects(id)} or author_id = ${id}
        and project_id in (select c.project_id from collaborators c where c.person_id = ${id})`,
  },
  {
    name: 'history',
    key: ['projectId', 'number'],
    rows: (id) => sql`
      select project_id as "projectId", number, from_status as "from", to_status as "to",
        actor_id = ${id} as "byYou", reason, created_at as "createdAt"
      from project_transitions where project_id in ${ownProjects(id)}`,
  },
  {
    name: 'payouts',
    key: ['projectId', 'number'],
    rows: (id) => sql`
      select project_id as "projectId", number, collected, platform_fees as "platformFees",
        processing_fees as "processingFees", refunded, disputed, amount, status,
        created_at as "createdAt", paid_at as "paidAt"
      from payouts where project_id in ${ownProjects(id)}`,
  },
  {
    name: 'webhooks',
    key: ['projectId', 'id'],
    rows: (id) => sql`
      select project_id as "projectId", id, url, kinds, created_at as "createdAt",
        disabled_at as "disabledAt"
      from webhooks where project_id in ${ownProjects(id)}`,
  },
  {
    name: 'helping',
    key: ['projectId'],
    rows: (id) => sql`
      select project_id as "projectId", permissions, title, invited_at as "invitedAt",
        accepted_at as "acceptedAt"
      from collaborators where person_id = ${id}`,
  },
]

const done: Kind[] = [
  {
    name: 'pledges',
    key: ['projectId'],
    rows: (id) => sql`
      select p.project_id as "projectId", p.id, p.reward_id as "rewardId", p.amount, p.bonus,
        p.shipping, p.ship_to as "shipTo", p.card_id as "cardId", p.status, p.anonymous, p.city,
        p.country, p.created_at as "createdAt", p.changed_at as "changedAt",
        (select jsonb_agg(jsonb_build_object('rewardId', a.reward_id, 'quantity', a.quantity,
            'amount', a.amount) order by a.reward_id)
          from pledge_add_ons a
          where a.project_id = p.project_id and a.pledge_id = p.id) as "addOns"
      from pledges p where p.backer_id = ${id}`,
  },
  {
    name: 'charges',
    key: ['projectId', 'attempt'],
    rows: (id) => sql`
      select c.project_id as "projectId", c.attempt, c.amount, c.status,
        c.created_at as "createdAt", c.finished_at as "finishedAt"
      from pledges p join charges c on c.project_id = p.project_id and c.pledge_id = p.id
      where p.backer_id = ${id}`,
  },
  {
    name: 'refunds',
    key: ['projectId', 'number'],
    rows: (id) => sql`
      select r.project_id as "projectId", r.number, r.amount, r.reason, r.status,
        r.created_at as "createdAt", r.finished_at as "finishedAt"
      from pledges p join refunds r on r.project_id = p.project_id and r.pledge_id = p.id
      where p.backer_id = ${id}`,
  },
  {
    name: 'disputes',
    key: ['projectId', 'ref'],
    rows: (id) => sql`
      select d.project_id as "projectId", d.provider_ref as ref, d.amount, d.reason, d.status,
        d.created_at as "createdAt", d.closed_at as "closedAt"
      from pledges p join disputes d on d.project_id = p.project_id and d.pledge_id = p.id
      where p.backer_id = ${id}`,
  },
  {
    name: 'rewards-sent',
    key: ['projectId'],
    rows: (id) => sql`
      select f.project_id as "projectId", f.answers, f.address, f.answered_at as "answeredAt",
        f.status, f.tracking, f.changed_at as "changedAt"
      from pledges p
      join fulfilments f on f.project_id = p.project_id and f.pledge_id = p.id
      where p.backer_id = ${id}`,
  },
  {
    name: 'comments',
    key: ['projectId', 'id'],
    rows: (id) => sql`
      select project_id as "projectId", id, update_number as "updateNumber",
        parent_id as "parentId", body, created_at as "createdAt"
      from comments where author_id = ${id}`,
  },
  {
    name: 'messages',
    key: ['projectId', 'memberId', 'id'],
    rows: (id) => sql`
      select m.project_id as "projectId", m.member_id as "memberId", m.id,
        m.author_id as "authorId", m.author_id = ${id} as sent, m.body,
        m.created_at as "createdAt"
      from conversations c
      join messages m on m.project_id = c.project_id and m.member_id = c.member_id
      where c.member_id = ${id} or c.creator_id = ${id} or (m.author_id = ${id} and c.project_id
        in (select h.project_id from collaborators h where h.person_id = ${id}))`,
  },
  {
    name: 'likes',
    key: ['projectId', 'updateNumber'],
    rows: (id) => sql`
      select project_id as "projectId", update_number as "updateNumber"
      from update_likes where person_id = ${id}`,
  },
  {
    name: 'saves',
    key: ['projectId'],
    rows: (id) => sql`
      select project_id as "projectId", created_at as "createdAt", remind_at as "remindAt"
      from saves where person_id = ${id}`,
  },
  {
    name: 'follows',
    key: ['creatorId'],
    rows: (id) => sql`
      select creator_id as "creatorId", created_at as "createdAt"
      from follows where follower_id = ${id}`,
  },
  {
    name: 'followers',
    key: ['followerId'],
    rows: (id) => sql`
      select follower_id as "followerId", created_at as "createdAt"
      from follows where creator_id = ${id}`,
  },
  {
    name: 'blocks',
    key: ['blockedId'],
    rows: (id) => sql`
      select blocked_id as "blockedId", created_at as "createdAt"
      from blocks where person_id = ${id}`,
  },
  {
    name: 'activities',
    key: ['eventId'],
    rows: (id) => sql`
      select event_id as "eventId", kind, about_project as "projectId", subject,
        actor_id as "actorId", reason, created_at as "createdAt"
      from activities where person_id = ${id}`,
  },
  {
    name: 'reports',
    key: ['id'],
    rows: (id) => sql`
      select id, kind, about_project as "projectId", subject, reason, details,
        created_at as "createdAt", resolved_at as "resolvedAt", outcome
      from reports where reporter_id = ${id}`,
  },
  {
    name: 'pictures',
    key: ['hash'],
    rows: (id) => sql`
      select hash, width, height, created_at as "createdAt" from images where uploader_id = ${id}`,
  },
]

/** Everything that is kept of a person, file by file. */
export const kinds: readonly Kind[] = [...account, ...made, ...done]
