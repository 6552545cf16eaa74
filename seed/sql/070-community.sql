-- A project posts as time goes by: four updates while it runs, the rest after success.
insert into updates (project_id, number, title, body, published_at)
select
  p.id, row_number() over (partition by p.id order by words.number),
  left(seed.fill(words.title, p.word, p.thing, p.about, p.city, p.creator_name), 60),
  seed.fill(words.body, p.word, p.thing, p.about, p.city, p.creator_name),
  published.at
from seed.plan p
cross join seed.scale scale
join seed.update_words words on words.category = p.category
cross join lateral (
  select case when words.number <= 4
    then p.launched_at + (p.ends_at - p.launched_at) * ((words.number - 0.9 + 0.5 * seed.chance(p.id, 50 + words.number)) / 4)
    else p.ends_at + make_interval(days => 12 + (words.number - 5) * 35 + seed.pick(p.id, 60 + words.number, 20))
  end as at
) published
where p.status in ('live', 'successful', 'failed', 'canceled')
  and p.backers > 2
  and published.at < scale.at
  and (words.number <= 4 or p.status = 'successful')
  and seed.chance(p.id * 16 + words.number, 51) < case p.status when 'successful' then 0.85 when 'live' then 0.7 else 0.35 end;

-- Backers of the time like what they read, fewer with each update.
insert into update_likes (project_id, update_number, person_id)
select u.project_id, u.number, b.backer_id
from updates u
join pledges b on b.project_id = u.project_id and b.created_at < u.published_at
where b.status <> 'canceled'
  and seed.chance(b.id * 32 + u.number, 71) < 0.22 / sqrt(u.number);

-- About one backer in twelve writes something; no sentence twice in one thread list before all were used.
create unlogged table seed.comment_plan as
with writers as (
  select b.project_id, b.backer_id, b.created_at, p.category, p.word, p.creator_id, p.ends_at,
    b.id as pledge_id,
    row_number() over (partition by b.project_id order by seed.chance(b.id, 72)) as turn
  from pledges b
  join seed.plan p on p.id = b.project_id
  cross join seed.scale scale
  where b.status <> 'canceled' and not b.anonymous and seed.chance(b.id, 73) < 0.085
    -- Who pledged or read a moment ago is still typing.
    and b.created_at < scale.at - interval '5 minutes'
)
select
  writers.*,
  replace(words.comments[1 + ((project_id * 13 + turn * 7) % cardinality(words.comments))], '{word}', word) as body,
  seed.later(created_at, 12, least(ends_at + interval '2 days', scale.at),
    seed.chance(pledge_id, 74), seed.chance(pledge_id, 75)) as commented_at,
  u.number as update_number
from writers
cross join seed.scale scale
join seed.words words on words.category = writers.category
left join lateral (
  select number, published_at from updates u
    where u.project_id = writers.project_id and u.published_at > writers.created_at
      and u.published_at < scale.at - interval '5 minutes'
      and seed.chance(pledge_id, 76) < 0.3
    order by number limit 1
) u on true;

update seed.comment_plan c set commented_at = seed.later(
    u.published_at, 4, scale.at, seed.chance(c.pledge_id, 77), seed.chance(c.pledge_id, 75))
from updates u, seed.scale scale
where c.update_number is not null and u.project_id = c.project_id and u.number = c.update_number;

alter table seed.comment_plan add column id bigint;
update seed.comment_plan c set id = o.n * 2 from (
  select ctid, row_number() over (order by commented_at, pledge_id) as n from seed.comment_plan
) o where o.ctid = c.ctid;

insert into comments (project_id, id, update_number, author_id, body, created_at)
overriding system value
select project_id, id, update_number, backer_id, body, commented_at from seed.comment_plan order by id;

insert into comments (project_id, id, update_number, parent_id, author_id, body, created_at)
overriding system value
select
  c.project_id, c.id + 1, c.update_number, c.id, c.creator_id,
  replace(words.replies[1 + (c.turn * 5 + c.project_id) % cardinality(words.replies)], '{word}', c.word),
  seed.later(c.commented_at, 2, scale.at, seed.chance(c.pledge_id, 79), seed.chance(c.pledge_id, 83))
from seed.comment_plan c
cross join seed.scale scale
join seed.words words on words.category = c.category
where seed.chance(c.pledge_id, 78) < 0.45
order by c.id;

insert into faqs (project_id, position, question, answer)
select
  p.id, n, words.question, seed.fill(words.answer, p.word, p.thing, p.about, p.city, p.creator_name)
from seed.plan p
cross join lateral generate_series(1, least(6, floor(seed.chance(p.id, 80) * (1 + ln(1 + p.backers)) * 1.6)::int)) as n
join seed.faq_words words on words.category = p.category
  and words.number = 1 + (p.turn * 3 + n) % (select count(*) from seed.faq_words f where f.category = p.category);

-- Savers come by a walk of their own.
insert into saves (project_id, person_id, created_at)
select
  p.id, 1 + (p.id * 15485863 + k * 13) % ring.size,
  p.launched_at + (least(p.ends_at, scale.at) - p.launched_at) * seed.chance(p.id * 65536 + k, 81)
from seed.plan p
cross join seed.scale scale
cross join lateral (
  select greatest(1, floor(scale.people * (0.15 + 0.85 * p.fraction) / 13)::bigint * 13 - 1) as size
) ring
cross join lateral generate_series(1, least(ring.size, floor(p.backers * (0.2 + 0.8 * seed.chance(p.id, 82)))::bigint)) as k
where p.status in ('live', 'successful', 'failed', 'canceled');
