insert into seed.plan (id, concept, status, launched_at, ends_at, creator_id, elapsed, weight)
select
  id, concept, status, launched_at, ends_at, creator_id, elapsed,
  -- A Pareto tail: a few hits, many that only friends backed.
  (power(1 - seed.chance(id, 16) * 0.9995, -0.75) - 0.85) * case status
    when 'successful' then 2.4
    when 'live' then 0.2 + 1.9 * sqrt(elapsed)
    when 'failed' then 0.3
    when 'canceled' then 0.35
    when 'suspended' then 0.5
    else 0
  end
from (
  select
    dated.*,
    case
      when id = @viral then 'successful'
      when chance < 0.010 then 'draft'
      when chance < 0.014 then 'submitted'
      when chance < 0.018 then 'rejected'
      when chance < 0.024 then 'suspended'
      when chance < 0.055 then 'canceled'
      when ends_at > now.at then 'live'
      when seed.chance(id, 15) < 0.40 then 'successful'
      else 'failed'
    end as status,
    greatest(0.002, least(1, date_part('epoch', now.at - launched_at) / date_part('epoch', ends_at - launched_at)))::real
      as elapsed
  from (
    select
      id, concept, creator_id, chance, launched_at,
      launched_at + interval '1 day' * ('{15,20,25,30,30,30,30,30,30,35,40,45,45,60,60}'::int[])[seed.pick(id, 12, 15)]
        as ends_at
    from (
      select
        id,
        (hashint8extended(id, 11) & 16383)::integer as concept,
        seed.chance(id, 14) as chance,
        -- A few creators come back again and again.
        1 + floor(power(seed.chance(id, 13), 1.6) * @people * (0.15::double precision + 0.85::double precision * (id - 0.5::double precision) / @projects))::bigint
          as creator_id,
        to_timestamp(date_part('epoch', scale.at) - 86400 * seed.age_days((id - 0.5::double precision) / @projects)) as launched_at
      from seed.scale scale cross join generate_series(@first, @last) as id
      offset 0
    ) drawn
    offset 0
  ) dated
  cross join seed.scale now
  offset 0
) decided;
