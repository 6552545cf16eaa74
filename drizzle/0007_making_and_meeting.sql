CREATE TABLE "access_tokens" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "access_tokens_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"token_hash" "bytea" NOT NULL,
	"person_id" bigint NOT NULL,
	"name" text NOT NULL,
	"scopes" text[] NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"used_at" timestamp with time zone,
	"expires_at" timestamp with time zone NOT NULL,
	CONSTRAINT "access_tokens_hash" UNIQUE("token_hash")
);
--> statement-breakpoint
CREATE TABLE "activities" (
	"person_id" bigint NOT NULL,
	"event_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"about_project" bigint,
	"subject" bigint,
	"actor_id" bigint,
	"reason" text DEFAULT '' NOT NULL,
	"created_at" timestamp with time zone NOT NULL,
	CONSTRAINT "activities_person_id_event_id_pk" PRIMARY KEY("person_id","event_id")
);
--> statement-breakpoint
CREATE TABLE "blocks" (
	"person_id" bigint NOT NULL,
	"blocked_id" bigint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "blocks_person_id_blocked_id_pk" PRIMARY KEY("person_id","blocked_id")
);
--> statement-breakpoint
CREATE TABLE "conversations" (
	"project_id" bigint NOT NULL,
	"member_id" bigint NOT NULL,
	"creator_id" bigint NOT NULL,
	"last_at" timestamp with time zone DEFAULT now() NOT NULL,
	"unread_by_member" integer DEFAULT 0 NOT NULL,
	"unread_by_creator" integer DEFAULT 0 NOT NULL,
	CONSTRAINT "conversations_project_id_member_id_pk" PRIMARY KEY("project_id","member_id")
);
--> statement-breakpoint
CREATE TABLE "events" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "events_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"about_project" bigint,
	"subject" bigint,
	"actor_id" bigint,
	"recipient_id" bigint,
	"reason" text DEFAULT '' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"told_up_to" bigint DEFAULT 0 NOT NULL,
	"due_at" timestamp with time zone DEFAULT now() NOT NULL,
	"told_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "follows" (
	"creator_id" bigint NOT NULL,
	"follower_id" bigint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "follows_creator_id_follower_id_pk" PRIMARY KEY("creator_id","follower_id")
);
--> statement-breakpoint
CREATE TABLE "messages" (
	"project_id" bigint NOT NULL,
	"member_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "messages_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"author_id" bigint NOT NULL,
	"body" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "messages_project_id_member_id_id_pk" PRIMARY KEY("project_id","member_id","id")
);
--> statement-breakpoint
CREATE TABLE "muted_topics" (
	"person_id" bigint NOT NULL,
	"topic" text NOT NULL,
	CONSTRAINT "muted_topics_person_id_topic_pk" PRIMARY KEY("person_id","topic"),
	CONSTRAINT "muted_topics_topic" CHECK ("muted_topics"."topic" in ('updates', 'replies', 'comments', 'messages', 'launches', 'reminders', 'endings', 'followers'))
);
--> statement-breakpoint
CREATE TABLE "image_files" (
	"hash" text NOT NULL,
	"width" smallint NOT NULL,
	"data" "bytea" NOT NULL,
	CONSTRAINT "image_files_hash_width_pk" PRIMARY KEY("hash","width")
);
--> statement-breakpoint
CREATE TABLE "images" (
	"hash" text PRIMARY KEY NOT NULL,
	"width" integer NOT NULL,
	"height" integer NOT NULL,
	"uploader_id" bigint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "collaborators" (
	"project_id" bigint NOT NULL,
	"person_id" bigint NOT NULL,
	"permissions" text[] NOT NULL,
	"title" text DEFAULT '' NOT NULL,
	"invited_at" timestamp with time zone DEFAULT now() NOT NULL,
	"accepted_at" timestamp with time zone,
	CONSTRAINT "collaborators_project_id_person_id_pk" PRIMARY KEY("project_id","person_id")
);
--> statement-breakpoint
CREATE TABLE "drafts" (
	"project_id" bigint PRIMARY KEY NOT NULL,
	"version" integer DEFAULT 1 NOT NULL,
	"duration_days" smallint,
	"planned_end" timestamp with time zone,
	"launch_at" timestamp with time zone,
	"approved_at" timestamp with time zone,
	"preview_key" text,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "drafts_end" CHECK ("drafts"."duration_days" is null or "drafts"."planned_end" is null),
	CONSTRAINT "drafts_duration" CHECK ("drafts"."duration_days" between 1 and 60)
);
--> statement-breakpoint
CREATE TABLE "project_transitions" (
	"project_id" bigint NOT NULL,
	"number" integer NOT NULL,
	"from_status" text,
	"to_status" text NOT NULL,
	"actor_id" bigint,
	"reason" text DEFAULT '' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "project_transitions_project_id_number_pk" PRIMARY KEY("project_id","number")
);
--> statement-breakpoint
CREATE TABLE "project_visits" (
	"project_id" bigint NOT NULL,
	"day" date NOT NULL,
	"source" text NOT NULL,
	"visits" integer NOT NULL,
	CONSTRAINT "project_visits_project_id_day_source_pk" PRIMARY KEY("project_id","day","source")
);
--> statement-breakpoint
CREATE TABLE "update_drafts" (
	"project_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "update_drafts_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"version" integer DEFAULT 1 NOT NULL,
	"title" text NOT NULL,
	"body" text NOT NULL,
	"audience" text DEFAULT 'everyone' NOT NULL,
	"author_id" bigint NOT NULL,
	"updated_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "update_drafts_project_id_id_pk" PRIMARY KEY("project_id","id"),
	CONSTRAINT "update_drafts_audience" CHECK ("update_drafts"."audience" in ('everyone', 'backers'))
);
--> statement-breakpoint
CREATE TABLE "audit_log" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "audit_log_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"staff_id" bigint NOT NULL,
	"act" text NOT NULL,
	"about_project" bigint,
	"about_person" bigint,
	"subject" bigint,
	"reason" text DEFAULT '' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL
);
--> statement-breakpoint
CREATE TABLE "reports" (
	"id" bigint PRIMARY KEY GENERATED ALWAYS AS IDENTITY (sequence name "reports_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"about_project" bigint,
	"subject" bigint NOT NULL,
	"member_id" bigint,
	"excerpt" text DEFAULT '' NOT NULL,
	"reporter_id" bigint NOT NULL,
	"reason" text NOT NULL,
	"details" text DEFAULT '' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"resolved_at" timestamp with time zone,
	"resolved_by" bigint,
	"outcome" text,
	CONSTRAINT "reports_kind" CHECK ("reports"."kind" in ('project', 'update', 'comment', 'message', 'person')),
	CONSTRAINT "reports_resolved" CHECK (("reports"."resolved_at" is null) = ("reports"."outcome" is null))
);
--> statement-breakpoint
CREATE TABLE "restrictions" (
	"person_id" bigint NOT NULL,
	"kind" text NOT NULL,
	"reason" text NOT NULL,
	"staff_id" bigint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"until" timestamp with time zone,
	CONSTRAINT "restrictions_person_id_kind_pk" PRIMARY KEY("person_id","kind"),
	CONSTRAINT "restrictions_kind" CHECK ("restrictions"."kind" in ('comment', 'message', 'submit', 'pledge', 'report'))
);
--> statement-breakpoint
ALTER TABLE "projects" DROP CONSTRAINT "projects_goal";--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "seen_event" bigint DEFAULT 0 NOT NULL;--> statement-breakpoint
ALTER TABLE "accounts" ADD COLUMN "mail_key" text DEFAULT gen_random_uuid()::text NOT NULL;--> statement-breakpoint
ALTER TABLE "rewards" ADD COLUMN "is_add_on" boolean DEFAULT false NOT NULL;--> statement-breakpoint
ALTER TABLE "rewards" ADD COLUMN "per_backer_max" smallint;--> statement-breakpoint
ALTER TABLE "rewards" ADD COLUMN "image" text;--> statement-breakpoint
ALTER TABLE "rewards" ADD COLUMN "image_alt" text DEFAULT '' NOT NULL;--> statement-breakpoint
ALTER TABLE "comments" ADD COLUMN "pinned_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "comments" ADD COLUMN "hidden_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "updates" ADD COLUMN "audience" text DEFAULT 'everyone' NOT NULL;--> statement-breakpoint
ALTER TABLE "updates" ADD COLUMN "author_id" bigint;--> statement-breakpoint
ALTER TABLE "updates" ADD COLUMN "edited_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "updates" ADD COLUMN "hidden_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "outbox" ADD COLUMN "unsubscribe" text;--> statement-breakpoint
ALTER TABLE "people" ADD COLUMN "image" text;--> statement-breakpoint
ALTER TABLE "people" ADD COLUMN "deleted_at" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "access_tokens" ADD CONSTRAINT "access_tokens_person_id_accounts_person_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."accounts"("person_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "activities" ADD CONSTRAINT "activities_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "blocks" ADD CONSTRAINT "blocks_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "blocks" ADD CONSTRAINT "blocks_blocked_id_people_id_fk" FOREIGN KEY ("blocked_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_member_id_people_id_fk" FOREIGN KEY ("member_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "conversations" ADD CONSTRAINT "conversations_creator_id_people_id_fk" FOREIGN KEY ("creator_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "follows" ADD CONSTRAINT "follows_creator_id_people_id_fk" FOREIGN KEY ("creator_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "follows" ADD CONSTRAINT "follows_follower_id_people_id_fk" FOREIGN KEY ("follower_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_author_id_people_id_fk" FOREIGN KEY ("author_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "messages" ADD CONSTRAINT "messages_conversation" FOREIGN KEY ("project_id","member_id") REFERENCES "public"."conversations"("project_id","member_id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "muted_topics" ADD CONSTRAINT "muted_topics_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "image_files" ADD CONSTRAINT "image_files_hash_images_hash_fk" FOREIGN KEY ("hash") REFERENCES "public"."images"("hash") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "images" ADD CONSTRAINT "images_uploader_id_people_id_fk" FOREIGN KEY ("uploader_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "collaborators" ADD CONSTRAINT "collaborators_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "collaborators" ADD CONSTRAINT "collaborators_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "drafts" ADD CONSTRAINT "drafts_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "project_transitions" ADD CONSTRAINT "project_transitions_actor_id_people_id_fk" FOREIGN KEY ("actor_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "project_visits" ADD CONSTRAINT "project_visits_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "update_drafts" ADD CONSTRAINT "update_drafts_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "update_drafts" ADD CONSTRAINT "update_drafts_author_id_people_id_fk" FOREIGN KEY ("author_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "audit_log" ADD CONSTRAINT "audit_log_staff_id_people_id_fk" FOREIGN KEY ("staff_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reports" ADD CONSTRAINT "reports_reporter_id_people_id_fk" FOREIGN KEY ("reporter_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "reports" ADD CONSTRAINT "reports_resolved_by_people_id_fk" FOREIGN KEY ("resolved_by") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "restrictions" ADD CONSTRAINT "restrictions_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "restrictions" ADD CONSTRAINT "restrictions_staff_id_people_id_fk" FOREIGN KEY ("staff_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "access_tokens_by_person" ON "access_tokens" USING btree ("person_id","id");--> statement-breakpoint
CREATE INDEX "activities_age" ON "activities" USING btree ("created_at");--> statement-breakpoint
CREATE INDEX "conversations_by_member" ON "conversations" USING btree ("member_id","last_at");--> statement-breakpoint
CREATE INDEX "conversations_by_creator" ON "conversations" USING btree ("creator_id","last_at");--> statement-breakpoint
CREATE INDEX "conversations_by_project" ON "conversations" USING btree ("project_id","last_at");--> statement-breakpoint
CREATE INDEX "events_due" ON "events" USING btree ("due_at") WHERE told_at is null;--> statement-breakpoint
CREATE INDEX "events_told" ON "events" USING btree ("told_at") WHERE told_at is not null;--> statement-breakpoint
CREATE INDEX "follows_by_follower" ON "follows" USING btree ("follower_id","created_at");--> statement-breakpoint
CREATE INDEX "collaborators_by_person" ON "collaborators" USING btree ("person_id","project_id");--> statement-breakpoint
CREATE INDEX "drafts_launches" ON "drafts" USING btree ("launch_at") WHERE launch_at is not null;--> statement-breakpoint
CREATE INDEX "audit_log_by_project" ON "audit_log" USING btree ("about_project","id") WHERE about_project is not null;--> statement-breakpoint
CREATE INDEX "audit_log_by_person" ON "audit_log" USING btree ("about_person","id") WHERE about_person is not null;--> statement-breakpoint
CREATE INDEX "reports_open" ON "reports" USING btree ("id") WHERE resolved_at is null;--> statement-breakpoint
CREATE INDEX "reports_by_reporter" ON "reports" USING btree ("reporter_id","id");--> statement-breakpoint
CREATE INDEX "reports_by_thing" ON "reports" USING btree ("kind","about_project","subject","id");--> statement-breakpoint
ALTER TABLE "updates" ADD CONSTRAINT "updates_author_id_people_id_fk" FOREIGN KEY ("author_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "comments_by_author" ON "comments" USING btree ("author_id","project_id","id");--> statement-breakpoint
CREATE INDEX "comments_pinned" ON "comments" USING btree ("project_id","pinned_at") WHERE pinned_at is not null and parent_id is null and update_number is null;--> statement-breakpoint
ALTER TABLE "updates" ADD CONSTRAINT "updates_audience" CHECK ("updates"."audience" in ('everyone', 'backers'));--> statement-breakpoint
ALTER TABLE "projects" ADD CONSTRAINT "projects_goal" CHECK ("projects"."goal" > 0 or ("projects"."goal" = 0 and "projects"."status" = 'draft'));
--> statement-breakpoint
create function refuse_change() returns trigger language plpgsql as $$
begin
  raise exception '% is append-only', tg_table_name using errcode = 'integrity_constraint_violation';
end $$;
--> statement-breakpoint
create trigger audit_log_stays before update or delete or truncate on audit_log
  for each statement execute function refuse_change();
--> statement-breakpoint
create trigger project_transitions_stay before update or delete or truncate on project_transitions
  for each statement execute function refuse_change();
--> statement-breakpoint
comment on index access_tokens_by_person is 'settings: programs that act for a person';
--> statement-breakpoint
comment on index activities_age is 'daily: activities of three months ago are forgotten';
--> statement-breakpoint
comment on index conversations_by_member is 'messages: conversations of a member, the latest first';
--> statement-breakpoint
comment on index conversations_by_creator is 'messages: conversations of a creator, the latest first';
--> statement-breakpoint
comment on index conversations_by_project is 'messages: conversations about a project, for its collaborators';
--> statement-breakpoint
comment on index events_due is 'events: what is to be told next';
--> statement-breakpoint
comment on index events_told is 'hourly: events of a month ago are forgotten';
--> statement-breakpoint
comment on index follows_by_follower is 'person page: whom a person follows, the latest first';
--> statement-breakpoint
comment on index collaborators_by_person is 'making: projects a person helps with';
--> statement-breakpoint
comment on index drafts_launches is 'launches: those that are due, the oldest first';
--> statement-breakpoint
comment on index audit_log_by_project is 'staff: what was done about a project';
--> statement-breakpoint
comment on index audit_log_by_person is 'staff: what was done about a person';
--> statement-breakpoint
comment on index reports_open is 'staff: reports nobody has answered, the oldest first';
--> statement-breakpoint
comment on index reports_by_reporter is 'download: reports of a person';
--> statement-breakpoint
comment on index reports_by_thing is 'staff: reports about one thing, and about what a creator made';
--> statement-breakpoint
comment on index comments_by_author is 'download: comments of a person';
--> statement-breakpoint
comment on index comments_pinned is 'comments tab: pinned threads of a project';
