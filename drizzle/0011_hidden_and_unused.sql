CREATE TABLE "image_uses" (
	"source" text NOT NULL,
	"place" text NOT NULL,
	"hash" text NOT NULL,
	CONSTRAINT "image_uses_source_place_hash_pk" PRIMARY KEY("source","place","hash")
);
--> statement-breakpoint
ALTER TABLE "images" ADD COLUMN "unused_since" timestamp with time zone DEFAULT now();
--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "hidden_at" timestamp with time zone;
--> statement-breakpoint
ALTER TABLE "image_uses" ADD CONSTRAINT "image_uses_hash_images_hash_fk" FOREIGN KEY ("hash") REFERENCES "public"."images"("hash") ON DELETE no action ON UPDATE no action;
--> statement-breakpoint
CREATE INDEX "image_uses_by_image" ON "image_uses" USING btree ("hash");
--> statement-breakpoint
CREATE INDEX "update_likes_by_person" ON "update_likes" USING btree ("person_id","project_id","update_number");
--> statement-breakpoint
CREATE INDEX "images_unused" ON "images" USING btree ("unused_since") WHERE unused_since is not null;
--> statement-breakpoint

-- What staff has hidden stands on the shelf of what is in no list, whatever its state is.
create function shown_status(status text, hidden_at timestamptz) returns text
  language sql immutable parallel safe
  return case when hidden_at is null then status else 'hidden' end;
--> statement-breakpoint
create or replace function set_project_keys() returns trigger language plpgsql as $$
declare
  shown text := shown_status(new.status, new.hidden_at);
begin
  new.shelf := status_shelf(shown);
  select shelf_of(number, shown) into new.category_shelf
    from categories where slug = new.category;
  select shelf_of(number, shown) into new.subcategory_shelf
    from categories where slug = new.subcategory;
  select shelf_of(number, shown) into new.place_shelf
    from places where state = new.state and city = new.city;
  new.search := project_search_words(new.title, new.description, new.creator_name,
    new.city, new.state, new.country, new.subcategory);
  -- Unknown ones are refused by the foreign keys, which give the better message.
  new.category_shelf := coalesce(new.category_shelf, 0);
  new.subcategory_shelf := coalesce(new.subcategory_shelf, 0);
  new.place_shelf := coalesce(new.place_shelf, 0);
  return new;
end $$;
--> statement-breakpoint
drop trigger projects_keys on projects;
--> statement-breakpoint
create trigger projects_keys before insert or update
  of status, hidden_at, category, subcategory, city, state, country, title, description, creator_name
  on projects for each row execute function set_project_keys();
--> statement-breakpoint
create or replace function count_projects_insert() returns trigger language plpgsql as $$
declare
  deltas jsonb;
begin
  with changes as (
    select category, subcategory, state, city,
           (is_listed(status) and hidden_at is null)::int as listed, (status = 'live')::int as live
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
create or replace function count_projects_delete() returns trigger language plpgsql as $$
declare
  deltas jsonb;
begin
  with changes as (
    select category, subcategory, state, city,
           -(is_listed(status) and hidden_at is null)::int as listed, -(status = 'live')::int as live
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
create or replace function count_projects_update() returns trigger language plpgsql as $$
declare
  deltas jsonb;
begin
  with changes as (
    select n.category, n.subcategory, n.state, n.city,
           (is_listed(n.status) and n.hidden_at is null)::int as listed, (n.status = 'live')::int as live
      from new_rows n join old_rows o using (id)
      where (n.status, n.hidden_at is null, n.category, n.subcategory, n.state, n.city)
        is distinct from (o.status, o.hidden_at is null, o.category, o.subcategory, o.state, o.city)
    union all
    select o.category, o.subcategory, o.state, o.city,
           -(is_listed(o.status) and o.hidden_at is null)::int, -(o.status = 'live')::int
      from new_rows n join old_rows o using (id)
      where (n.status, n.hidden_at is null, n.category, n.subcategory, n.state, n.city)
        is distinct from (o.status, o.hidden_at is null, o.category, o.subcategory, o.state, o.city)
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

-- Every picture of ours that these texts show, or are.
create function image_hashes(variadic texts text[]) returns text[]
  language sql immutable parallel safe
  return (select coalesce(array_agg(distinct m[1]), '{}')
    from unnest(texts) t (body), regexp_matches(t.body, '\m[0-9a-f]{32}\M', 'g') m);
--> statement-breakpoint
create function image_hashes_in(line jsonb, columns text[]) returns text[]
  language sql immutable parallel safe
  return (select image_hashes(variadic array_agg(line ->> c)) from unnest(columns) c);
--> statement-breakpoint

-- Of a row whose texts and key, which never changes, are named: what it shows now is in use, what it
-- no longer shows may not be. Whoever forgets a picture holds its row, so that it is either kept or
-- not found here any more.
create function note_image_uses() returns trigger language plpgsql as $$
declare
  line jsonb := to_jsonb(case tg_op when 'DELETE' then old else new end);
  shown text[] := case tg_op when 'DELETE' then '{}' else image_hashes_in(line, tg_argv[1]::text[]) end;
  key text;
  gone text[];
begin
  if shown = '{}' and (tg_op = 'INSERT' or image_hashes_in(to_jsonb(old), tg_argv[1]::text[]) = '{}') then
    return null;
  end if;
  select string_agg(line ->> k, '/') into key from unnest(tg_argv[0]::text[]) k;
  perform 1 from images
    where hash = any(shown) or hash in (
      select hash from image_uses where source = tg_table_name and place = key)
    order by hash for no key update;
  with removed as (
    delete from image_uses
      where source = tg_table_name and place = key and hash <> all(shown) returning hash
  )
  select array_agg(hash) into gone from removed;
  update images set unused_since = clock_timestamp() where hash = any(gone);
  insert into image_uses (source, place, hash)
    select tg_table_name, key, hash from images where hash = any(shown)
    on conflict do nothing;
  update images set unused_since = null where hash = any(shown) and unused_since is not null;
  return null;
end $$;
--> statement-breakpoint
create trigger projects_image_uses after insert or delete or update of image on projects
  for each row execute function note_image_uses('{id}', '{image}');
--> statement-breakpoint
create trigger people_image_uses after insert or delete or update of image on people
  for each row execute function note_image_uses('{id}', '{image}');
--> statement-breakpoint
create trigger rewards_image_uses after insert or delete or update of image on rewards
  for each row execute function note_image_uses('{project_id,id}', '{image}');
--> statement-breakpoint
create trigger stories_image_uses after insert or delete or update of story, risks on stories
  for each row execute function note_image_uses('{project_id}', '{story,risks}');
--> statement-breakpoint
create trigger faqs_image_uses after insert or delete or update of answer on faqs
  for each row execute function note_image_uses('{project_id,position}', '{answer}');
--> statement-breakpoint
create trigger updates_image_uses after insert or delete or update of body on updates
  for each row execute function note_image_uses('{project_id,number}', '{body}');
--> statement-breakpoint
create trigger update_drafts_image_uses after insert or delete or update of body on update_drafts
  for each row execute function note_image_uses('{project_id,id}', '{body}');
--> statement-breakpoint

-- What is shown already, where anything was ever uploaded.
do $$
begin
  if not exists (select from images) then
    return;
  end if;
  insert into image_uses (source, place, hash)
    select s.source, s.place, i.hash from (
      select 'projects' as source, id::text as place, image_hashes(image) as hashes from projects
        where image is not null
      union all
      select 'people' as source, id::text as place, image_hashes(image) as hashes from people
        where image is not null
      union all
      select 'rewards' as source, project_id || '/' || id as place, image_hashes(image) as hashes from rewards
        where image is not null
      union all
      select 'stories' as source, project_id::text as place, image_hashes(story, risks) as hashes from stories
        where story || risks like '%/images/%'
      union all
      select 'faqs' as source, project_id || '/' || position as place, image_hashes(answer) as hashes from faqs
        where answer like '%/images/%'
      union all
      select 'updates' as source, project_id || '/' || number as place, image_hashes(body) as hashes from updates
        where body like '%/images/%'
      union all
      select 'update_drafts' as source, project_id || '/' || id as place, image_hashes(body) as hashes from update_drafts
        where body like '%/images/%'
    ) s join images i on i.hash = any(s.hashes);
  update images i set unused_since = null
    where exists (select from image_uses u where u.hash = i.hash);
end $$;
--> statement-breakpoint

comment on index update_likes_by_person is 'download: what somebody likes';
--> statement-breakpoint
comment on index images_unused is 'pictures: those that nothing has used for a while';
--> statement-breakpoint
comment on index image_uses_by_image is 'pictures: whether anything uses one';
