CREATE TABLE "pledges" (
	"project_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "pledges_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"backer_id" bigint NOT NULL,
	"reward_id" bigint,
	"amount" bigint NOT NULL,
	"status" text DEFAULT 'pledged' NOT NULL,
	"anonymous" boolean DEFAULT false NOT NULL,
	"backed_before" boolean NOT NULL,
	"city" text NOT NULL,
	"country" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "pledges_project_id_id_pk" PRIMARY KEY("project_id","id"),
	CONSTRAINT "pledges_amount" CHECK ("pledges"."amount" > 0),
	CONSTRAINT "pledges_status" CHECK ("pledges"."status" in ('pledged', 'canceled', 'collected', 'errored', 'dropped'))
);
--> statement-breakpoint
CREATE TABLE "reward_items" (
	"project_id" bigint NOT NULL,
	"reward_id" bigint NOT NULL,
	"position" smallint NOT NULL,
	"name" text NOT NULL,
	"quantity" smallint DEFAULT 1 NOT NULL,
	CONSTRAINT "reward_items_project_id_reward_id_position_pk" PRIMARY KEY("project_id","reward_id","position")
);
--> statement-breakpoint
CREATE TABLE "reward_shipping" (
	"project_id" bigint NOT NULL,
	"reward_id" bigint NOT NULL,
	"country" text NOT NULL,
	"price" bigint NOT NULL,
	CONSTRAINT "reward_shipping_project_id_reward_id_country_pk" PRIMARY KEY("project_id","reward_id","country")
);
--> statement-breakpoint
CREATE TABLE "rewards" (
	"project_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "rewards_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"position" smallint NOT NULL,
	"amount" bigint NOT NULL,
	"name" text NOT NULL,
	"description" text NOT NULL,
	"delivery_month" date NOT NULL,
	"ships_to" text NOT NULL,
	"quantity" integer,
	"opens_at" timestamp with time zone,
	"closes_at" timestamp with time zone,
	"backers_count" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "rewards_project_id_id_pk" PRIMARY KEY("project_id","id"),
	CONSTRAINT "rewards_amount" CHECK ("rewards"."amount" > 0),
	CONSTRAINT "rewards_stock" CHECK ("rewards"."quantity" is null or "rewards"."backers_count" <= "rewards"."quantity"),
	CONSTRAINT "rewards_ships_to" CHECK ("rewards"."ships_to" in ('nobody', 'some', 'anywhere'))
);
--> statement-breakpoint
CREATE TABLE "comments" (
	"project_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "comments_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"update_number" integer,
	"parent_id" bigint,
	"author_id" bigint NOT NULL,
	"body" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"replies_count" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "comments_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "faqs" (
	"project_id" bigint NOT NULL,
	"position" smallint NOT NULL,
	"question" text NOT NULL,
	"answer" text NOT NULL,
	CONSTRAINT "faqs_project_id_position_pk" PRIMARY KEY("project_id","position")
);
--> statement-breakpoint
CREATE TABLE "saves" (
	"project_id" bigint NOT NULL,
	"person_id" bigint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "saves_project_id_person_id_pk" PRIMARY KEY("project_id","person_id")
);
--> statement-breakpoint
CREATE TABLE "update_likes" (
	"project_id" bigint NOT NULL,
	"update_number" integer NOT NULL,
	"person_id" bigint NOT NULL,
	CONSTRAINT "update_likes_project_id_update_number_person_id_pk" PRIMARY KEY("project_id","update_number","person_id")
);
--> statement-breakpoint
CREATE TABLE "updates" (
	"project_id" bigint NOT NULL,
	"number" integer NOT NULL,
	"title" text NOT NULL,
	"body" text NOT NULL,
	"published_at" timestamp with time zone NOT NULL,
	"likes_count" integer DEFAULT 0 NOT NULL,
	"comments_count" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "updates_project_id_number_pk" PRIMARY KEY("project_id","number")
);
--> statement-breakpoint
CREATE TABLE "categories" (
	"slug" text PRIMARY KEY NOT NULL,
	"parent" text,
	"name" text NOT NULL,
	"position" smallint NOT NULL,
	"projects_count" integer DEFAULT 0 NOT NULL,
	"live_count" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "people" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "people_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"bio" text DEFAULT '' NOT NULL,
	"city" text DEFAULT '' NOT NULL,
	"state" text DEFAULT '' NOT NULL,
	"country" text DEFAULT '' NOT NULL,
	"joined_at" timestamp with time zone DEFAULT now() NOT NULL,
	"projects_count" integer DEFAULT 0 NOT NULL,
	"pledges_count" integer DEFAULT 0 NOT NULL
);
--> statement-breakpoint
CREATE TABLE "places" (
	"state" text NOT NULL,
	"city" text NOT NULL,
	"country" text NOT NULL,
	"state_slug" text NOT NULL,
	"city_slug" text NOT NULL,
	"projects_count" integer DEFAULT 0 NOT NULL,
	"live_count" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "places_state_city_pk" PRIMARY KEY("state","city"),
	CONSTRAINT "places_slugs" UNIQUE("state_slug","city_slug")
);
--> statement-breakpoint
CREATE TABLE "projects" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "projects_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"creator_id" bigint NOT NULL,
	"creator_name" text NOT NULL,
	"status" text DEFAULT 'draft' NOT NULL,
	"title" text NOT NULL,
	"description" text NOT NULL,
	"category" text NOT NULL,
	"subcategory" text NOT NULL,
	"city" text NOT NULL,
	"state" text NOT NULL,
	"country" text NOT NULL,
	"tags" text[] DEFAULT '{}' NOT NULL,
	"image" text,
	"currency" char(3) DEFAULT 'USD' NOT NULL,
	"goal" bigint NOT NULL,
	"all_or_nothing" boolean DEFAULT true NOT NULL,
	"pledged" bigint DEFAULT 0 NOT NULL,
	"backers_count" integer DEFAULT 0 NOT NULL,
	"updates_count" integer DEFAULT 0 NOT NULL,
	"comments_count" integer DEFAULT 0 NOT NULL,
	"faqs_count" integer DEFAULT 0 NOT NULL,
	"saves_count" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"launched_at" timestamp with time zone,
	"ends_at" timestamp with time zone,
	"featured_at" timestamp with time zone,
	"popularity" bigint GENERATED ALWAYS AS (coalesce(extract(epoch from launched_at - timestamptz '2018-01-01 00:00:00+00')::bigint, 0) + (log(greatest(backers_count, 1)::double precision) * 604800)::bigint) STORED NOT NULL,
	"search" "tsvector" GENERATED ALWAYS AS (setweight(to_tsvector('english', regexp_replace(normalize(title, NFD), '[\u0300-\u036f]', '', 'g')), 'A') || setweight(to_tsvector('english', regexp_replace(normalize(description, NFD), '[\u0300-\u036f]', '', 'g')), 'B') || setweight(to_tsvector('english', regexp_replace(normalize(creator_name, NFD), '[\u0300-\u036f]', '', 'g')), 'C') || setweight(to_tsvector('english', regexp_replace(normalize(city || ' ' || state || ' ' || country || ' ' || translate(subcategory, '/-', '  '), NFD), '[\u0300-\u036f]', '', 'g')), 'D')) STORED NOT NULL,
	CONSTRAINT "projects_status" CHECK ("projects"."status" in ('draft', 'submitted', 'rejected', 'live', 'successful', 'failed', 'canceled', 'suspended')),
	CONSTRAINT "projects_goal" CHECK ("projects"."goal" > 0),
	CONSTRAINT "projects_launch" CHECK ("projects"."launched_at" is null or ("projects"."ends_at" is not null and "projects"."ends_at" > "projects"."launched_at"))
);
--> statement-breakpoint
CREATE TABLE "stories" (
	"project_id" bigint PRIMARY KEY NOT NULL,
	"story" text NOT NULL,
	"risks" text NOT NULL,
	"budget" jsonb NOT NULL
);
--> statement-breakpoint
ALTER TABLE "pledges" ADD CONSTRAINT "pledges_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pledges" ADD CONSTRAINT "pledges_backer_id_people_id_fk" FOREIGN KEY ("backer_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "pledges" ADD CONSTRAINT "pledges_reward" FOREIGN KEY ("project_id","reward_id") REFERENCES "public"."rewards"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reward_items" ADD CONSTRAINT "reward_items_reward" FOREIGN KEY ("project_id","reward_id") REFERENCES "public"."rewards"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reward_shipping" ADD CONSTRAINT "reward_shipping_reward" FOREIGN KEY ("project_id","reward_id") REFERENCES "public"."rewards"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "rewards" ADD CONSTRAINT "rewards_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "comments" ADD CONSTRAINT "comments_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "comments" ADD CONSTRAINT "comments_author_id_people_id_fk" FOREIGN KEY ("author_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "comments" ADD CONSTRAINT "comments_update" FOREIGN KEY ("project_id","update_number") REFERENCES "public"."updates"("project_id","number") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "comments" ADD CONSTRAINT "comments_parent" FOREIGN KEY ("project_id","parent_id") REFERENCES "public"."comments"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "faqs" ADD CONSTRAINT "faqs_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "saves" ADD CONSTRAINT "saves_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "saves" ADD CONSTRAINT "saves_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "update_likes" ADD CONSTRAINT "update_likes_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "update_likes" ADD CONSTRAINT "update_likes_update" FOREIGN KEY ("project_id","update_number") REFERENCES "public"."updates"("project_id","number") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "updates" ADD CONSTRAINT "updates_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "categories" ADD CONSTRAINT "categories_parent" FOREIGN KEY ("parent") REFERENCES "public"."categories"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "projects" ADD CONSTRAINT "projects_creator_id_people_id_fk" FOREIGN KEY ("creator_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "projects" ADD CONSTRAINT "projects_category_categories_slug_fk" FOREIGN KEY ("category") REFERENCES "public"."categories"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "projects" ADD CONSTRAINT "projects_subcategory_categories_slug_fk" FOREIGN KEY ("subcategory") REFERENCES "public"."categories"("slug") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "projects" ADD CONSTRAINT "projects_place" FOREIGN KEY ("state","city") REFERENCES "public"."places"("state","city") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "stories" ADD CONSTRAINT "stories_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE UNIQUE INDEX "pledges_one_per_backer" ON "pledges" USING btree ("project_id","backer_id");--> statement-breakpoint
CREATE INDEX "pledges_by_backer" ON "pledges" USING btree ("backer_id","project_id");--> statement-breakpoint
CREATE INDEX "comments_threads" ON "comments" USING btree ("project_id","id") WHERE parent_id is null and update_number is null;--> statement-breakpoint
CREATE INDEX "comments_update_threads" ON "comments" USING btree ("project_id","update_number","id") WHERE parent_id is null and update_number is not null;--> statement-breakpoint
CREATE INDEX "comments_replies" ON "comments" USING btree ("project_id","parent_id","id") WHERE parent_id is not null;--> statement-breakpoint
CREATE INDEX "places_by_live_count" ON "places" USING btree ("live_count","state","city");--> statement-breakpoint
CREATE INDEX "projects_by_creator" ON "projects" USING btree ("creator_id","id");--> statement-breakpoint
CREATE INDEX "projects_featured" ON "projects" USING btree ("featured_at","id") WHERE featured_at is not null;--> statement-breakpoint
CREATE INDEX "projects_search" ON "projects" USING gin ("search");--> statement-breakpoint
CREATE INDEX "projects_newest" ON "projects" USING btree ("status","id");--> statement-breakpoint
CREATE INDEX "projects_popular" ON "projects" USING btree ("status","popularity","id");--> statement-breakpoint
CREATE INDEX "projects_ending" ON "projects" USING btree ("status","ends_at","id");--> statement-breakpoint
CREATE INDEX "projects_most_funded" ON "projects" USING btree ("status","pledged","id");--> statement-breakpoint
CREATE INDEX "projects_most_backed" ON "projects" USING btree ("status","backers_count","id");--> statement-breakpoint
CREATE INDEX "projects_category_newest" ON "projects" USING btree ("category","status","id");--> statement-breakpoint
CREATE INDEX "projects_category_popular" ON "projects" USING btree ("category","status","popularity","id");--> statement-breakpoint
CREATE INDEX "projects_category_ending" ON "projects" USING btree ("category","status","ends_at","id");--> statement-breakpoint
CREATE INDEX "projects_category_most_funded" ON "projects" USING btree ("category","status","pledged","id");--> statement-breakpoint
CREATE INDEX "projects_category_most_backed" ON "projects" USING btree ("category","status","backers_count","id");--> statement-breakpoint
CREATE INDEX "projects_subcategory_newest" ON "projects" USING btree ("subcategory","status","id");--> statement-breakpoint
CREATE INDEX "projects_subcategory_popular" ON "projects" USING btree ("subcategory","status","popularity","id");--> statement-breakpoint
CREATE INDEX "projects_subcategory_ending" ON "projects" USING btree ("subcategory","status","ends_at","id");--> statement-breakpoint
CREATE INDEX "projects_subcategory_most_funded" ON "projects" USING btree ("subcategory","status","pledged","id");--> statement-breakpoint
CREATE INDEX "projects_subcategory_most_backed" ON "projects" USING btree ("subcategory","status","backers_count","id");--> statement-breakpoint
CREATE INDEX "projects_place_newest" ON "projects" USING btree ("state","city","status","id");--> statement-breakpoint
CREATE INDEX "projects_place_popular" ON "projects" USING btree ("state","city","status","popularity","id");--> statement-breakpoint
CREATE INDEX "projects_place_ending" ON "projects" USING btree ("state","city","status","ends_at","id");--> statement-breakpoint
CREATE INDEX "projects_place_most_funded" ON "projects" USING btree ("state","city","status","pledged","id");--> statement-breakpoint
CREATE INDEX "projects_place_most_backed" ON "projects" USING btree ("state","city","status","backers_count","id");