-- Counts and totals are taken from the rows, never guessed.
create unlogged table seed.totals as
select
  p.id,
  coalesce(b.pledged, 0) as pledged,
  coalesce(b.backers, 0) as backers,
  (select count(*) from updates u where u.project_id = p.id) as updates,
  (select count(*) from comments c where c.project_id = p.id and c.update_number is null) as comments,
  (select count(*) from faqs f where f.project_id = p.id) as faqs,
  (select count(*) from saves s where s.project_id = p.id) as saves
from seed.plan p
left join (
  select project_id, sum(amount) as pledged, count(*) as backers
    from pledges where status <> 'canceled' group by project_id
) b on b.project_id = p.id;

-- The goal is a round sum that makes the outcome true: reached by what succeeded, missed by what failed.
create unlogged table seed.goals as
select
  t.id,
  case
    when p.status = 'successful' then
      seed.round_goal(t.pledged / (1 + 0.9 * power(seed.chance(t.id, 91), 3)
        + 12 * power(seed.chance(t.id, 92), 14)))
    when p.status = 'live' then
      greatest(50000, seed.round_goal(1.35 * t.pledged / (0.05 + 1.75 * power(seed.chance(t.id, 93), 1.4) * sqrt(p.elapsed))))
    when t.pledged = 0 then
      100 * ('{500,1000,1500,2000,2500,4000,5000,8000,10000,15000,25000,50000}'::bigint[])[seed.pick(t.id, 94, 12)]
    else greatest(50000, seed.round_goal(t.pledged * 1.6 / (0.02 + 0.75 * power(seed.chance(t.id, 95), 2))))
  end as goal
from seed.totals t join seed.plan p using (id);

update projects p set
  goal = g.goal,
  pledged = t.pledged,
  backers_count = t.backers,
  updates_count = t.updates,
  comments_count = t.comments,
  faqs_count = t.faqs,
  saves_count = t.saves
from seed.totals t join seed.goals g using (id)
where t.id = p.id;

update stories s set budget = (
  select jsonb_agg(jsonb_build_object(
      'label', line.label,
      'amount', case when line.n = 1 then p.goal - rest.total else rest_share.amount end) order by line.n)
    -- A small goal has nothing left for the last of them.
    filter (where line.n = 1 or rest_share.amount > 0)
  from unnest(words.budget) with ordinality as line (label, n)
  cross join lateral (select (p.goal * 0.62 / power(2, line.n - 1))::bigint / 100 * 100 as amount) rest_share
  cross join lateral (
    select sum((p.goal * 0.62 / power(2, m - 1))::bigint / 100 * 100) as total
      from generate_series(2, cardinality(words.budget)) as m
  ) rest
)
from projects p join seed.words words on words.category = p.category
where p.id = s.project_id;

update rewards r set
  backers_count = coalesce(b.backers, 0),
  quantity = case
    when plan.chance >= 0.45 then null
    -- Some are gone, some nearly so, most have room.
    when coalesce(b.backers, 0) >= 3 and plan.chance < 0.08 then b.backers
    when coalesce(b.backers, 0) >= 8 and plan.chance < 0.16 then b.backers + 1 + seed.pick(r.id, 96, 4)
    else (select min(n) from unnest('{10,20,25,40,50,75,100,150,200,250,300,400,500,750,1000,2000,5000,10000,100000,1000000}'::int[]) n
      where n > 1.15 * coalesce(b.backers, 0))
  end
from seed.reward_plan plan
left join (
  select project_id, reward_id, count(*) as backers
    from pledges where status <> 'canceled' and reward_id is not null group by project_id, reward_id
) b on b.project_id = plan.project_id and b.reward_id = plan.id
where r.project_id = plan.project_id and r.id = plan.id;

update updates u set
  likes_count = (select count(*) from update_likes l
    where l.project_id = u.project_id and l.update_number = u.number),
  comments_count = (select count(*) from comments c
    where c.project_id = u.project_id and c.update_number = u.number);

update comments c set replies_count = r.replies
from (
  select project_id, parent_id, count(*) as replies from comments
    where parent_id is not null group by project_id, parent_id
) r
where c.project_id = r.project_id and c.id = r.parent_id;

update people p set projects_count = c.projects
from (
  select creator_id, count(*) as projects from projects
    where is_listed(status) group by creator_id
) c where c.creator_id = p.id;

update people p set pledges_count = c.pledges
from (
  select b.backer_id, count(*) as pledges
    from pledges b join projects p on p.id = b.project_id
    where b.status <> 'canceled' and not b.anonymous and is_listed(p.status) group by b.backer_id
) c where c.backer_id = p.id;

update people p set has_backed = true
where exists (select from pledges b where b.backer_id = p.id);

-- The next row comes after the last one made here.
select setval(pg_get_serial_sequence('people', 'id'), (select max(id) from people)),
  setval(pg_get_serial_sequence('projects', 'id'), (select max(id) from projects)),
  setval(pg_get_serial_sequence('rewards', 'id'), greatest(1, (select max(id) from rewards))),
  setval(pg_get_serial_sequence('comments', 'id'), greatest(1, (select max(id) from comments)));
