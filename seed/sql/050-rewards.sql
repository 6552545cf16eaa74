-- Each project offers some of its category's rewards, cheapest first: the second always, so that none
-- stands without.
create unlogged table seed.reward_plan as
select
  p.id as project_id,
  row_number() over (partition by p.id order by words.price, words.number) as position,
  words.number as words_number,
  words.price * 100 as amount,
  words.name, words.description, words.items, words.kind,
  p.country,
  p.category,
  seed.chance(p.id * 64 + words.number, 31) as chance,
  p.launched_at, p.ends_at
from seed.plan p
join seed.reward_words words on words.category = p.category
where words.number = 2 or seed.chance(p.id * 64 + words.number, 32) < 0.6;

alter table seed.reward_plan add column id bigint generated always as identity;
alter table seed.reward_plan add primary key (project_id, position);
analyze seed.reward_plan;

insert into rewards (
  project_id, id, position, amount, name, description, delivery_month, ships_to, opens_at, closes_at
)
overriding system value
select
  r.project_id, r.id, r.position, r.amount, r.name, r.description,
  date_trunc('month', r.ends_at + make_interval(
    months => case r.kind when 'digital' then 2 else 3 end + seed.pick(r.project_id, 33, 8)))::date,
  case r.kind when 'physical' then case when r.chance < 0.75 then 'anywhere' else 'some' end else 'nobody' end,
  null,
  case when r.chance > 0.93 then r.launched_at + interval '7 days' end
from seed.reward_plan r;

-- What a running project does not offer alone it may offer on top: something small, in the same parcel.
insert into rewards (
  project_id, id, position, amount, name, description, delivery_month, ships_to, is_add_on
)
overriding system value
select
  chosen.project_id, last.id + row_number() over (order by chosen.project_id), offered.count + 1,
  chosen.price * 100, chosen.name, chosen.description, offered.delivery_month,
  'anywhere', true
from (
  select distinct on (p.id) p.id as project_id, words.*
  from seed.plan p
  join seed.reward_words words
    on words.category = p.category and words.kind = 'physical' and words.price <= 60
  where p.status = 'live' and not exists (
    select from seed.reward_plan r where r.project_id = p.id and r.words_number = words.number)
  order by p.id, words.price, words.number
) chosen
join (
  select project_id, count(*), max(delivery_month) as delivery_month from rewards group by project_id
) offered using (project_id)
cross join (select max(id) as id from seed.reward_plan) last;

insert into reward_items (project_id, reward_id, position, name, quantity)
select r.project_id, r.id, item.position, item.name, 1
from seed.reward_plan r
cross join unnest(r.items) with ordinality as item (name, position);

-- At home it is cheap, abroad it costs more the heavier the parcel.
insert into reward_shipping (project_id, reward_id, country, price)
select
  r.project_id, r.id, rule.country,
  100 * round((3 + least(r.amount, 30000) / 2500.0) * rule.factor)
from seed.reward_plan r
cross join lateral (
  select r.country as country, 1.0 as factor
  union all
  select 'Rest of the world', 2.5 where r.chance < 0.75
  union all
  select neighbour, 1.6
    from unnest(array['Canada', 'United States', 'United Kingdom', 'Germany']) as neighbour
    where r.chance >= 0.75 and neighbour <> r.country
) rule
where r.kind = 'physical';
