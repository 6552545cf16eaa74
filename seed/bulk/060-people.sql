-- The deck is dealt once for every 16,384 ids.
insert into people (id, name, bio, city, state, country, joined_at, projects_count, pledges_count,
  has_backed)
overriding system value
select
  i, name,
  case when made.projects > 0 and i & 3 <> 0 then replace(bio, '{city}', city) else '' end,
  city, state, country,
  -- The first 15 % came in the two years before the first project, the rest as projects did.
  to_timestamp(now - 86400 * (2 + (i & 1023) / 2048::double precision + case
    when share < 0.15::double precision
    then seed.age_days(0) + 730 * (1 - share / 0.15::double precision)
    else seed.age_days((share - 0.15::double precision) / 0.85::double precision)
  end)),
  coalesce(made.projects, 0),
  coalesce(given.pledges, 0) - coalesce(hidden.pledges, 0),
  given.pledges is not null
from (select date_part('epoch', at) as now from seed.scale offset 0) scale
cross join (
  select i, i / @people::double precision as share, name, bio, city, state, country
  from (
    select (block << 14 | (number # (block * 10007 & 16383))) + 1 as i, name, bio, city, state, country
    from generate_series((@first::bigint - 1) >> 14, (@last::bigint - 1) >> 14) as block cross join seed.deck
    offset 0
  ) dealt
  where i between @first and @last
  offset 0
) dealt
left join (
  select creator_id, projects from seed.creators where creator_id between @first and @last
) made on made.creator_id = i
left join (
  select backer_id, count(*) as pledges from pledges where backer_id between @first and @last group by backer_id
) given on given.backer_id = i
left join (
  select backer_id, pledges from seed.hidden where backer_id between @first and @last
) hidden on hidden.backer_id = i;
