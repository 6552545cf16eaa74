DROP INDEX "projects_search";
--> statement-breakpoint
DROP INDEX "pledges_one_per_backer";
--> statement-breakpoint
DROP INDEX "pledges_by_backer";
--> statement-breakpoint
DROP INDEX "projects_featured";
--> statement-breakpoint
DROP INDEX "projects_newest";
--> statement-breakpoint
DROP INDEX "projects_popular";
--> statement-breakpoint
DROP INDEX "projects_ending";
--> statement-breakpoint
DROP INDEX "projects_most_funded";
--> statement-breakpoint
DROP INDEX "projects_most_backed";
--> statement-breakpoint
DROP INDEX "projects_category_newest";
--> statement-breakpoint
DROP INDEX "projects_category_popular";
--> statement-breakpoint
DROP INDEX "projects_category_ending";
--> statement-breakpoint
DROP INDEX "projects_category_most_funded";
--> statement-breakpoint
DROP INDEX "projects_category_most_backed";
--> statement-breakpoint
DROP INDEX "projects_subcategory_newest";
--> statement-breakpoint
DROP INDEX "projects_subcategory_popular";
--> statement-breakpoint
DROP INDEX "projects_subcategory_ending";
--> statement-breakpoint
DROP INDEX "projects_subcategory_most_funded";
--> statement-breakpoint
DROP INDEX "projects_subcategory_most_backed";
--> statement-breakpoint
DROP INDEX "projects_place_newest";
--> statement-breakpoint
DROP INDEX "projects_place_popular";
--> statement-breakpoint
DROP INDEX "projects_place_ending";
--> statement-breakpoint
DROP INDEX "projects_place_most_funded";
--> statement-breakpoint
DROP INDEX "projects_place_most_backed";
--> statement-breakpoint
ALTER TABLE "projects" ALTER COLUMN "search" DROP EXPRESSION;
--> statement-breakpoint
ALTER TABLE "projects" ALTER COLUMN "search" SET DEFAULT '';
--> statement-breakpoint
ALTER TABLE "categories" ADD COLUMN "number" integer NOT NULL GENERATED ALWAYS AS IDENTITY (sequence name "categories_number_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1);
--> statement-breakpoint
ALTER TABLE "places" ADD COLUMN "number" integer NOT NULL GENERATED ALWAYS AS IDENTITY (sequence name "places_number_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 2147483647 START WITH 1 CACHE 1);
--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "reach" smallint GENERATED ALWAYS AS (case when backers_count >= 1000 then 2 when backers_count >= 100 then 1 else 0 end) STORED NOT NULL;
--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "shelf" integer DEFAULT 0 NOT NULL;
--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "category_shelf" integer DEFAULT 0 NOT NULL;
--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "subcategory_shelf" integer DEFAULT 0 NOT NULL;
--> statement-breakpoint
ALTER TABLE "projects" ADD COLUMN "place_shelf" integer DEFAULT 0 NOT NULL;
--> statement-breakpoint
ALTER TABLE "categories" ADD CONSTRAINT "categories_number" UNIQUE("number");
--> statement-breakpoint
ALTER TABLE "places" ADD CONSTRAINT "places_number" UNIQUE("number");
--> statement-breakpoint
CREATE UNIQUE INDEX "pledges_by_backer" ON "pledges" USING btree ("backer_id","project_id");
--> statement-breakpoint

-- A shelf is what one status holds of everything (0), of a category, a subcategory or a place.
create function status_shelf(status text) returns integer language sql immutable parallel safe
  return case status
    when 'live' then 0 when 'successful' then 1 when 'failed' then 2 when 'canceled' then 3
    when 'suspended' then 4 when 'draft' then 5 when 'submitted' then 6 else 7 end;
--> statement-breakpoint
create function shelf_of(number integer, status text) returns integer
  language sql immutable parallel safe
  return number * 8 + status_shelf(status);
--> statement-breakpoint

-- Shelf and value in one number, in the order of both. What does not fit the value's 40 bits (a
-- trillion cents) counts as the largest that does, and what is below nothing as nothing.
create function listing_key(shelf integer, value bigint) returns bigint
  language sql immutable parallel safe
  return (shelf::bigint << 40) | greatest(0, least(value, 1099511627775));
--> statement-breakpoint
create function listing_seconds(moment timestamptz) returns bigint
  language sql immutable parallel safe
  return coalesce(date_part('epoch', moment - timestamptz '1970-01-01 00:00:00+00')::bigint, 0);
--> statement-breakpoint

-- Words without accents and without positions, so that the words of two texts are those of either. A
-- curly apostrophe would count as a letter.
create function search_words(words text) returns tsvector language sql immutable parallel safe
  return strip(to_tsvector('english', case when octet_length(words) = char_length(words) then words
    else regexp_replace(normalize(translate(words, '’', ''''), NFD), '[\u0300-\u036f]', '', 'g') end));
--> statement-breakpoint
create function project_search_words(
  title text, description text, creator_name text, city text, state text, country text, subcategory text
) returns tsvector language sql immutable parallel safe
  return search_words(title || ' ' || description || ' ' || creator_name || ' ' || city || ' ' || state
    || ' ' || country || ' ' || translate(subcategory, '/-', '  '));
--> statement-breakpoint

create function set_project_keys() returns trigger language plpgsql as $$
begin
  new.shelf := status_shelf(new.status);
  select shelf_of(number, new.status) into new.category_shelf
    from categories where slug = new.category;
  select shelf_of(number, new.status) into new.subcategory_shelf
    from categories where slug = new.subcategory;
  select shelf_of(number, new.status) into new.place_shelf
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
create trigger projects_keys before insert or update
  of status, category, subcategory, city, state, country, title, description, creator_name on projects
  for each row execute function set_project_keys();
--> statement-breakpoint
update projects set status = status;
--> statement-breakpoint

CREATE INDEX "projects_search" ON "projects" USING gin ("search");
--> statement-breakpoint
CREATE INDEX "projects_search_known" ON "projects" USING gin ("search") WHERE reach >= 1;
--> statement-breakpoint
CREATE INDEX "projects_search_famous" ON "projects" USING gin ("search") WHERE reach >= 2;
--> statement-breakpoint
CREATE INDEX "projects_featured" ON "projects" USING btree ("featured_at","id") WHERE featured_at is not null and status = 'live';
--> statement-breakpoint
CREATE INDEX "projects_newest" ON "projects" USING btree (listing_key(shelf, id),"id");
--> statement-breakpoint
CREATE INDEX "projects_popular" ON "projects" USING btree (listing_key(shelf, popularity),"id");
--> statement-breakpoint
CREATE INDEX "projects_ending" ON "projects" USING btree (listing_key(shelf, listing_seconds(ends_at)),"id");
--> statement-breakpoint
CREATE INDEX "projects_most_funded" ON "projects" USING btree (listing_key(shelf, pledged),"id");
--> statement-breakpoint
CREATE INDEX "projects_most_backed" ON "projects" USING btree (listing_key(shelf, backers_count),"id");
--> statement-breakpoint
CREATE INDEX "projects_category_newest" ON "projects" USING btree (listing_key(category_shelf, id),"id");
--> statement-breakpoint
CREATE INDEX "projects_category_popular" ON "projects" USING btree (listing_key(category_shelf, popularity),"id");
--> statement-breakpoint
CREATE INDEX "projects_category_ending" ON "projects" USING btree (listing_key(category_shelf, listing_seconds(ends_at)),"id");
--> statement-breakpoint
CREATE INDEX "projects_category_most_funded" ON "projects" USING btree (listing_key(category_shelf, pledged),"id");
--> statement-breakpoint
CREATE INDEX "projects_category_most_backed" ON "projects" USING btree (listing_key(category_shelf, backers_count),"id");
--> statement-breakpoint
CREATE INDEX "projects_subcategory_newest" ON "projects" USING btree (listing_key(subcategory_shelf, id),"id");
--> statement-breakpoint
CREATE INDEX "projects_subcategory_popular" ON "projects" USING btree (listing_key(subcategory_shelf, popularity),"id");
--> statement-breakpoint
CREATE INDEX "projects_subcategory_ending" ON "projects" USING btree (listing_key(subcategory_shelf, listing_seconds(ends_at)),"id");
--> statement-breakpoint
CREATE INDEX "projects_subcategory_most_funded" ON "projects" USING btree (listing_key(subcategory_shelf, pledged),"id");
--> statement-breakpoint
CREATE INDEX "projects_subcategory_most_backed" ON "projects" USING btree (listing_key(subcategory_shelf, backers_count),"id");
--> statement-breakpoint
CREATE INDEX "projects_place_newest" ON "projects" USING btree (listing_key(place_shelf, id),"id");
--> statement-breakpoint
CREATE INDEX "projects_place_popular" ON "projects" USING btree (listing_key(place_shelf, popularity),"id");
--> statement-breakpoint
CREATE INDEX "projects_place_ending" ON "projects" USING btree (listing_key(place_shelf, listing_seconds(ends_at)),"id");
--> statement-breakpoint
CREATE INDEX "projects_place_most_funded" ON "projects" USING btree (listing_key(place_shelf, pledged),"id");
--> statement-breakpoint
CREATE INDEX "projects_place_most_backed" ON "projects" USING btree (listing_key(place_shelf, backers_count),"id");
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
comment on index projects_featured is 'home: staff picks, latest pick first';
--> statement-breakpoint
comment on index projects_search is 'search: words in title, blurb, creator and place';
--> statement-breakpoint
comment on index projects_search_known is 'search: the same among projects with a hundred backers, for words that many have';
--> statement-breakpoint
comment on index projects_search_famous is 'search: the same among projects with a thousand backers';
--> statement-breakpoint
comment on index pledges_by_backer is 'pledge: one per backer and project; person page: projects backed, newest first';
