-- How many backers a weight brings, and the number of the first pledge of each range of projects. One
-- project takes what rounding leaves, so that the sum is right.
create unlogged table seed.crowd as
select 0.99 * @pledges / sum(weight) filter (where id <> @viral) as per_weight from seed.plan;

create function seed.backers(id bigint, status text, weight double precision, per_weight double precision)
returns bigint
language sql immutable parallel safe
return least(@people / 5, greatest(
  floor(weight * per_weight + seed.chance(id, 20)), case when status = 'successful' then 2 else 0 end))::bigint;

create unlogged table seed.slots as
with counted as (
  select (id - 1) / @range as range, sum(seed.backers(id, status, weight, per_weight)) as backers
  from seed.plan cross join seed.crowd
  where id <> @viral
  group by 1
), complete as (
  select
    range,
    backers + case when range = (@viral - 1) / @range
      then greatest(5, least(@people / 5, @pledges - sum(backers) over ())) else 0 end as backers,
    greatest(5, least(@people / 5, @pledges - sum(backers) over ())) as viral_backers
  from counted
)
select range, (sum(backers) over (order by range) - backers)::bigint as first, viral_backers::bigint from complete;
