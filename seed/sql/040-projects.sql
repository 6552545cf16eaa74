-- The goal is a placeholder here: it is chosen when it is known what was pledged.
insert into projects (
  id, creator_id, creator_name, status, title, description, category, subcategory,
  city, state, country, tags, goal, all_or_nothing, created_at, launched_at, ends_at, featured_at
)
overriding system value
select
  p.id, p.creator_id, p.creator_name, p.status,
  left(seed.fill(words.titles[1 + (p.turn * 5 + p.id) % cardinality(words.titles)],
    p.word, p.thing, p.about, p.city, p.creator_name), 60),
  left(seed.fill(words.blurbs[1 + (p.turn * 7 + p.id) % cardinality(words.blurbs)],
    p.word, p.thing, p.about, p.city, p.creator_name), 135),
  p.category, p.subcategory, p.city, p.state, p.country,
  (select array_agg(distinct tag) from (
    select words.tags[1 + (p.id + n * 5) % cardinality(words.tags)] as tag
      from generate_series(1, seed.pick(p.id, 21, 4)) as n) tags),
  100000,
  -- A flexible project fails only without a single pledge.
  p.status = 'failed' or seed.chance(p.id, 22) < 0.9,
  coalesce(p.launched_at, p.ends_at) - make_interval(days => 5 + seed.pick(p.id, 23, 60)),
  case when p.status not in ('draft', 'submitted', 'rejected') then p.launched_at end,
  case when p.status not in ('draft', 'submitted', 'rejected') then p.ends_at end,
  case when p.status in ('live', 'successful') and seed.chance(p.id, 24) < 0.06
    then p.launched_at + interval '1 day' * seed.chance(p.id, 25) end
from seed.plan p
join seed.words words on words.category = p.category
order by p.id;

insert into stories (project_id, story, risks, budget)
select
  p.id,
  (select string_agg(seed.fill(
      part.variants[1 + (p.turn * 3 + part.number * (p.id % 7)) % cardinality(part.variants)],
      p.word, p.thing, p.about, p.city, p.creator_name), E'\n\n' order by part.number)
    from seed.story_parts part where part.category = p.category),
  seed.fill(seed.any_of(p.id, 26, words.risks), p.word, p.thing, p.about, p.city, p.creator_name),
  '[]'
from seed.plan p
join seed.words words on words.category = p.category;
