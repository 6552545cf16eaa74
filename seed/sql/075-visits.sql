-- Visits follow the crowd: many on the first days, few in the middle, many again before the end, and
-- some who look at what has ended. Small sources are below one visit on most days, and then are none.
-- They have been counted for sixty days: before that nobody knows.
insert into project_visits (project_id, day, source, visits)
select project_id, day, source, visits
from (
  select
    crowd.project_id, crowd.day, s.source,
    floor(
      -- Each project has sources of its own that matter.
      crowd.visits * s.share * (0.3 + 1.4 * seed.chance(project_id * 16 + s.number, 102))
      * (0.6 + 0.8 * seed.chance((project_id * 16 + s.number) * 128 + crowd.number, 103))
    )::int as visits
  from (
    select p.id as project_id, p.launched_at::date + d.number as day, d.number,
      p.backers * (25 + 60 * seed.chance(p.id, 101)) / p.days
      * (0.45 + 2.6 * exp(-d.number / 2.0) + 1.5 * exp(-abs(p.days - 1 - d.number) / 1.5))
      * case when d.number < p.days then 1 else 0.3 end as visits
    from (
      select plan.*, scale.at, greatest(1, ends_at::date - launched_at::date) as days
      from seed.plan plan cross join seed.scale scale
      where status in ('live', 'successful', 'failed', 'canceled')
        and launched_at > scale.at - interval '60 days'
    ) p
    cross join lateral generate_series(0, least(p.days + 5, p.at::date - p.launched_at::date)) as d (number)
    offset 0
  ) crowd
  join (values
    (1, '', 0.27), (2, 'here', 0.33), (3, 'google.com', 0.12), (4, 'facebook.com', 0.08),
    (5, 'instagram.com', 0.06), (6, 'reddit.com', 0.05), (7, 'mail.google.com', 0.04),
    (8, 'youtube.com', 0.03), (9, 'duckduckgo.com', 0.02)
  ) as s (number, source, share) on crowd.visits * s.share * 2.4 > 1
  offset 0
) counted
where visits > 0
order by project_id, day, source;

-- A creator is followed by some of those who came across a project of theirs.
insert into follows (creator_id, follower_id, created_at)
select creator_id, follower_id, since + (at - since) * power(seed.chance(creator_id * 4096 + k, 105), 1.5)
from (
  select creator_id, follower_id, k, scale.at, greatest(first, follower.joined_at) as since
  from seed.scale scale
  cross join lateral (
    select creator_id, min(launched_at) as first,
      least(scale.people / 2, floor(sqrt(sum(backers)) * (0.5 + 2.5 * seed.chance(creator_id, 104))))::bigint
        as followers
    from seed.plan
    where status in ('live', 'successful', 'failed', 'canceled')
    group by creator_id
  ) creators
  cross join lateral generate_series(1, followers) as k
  -- A walk whose step has no factor in common with the ring, which is a multiple of 17 less one.
  cross join lateral (
    select 1 + (creator_id * 32452843 + k * 17) % greatest(1, scale.people / 17 * 17 - 1) as follower_id
  ) walk
  join people follower on follower.id = follower_id
  where follower_id <> creator_id
) met;
