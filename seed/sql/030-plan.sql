-- Everything that is decided about a project before any row of it is written.
create unlogged table seed.plan as
with numbered as (
  select
    i as id,
    (i - 0.5) / scale.projects as fraction,
    draw.category
  from seed.scale scale
  cross join generate_series(1, scale.projects) as i
  join seed.category_draws draw on draw.number = seed.pick(i, 11, scale.category_draws)
), placed as (
  -- Counting within the category spreads its words evenly: none comes twice before all came once.
  select *, row_number() over (partition by category order by id) as turn from numbered
), dated as (
  select
    placed.*,
    scale.at - make_interval(secs => 86400 * seed.age_days(fraction)) as launched_at,
    ('{15,20,25,30,30,30,30,30,30,35,40,45,45,60,60}'::int[])[seed.pick(id, 12, 15)] as days,
    -- A few creators come back again and again.
    1 + floor(power(seed.chance(id, 13), 1.6) * scale.people * (0.15 + 0.85 * fraction))::bigint
      as creator_id
  from placed cross join seed.scale scale
), decided as (
  select
    dated.*,
    launched_at + make_interval(days => days) as ends_at,
    case
      when chance < 0.010 then 'draft'
      when chance < 0.014 then 'submitted'
      when chance < 0.018 then 'rejected'
      when chance < 0.024 then 'suspended'
      when chance < 0.055 then 'canceled'
      when launched_at + make_interval(days => days) > scale.at then 'live'
      when seed.chance(id, 15) < 0.40 then 'successful'
      else 'failed'
    end as status,
    greatest(0.002, least(1, extract(epoch from scale.at - launched_at) / (86400 * days))) as elapsed
  from (select dated.*, seed.chance(id, 14) as chance from dated) dated
  cross join seed.scale scale
), weighed as (
  select
    decided.*,
    -- A Pareto tail: a few hits, many that only friends backed.
    (power(1 - seed.chance(id, 16) * 0.9995, -0.75) - 0.85) * case status
      when 'successful' then 2.4
      when 'live' then 0.2 + 1.9 * sqrt(elapsed)
      when 'failed' then 0.3
      when 'canceled' then 0.35
      when 'suspended' then 0.5
      else 0
    end as weight
  from decided
)
select
  w.id, w.fraction, w.turn, w.status, w.launched_at, w.ends_at, w.elapsed, w.category,
  sub.slug as subcategory,
  words.words[1 + (w.turn * 17 + 5) % cardinality(words.words)] as word,
  seed.any_of(w.id, 18, sub.things) as thing,
  sub.abouts[1 + (w.turn + seed.pick(w.id, 19, 3)) % cardinality(sub.abouts)] as about,
  w.creator_id,
  creator.name as creator_name,
  creator.city, creator.state, creator.country,
  ring.often, ring.rest,
  -- Nobody can be backed by more people than the two rings of the pledges hold.
  least(
    greatest(round(scale.pledges * w.weight / sum(w.weight) over ()), case when w.status = 'successful' then 5 else 0 end),
    2 * least(ring.often, ring.rest)
  )::bigint as backers
from weighed w
cross join seed.scale scale
cross join lateral (
  -- Who back often, and everyone else there was by then. One less than a multiple of the walk's step
  -- has no factor in common with it.
  select
    greatest(1, floor(scale.people * 0.1 / 7)::bigint * 7 - 1) as often,
    greatest(1, floor(scale.people * (0.05 + 0.85 * w.fraction) / 11)::bigint * 11 - 1) as rest
) ring
join seed.words words on words.category = w.category
join seed.subcategory_words sub on sub.category = w.category
  and sub.position = seed.pick(w.id, 17, words.subcategories)
join people creator on creator.id = w.creator_id;

alter table seed.plan add primary key (id);
analyze seed.plan;
