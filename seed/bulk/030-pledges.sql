-- Pledges are numbered through in the order of their projects. Every other one goes to the tenth of
-- people who back often, in rounds over all of them; the rest to somebody new each time. So nobody
-- backs a project twice, and who has backed before is known without looking.
insert into pledges (
  project_id, id, backer_id, reward_id, amount, status, anonymous, backed_before, city, country, created_at
)
overriding system value
select
  project_id, slot + 1, backer_id,
  case when choice >= 26 then project_id * 2 - (choice < 166)::integer end,
  case
    when choice < 26 then 100 * ('{5,10,10,15,20,25,30,50}'::integer[])[1 + (h >> 24 & 7)]
    when choice < 166 then first_amount
    else second_amount
  end + case when choice >= 26 and h >> 32 & 255 < 38
    then 100 * ('{1,2,5,5,10,10,20,50}'::integer[])[1 + (h >> 24 & 7)] else 0 end,
  case
    -- Never the first two, so that what succeeded has something to show for it.
    when h & 65535 < 1311 and k > 1 then 'canceled'
    when project_status <> 'successful' then 'pledged'
    when h >> 40 & 255 >= 6 then 'collected'
    when settled then 'dropped'
    else 'errored'
  end,
  h >> 48 & 255 < 13,
  slot / 2 >= case slot & 1 when 0 then @often else @newcomers end,
  card.city, card.country,
  to_timestamp(launched + span * case when early then v * sqrt(v) else v * v * (3 - 2 * v) end)
from (
  select
    p.id as project_id, p.status as project_status, p.creator_id, p.launched, p.first_amount, p.second_amount,
    p.span, p.early, p.settled, k, p.slot + k as slot,
    (k + 0.5::double precision) / p.backers as v,
    hashint8extended(p.slot + k, 41) as h,
    (hashint8extended(p.slot + k, 41) >> 16 & 255)::integer as choice,
    case when (p.slot + k) & 1 = 0
      then 1 + ((p.slot + k) / 2 * 7919) % @often
      else @often + 1 + (p.slot + k) / 2 * @stride
    end as backer_id
  from (
    select
      counted.*,
      counted.before + (sum(backers) over (order by id))::bigint - backers as slot,
      date_part('epoch', launched_at) as launched,
      date_part('epoch', least(ends_at, at) - launched_at) as span,
      status = 'live' and elapsed < 0.9 as early,
      ends_at < at - interval '8 days' as settled,
      concept.cheap_amount as first_amount, concept.dear_amount as second_amount
    from (
      select
        p.*, slots.before, scale.at,
        case when p.id = @viral then slots.viral_backers else seed.backers(p.id, p.status, p.weight, per_weight) end as backers
      from seed.plan p
      cross join seed.crowd
      cross join seed.scale scale
      join seed.slots slots on slots.range = (p.id - 1) / @range
      where p.id between @first and @last
      offset 0
    ) counted
    join seed.concepts concept on concept.number = counted.concept
    offset 0
  ) p
  cross join lateral generate_series(0, p.backers - 1) as k
  offset 0
) made
join seed.deck card on card.number = seed.card(backer_id)
where backer_id <> creator_id;
