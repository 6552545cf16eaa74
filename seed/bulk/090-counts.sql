-- The counters of categories and places, from the projects that are there, and the next ids.
create unlogged table seed.filed as
select category, subcategory, state, city,
  count(*) filter (where is_listed(status)) as listed, count(*) filter (where status = 'live') as live
from projects group by category, subcategory, state, city;

update categories c set projects_count = f.listed, live_count = f.live
from (
  select slug, sum(listed) as listed, sum(live) as live
  from seed.filed cross join lateral (values (category), (subcategory)) as k (slug) group by slug
) f where f.slug = c.slug;

update places p set projects_count = f.listed, live_count = f.live
from (select state, city, sum(listed) as listed, sum(live) as live from seed.filed group by state, city) f
where f.state = p.state and f.city = p.city;

select setval(pg_get_serial_sequence('people', 'id'), greatest(1, (select max(id) from people))),
  setval(pg_get_serial_sequence('projects', 'id'), greatest(1, (select max(id) from projects))),
  setval(pg_get_serial_sequence('rewards', 'id'), greatest(1, 2 * (select max(id) from projects))),
  setval(pg_get_serial_sequence('pledges', 'id'), @pledges + 1),
  setval(pg_get_serial_sequence('comments', 'id'), greatest(1, 5 * (select max(id) from projects)));
