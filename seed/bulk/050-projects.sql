-- A project, its story and its rewards, with the totals of the pledges that are there.
with totals as materialized (
  select
    project_id,
    sum(amount) as pledged,
    count(*)::integer as backers,
    (count(*) filter (where reward_id = project_id * 2 - 1))::integer as cheap_backers,
    (count(*) filter (where reward_id = project_id * 2))::integer as dear_backers,
    least(5, count(*) filter (where not anonymous))::integer as comments
  from pledges
  where project_id between @first and @last and status <> 'canceled'
  group by project_id
), facts as materialized (
  select
    p.id, p.status, p.creator_id, p.launched_at, p.ends_at, p.elapsed, p.h,
    concept.category, concept.subcategory, concept.category_number, concept.subcategory_number, concept.tags,
    cheap_amount, cheap_name, cheap_description, dear_amount, dear_name, dear_description,
    card.name as creator, card.city, card.state, card.country, card.place,
    format(concept.title, word, card.city, card.name, card.first) as title,
    format(concept.blurb, word, card.city, card.name, card.first) as blurb,
    format(concept.story, word, card.city, card.name, card.first) as story,
    format(concept.risks, word, card.city, card.name, card.first) as risks,
    case when concept.has_word then concept.search || card.search || name.search
      else concept.search || card.search end as search,
    coalesce(totals.pledged, 0)::bigint as pledged,
    coalesce(totals.backers, 0) as backers,
    coalesce(totals.cheap_backers, 0) as cheap_backers,
    coalesce(totals.dear_backers, 0) as dear_backers,
    case when @community and is_listed(p.status) then 5 else 0 end as posts,
    case when @community and is_listed(p.status) then coalesce(totals.comments, 0) else 0 end as comments
  from (
    select *, hashint8extended(id, 18) as h from seed.plan where id between @first and @last offset 0
  ) p
  left join totals on totals.project_id = p.id
  join seed.concepts concept on concept.number = p.concept
  join seed.deck card on card.number = seed.card(p.creator_id)
  join seed.names name on name.number = seed.drawn(p.h, concept.names)
), aims as (
  -- The goal is a round sum that makes the outcome true: reached by what succeeded, missed by what failed.
  select *, power(10, floor(log(aim))) as digits from (
    select facts.*, case
        when status = 'successful' then greatest(1,
          pledged / (1 + 0.9 * power(seed.chance(id, 91), 3) + 12 * power(seed.chance(id, 92), 14)))
        when pledged = 0 then 50000 + 4950000 * power(seed.chance(id, 94), 4)
        when status = 'live' then greatest(50000,
          1.35 * pledged / (0.05 + 1.75 * power(seed.chance(id, 93), 1.4) * sqrt(elapsed)))
        else greatest(50000, 1.6 * pledged / (0.02 + 0.75 * power(seed.chance(id, 95), 2)))
      end as aim
    from facts
    offset 0
  ) aimed
  offset 0
), projects_made as (
  insert into projects (
    id, creator_id, creator_name, status, title, description, category, subcategory, city, state, country,
    tags, goal, all_or_nothing, pledged, backers_count, updates_count, faqs_count, comments_count,
    created_at, launched_at, ends_at,
    featured_at, shelf, category_shelf, subcategory_shelf, place_shelf, search
  )
  overriding system value
  select
    id, creator_id, creator, status, title, blurb, category, subcategory, city, state, country,
    tags,
    (digits * ('{1,1.5,2,2.5,3,4,5,6,8}'::double precision[])[
      width_bucket(aim / digits, '{1,1.5,2,2.5,3,4,5,6,8}'::double precision[])])::bigint,
    -- A flexible project fails only without a single pledge.
    status = 'failed' or h >> 48 & 255 < 230,
    pledged, backers, posts, posts, comments,
    launched_at - interval '1 day' * (5 + (h >> 56 & 63)),
    case when status not in ('draft', 'submitted', 'rejected') then launched_at end,
    case when status not in ('draft', 'submitted', 'rejected') then ends_at end,
    case when (status = 'successful' or status = 'live' and elapsed > 0.4) and seed.chance(id, 24) < 0.0006
      then launched_at + interval '1 hour' end,
    status_shelf(status), shelf_of(category_number, status), shelf_of(subcategory_number, status),
    shelf_of(place, status), search
  from aims
), stories_made as (
  insert into stories (project_id, story, risks, budget)
  select id, story, risks, '[]' from facts
)
insert into rewards (
  project_id, id, position, amount, name, description, delivery_month, ships_to, quantity, backers_count
)
overriding system value
select
  id, id * 2 - 2 + position, position, amount, name, description,
  date_trunc('month', ends_at + interval '1 month' * (2 + (h >> 8 & 7)))::date,
  'nobody',
  case
    when h >> 12 & 15 > 6 then null
    when h >> 12 & 15 = 0 and taken >= 3 then taken
    else ceil((taken * 1.15 + 9) / 10.0) * 10
  end,
  taken
from facts
cross join lateral (values
  (1, cheap_amount, cheap_name, cheap_description, cheap_backers),
  (2, dear_amount, dear_name, dear_description, dear_backers)
) as offer (position, amount, name, description, taken);
