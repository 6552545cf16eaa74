-- Backers of a project are distinct without being looked up: every other one comes from the tenth of
-- people who back often, the rest from everyone else there was at the time, each by a walk whose step
-- shares no factor with the size of the ring.
create unlogged table seed.pledge_plan as
with walked as (
  select
    p.id as project_id, p.status as project_status, p.launched_at, p.ends_at, p.backers, p.elapsed, k,
    case when k % 2 = 0
      then 1 + (p.id * 7919 + (k / 2) * 7) % p.often
      else p.often + 1 + (p.id * 104729 + (k / 2) * 11) % p.rest
    end as backer_id,
    p.creator_id,
    p.id * 1048576 + k as key
  from seed.plan p
  cross join lateral generate_series(1, p.backers) as k
), timed as (
  select
    walked.*,
    -- Busy first and last days: the inverse of that crowd is smoothstep. A running project has had
    -- only its first days.
    launched_at + (least(ends_at, scale.at) - launched_at) * case
      when project_status = 'live' and elapsed < 0.9 then power(v, 1.5)
      else v * v * (3 - 2 * v)
    end as created_at
  from (select walked.*, (k - 0.5) / backers::double precision as v from walked) walked
  cross join seed.scale scale
  where backer_id <> creator_id
), chosen as (
  select
    timed.*,
    case
      when seed.chance(key, 41) < 0.1 then null
      -- Most take a middle tier: the mean of three throws.
      else 1 + floor((seed.chance(key, 42) + seed.chance(key, 43) + seed.chance(key, 44)) / 3.0001
        * offers.count)::int
    end as reward_position
  from timed
  join (select project_id, count(*) from seed.reward_plan group by project_id) offers using (project_id)
)
select
  c.project_id, c.backer_id, reward.id as reward_id,
  case when reward.id is null
    then 100 * ('{1,5,5,10,10,10,15,20,20,25,30,50,100}'::int[])[seed.pick(c.key, 45, 13)]
    else reward.amount + coalesce(shipping.price, 0)
      + case when seed.chance(c.key, 46) < 0.15 then 100 * ('{1,2,5,5,10,20}'::int[])[seed.pick(c.key, 47, 6)] else 0 end
  end as amount,
  case
    when seed.chance(c.key, 48) < 0.02 then 'canceled'
    when c.project_status <> 'successful' then 'pledged'
    when seed.chance(c.key, 49) < 0.975 then 'collected'
    when c.ends_at < scale.at - interval '8 days' then 'dropped'
    else 'errored'
  end as status,
  seed.chance(c.key, 50) < 0.05 as anonymous,
  backer.city, backer.country,
  c.created_at
from chosen c
cross join seed.scale scale
join people backer on backer.id = c.backer_id
left join seed.reward_plan reward
  on reward.project_id = c.project_id and reward.position = c.reward_position
  and (reward.chance <= 0.93 or c.created_at < c.launched_at + interval '7 days')
left join lateral (
  select price from reward_shipping s
    where s.project_id = c.project_id and s.reward_id = reward.id
      and s.country in (backer.country, 'Rest of the world')
    order by (s.country = backer.country) desc limit 1
) shipping on true
-- What ships nowhere near them they do not take.
where reward.kind is distinct from 'physical' or shipping.price is not null;

insert into pledges (
  project_id, backer_id, reward_id, amount, status, anonymous, backed_before, city, country, created_at
)
select
  project_id, backer_id, reward_id, amount, status, anonymous,
  row_number() over (partition by backer_id order by created_at, project_id) > 1,
  city, country, created_at
from seed.pledge_plan
order by created_at, project_id, backer_id;

analyze pledges;
