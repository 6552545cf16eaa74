-- How many backers a weight brings, and the number of the first pledge of each range of projects. What
-- succeeded has two at least, so the weights are scaled twice; one project takes what rounding leaves.
create function seed.backers(id bigint, status text, weight double precision, per_weight double precision)
returns bigint language sql immutable parallel safe
return least(@people / 10, greatest(
  floor(weight * per_weight + seed.chance(id, 20)), case when status = 'successful' then 2 else 0 end))::bigint;

create unlogged table seed.crowd as
select per_weight * 0.99 * @pledges / greatest(1, sum(seed.backers(id, status, weight, per_weight))) as per_weight
from seed.plan, (select 0.99 * @pledges / sum(weight) as per_weight from seed.plan where id <> @viral) first
where id <> @viral
group by per_weight;
-- The only project there is.
insert into seed.crowd select 1 where not exists (select from seed.crowd);

create unlogged table seed.slots as
with counted as (
  select (id - 1) / @range as range,
    coalesce(sum(seed.backers(id, status, weight, per_weight)) filter (where id <> @viral), 0) as backers
  from seed.plan cross join seed.crowd
  group by 1
), viral as (
  select greatest(5, least(@people / 10, @pledges - sum(backers))) as backers from counted
)
select
  range, viral.backers::bigint as viral_backers,
  (sum(counted.backers + case when range = (@viral - 1) / @range then viral.backers else 0 end)
    over (order by range rows between unbounded preceding and 1 preceding))::bigint as before
from counted cross join viral;
update seed.slots set before = 0 where before is null;
