-- Category and place counts are rows, kept by statement-level triggers: a statement that touches a
-- thousand projects touches each counter once. Listed are live, successful, failed and canceled.

create function is_listed(status text) returns boolean language sql immutable parallel safe
  return status in ('live', 'successful', 'failed', 'canceled');
--> statement-breakpoint

-- Counters are locked in key order, so that two statements never wait for each other.
create function add_to_counts(deltas jsonb) returns void language plpgsql as $$
begin
  perform 1 from categories
    where slug in (select d ->> 'key' from jsonb_array_elements(deltas) d where d ->> 'kind' = 'category')
    order by slug for no key update;
  update categories c
    set projects_count = c.projects_count + (d ->> 'listed')::int,
        live_count = c.live_count + (d ->> 'live')::int
    from jsonb_array_elements(deltas) d
    where d ->> 'kind' = 'category' and c.slug = d ->> 'key';
  perform 1 from places
    where (state, city) in (
      select d ->> 'state', d ->> 'city' from jsonb_array_elements(deltas) d where d ->> 'kind' = 'place')
    order by state, city for no key update;
  update places p
    set projects_count = p.projects_count + (d ->> 'listed')::int,
        live_count = p.live_count + (d ->> 'live')::int
    from jsonb_array_elements(deltas) d
    where d ->> 'kind' = 'place' and p.state = d ->> 'state' and p.city = d ->> 'city';
end $$;
--> statement-breakpoint

create function count_projects_insert() returns trigger language plpgsql as $$
declare
  deltas jsonb;
begin
  with changes as (
    select category, subcategory, state, city,
           is_listed(status)::int as listed, (status = 'live')::int as live
      from new_rows
  ), by_key as (
    select 'category' as kind, key, null as state, null as city, sum(listed) as listed, sum(live) as live
      from changes cross join lateral (values (category), (subcategory)) as k (key)
      group by key
    union all
    select 'place', null, state, city, sum(listed), sum(live) from changes group by state, city
  )
  select jsonb_agg(to_jsonb(by_key)) into deltas from by_key where listed <> 0 or live <> 0;
  if deltas is not null then
    perform add_to_counts(deltas);
  end if;
  return null;
end $$;
--> statement-breakpoint
create trigger projects_count_insert after insert on projects
  referencing new table as new_rows
  for each statement execute function count_projects_insert();
--> statement-breakpoint

create function count_projects_delete() returns trigger language plpgsql as $$
declare
  deltas jsonb;
begin
  with changes as (
    select category, subcategory, state, city,
           -is_listed(status)::int as listed, -(status = 'live')::int as live
      from old_rows
  ), by_key as (
    select 'category' as kind, key, null as state, null as city, sum(listed) as listed, sum(live) as live
      from changes cross join lateral (values (category), (subcategory)) as k (key)
      group by key
    union all
    select 'place', null, state, city, sum(listed), sum(live) from changes group by state, city
  )
  select jsonb_agg(to_jsonb(by_key)) into deltas from by_key where listed <> 0 or live <> 0;
  if deltas is not null then
    perform add_to_counts(deltas);
  end if;
  return null;
end $$;
--> statement-breakpoint
create trigger projects_count_delete after delete on projects
  referencing old table as old_rows
  for each statement execute function count_projects_delete();
--> statement-breakpoint

create function count_projects_update() returns trigger language plpgsql as $$
declare
  deltas jsonb;
begin
  with changes as (
    select n.category, n.subcategory, n.state, n.city,
           is_listed(n.status)::int as listed, (n.status = 'live')::int as live
      from new_rows n join old_rows o using (id)
      where (n.status, n.category, n.subcategory, n.state, n.city)
        is distinct from (o.status, o.category, o.subcategory, o.state, o.city)
    union all
    select o.category, o.subcategory, o.state, o.city,
           -is_listed(o.status)::int, -(o.status = 'live')::int
      from new_rows n join old_rows o using (id)
      where (n.status, n.category, n.subcategory, n.state, n.city)
        is distinct from (o.status, o.category, o.subcategory, o.state, o.city)
  ), by_key as (
    select 'category' as kind, key, null as state, null as city, sum(listed) as listed, sum(live) as live
      from changes cross join lateral (values (category), (subcategory)) as k (key)
      group by key
    union all
    select 'place', null, state, city, sum(listed), sum(live) from changes group by state, city
  )
  select jsonb_agg(to_jsonb(by_key)) into deltas from by_key where listed <> 0 or live <> 0;
  if deltas is not null then
    perform add_to_counts(deltas);
  end if;
  return null;
end $$;
--> statement-breakpoint
create trigger projects_count_update after update on projects
  referencing old table as old_rows new table as new_rows
  for each statement execute function count_projects_update();
--> statement-breakpoint

-- Which read each index serves; one that serves none should not be there.
comment on index projects_newest is 'listing: discover, one status, newest first';
--> statement-breakpoint
comment on index projects_popular is 'listing: discover, one status, most popular first';
--> statement-breakpoint
comment on index projects_ending is 'listing: discover, one status, ending soonest first';
--> statement-breakpoint
comment on index projects_most_funded is 'listing: discover, one status, most funded first';
--> statement-breakpoint
comment on index projects_most_backed is 'listing: discover, one status, most backed first';
--> statement-breakpoint
comment on index projects_category_newest is 'listing: a category page, one status, newest first';
--> statement-breakpoint
comment on index projects_category_popular is 'listing: a category page, one status, most popular first';
--> statement-breakpoint
comment on index projects_category_ending is 'listing: a category page, one status, ending soonest first';
--> statement-breakpoint
comment on index projects_category_most_funded is 'listing: a category page, one status, most funded first';
--> statement-breakpoint
comment on index projects_category_most_backed is 'listing: a category page, one status, most backed first';
--> statement-breakpoint
comment on index projects_subcategory_newest is 'listing: a subcategory page, one status, newest first';
--> statement-breakpoint
comment on index projects_subcategory_popular is 'listing: a subcategory page, one status, most popular first';
--> statement-breakpoint
comment on index projects_subcategory_ending is 'listing: a subcategory page, one status, ending soonest first';
--> statement-breakpoint
comment on index projects_subcategory_most_funded is 'listing: a subcategory page, one status, most funded first';
--> statement-breakpoint
comment on index projects_subcategory_most_backed is 'listing: a subcategory page, one status, most backed first';
--> statement-breakpoint
comment on index projects_place_newest is 'listing: a place page, one status, newest first';
--> statement-breakpoint
comment on index projects_place_popular is 'listing: a place page, one status, most popular first';
--> statement-breakpoint
comment on index projects_place_ending is 'listing: a place page, one status, ending soonest first';
--> statement-breakpoint
comment on index projects_place_most_funded is 'listing: a place page, one status, most funded first';
--> statement-breakpoint
comment on index projects_place_most_backed is 'listing: a place page, one status, most backed first';
--> statement-breakpoint
comment on index projects_by_creator is 'person page: projects created, newest first';
--> statement-breakpoint
comment on index projects_featured is 'home: staff picks, latest pick first';
--> statement-breakpoint
comment on index projects_search is 'search: words in title, blurb, creator and place';
--> statement-breakpoint
comment on index places_by_live_count is 'home: places with the most live projects';
--> statement-breakpoint
comment on index places_slugs is 'place page: by the two parts of its address';
--> statement-breakpoint
comment on index pledges_one_per_backer is 'pledge: one per backer and project';
--> statement-breakpoint
comment on index pledges_by_backer is 'person page: projects backed, newest first';
--> statement-breakpoint
comment on index comments_threads is 'comments tab: threads of a project, newest first';
--> statement-breakpoint
comment on index comments_update_threads is 'update page: threads of an update, newest first';
--> statement-breakpoint
comment on index comments_replies is 'comments: replies of the threads shown, oldest first';
