CREATE TABLE "addresses" (
	"person_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "addresses_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"name" text NOT NULL,
	"line1" text NOT NULL,
	"line2" text DEFAULT '' NOT NULL,
	"city" text NOT NULL,
	"state" text DEFAULT '' NOT NULL,
	"postcode" text DEFAULT '' NOT NULL,
	"country" text NOT NULL,
	"phone" text DEFAULT '' NOT NULL,
	"is_default" boolean DEFAULT false NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "addresses_person_id_id_pk" PRIMARY KEY("person_id","id")
);
--> statement-breakpoint
CREATE TABLE "fulfilments" (
	"project_id" bigint NOT NULL,
	"pledge_id" bigint NOT NULL,
	"answers" jsonb DEFAULT '{}'::jsonb NOT NULL,
	"address" jsonb,
	"answered_at" timestamp with time zone,
	"status" text DEFAULT 'none' NOT NULL,
	"tracking" text DEFAULT '' NOT NULL,
	"changed_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "fulfilments_project_id_pledge_id_pk" PRIMARY KEY("project_id","pledge_id"),
	CONSTRAINT "fulfilments_status" CHECK ("fulfilments"."status" in ('none', 'preparing', 'sent', 'received'))
);
--> statement-breakpoint
CREATE TABLE "surveys" (
	"project_id" bigint PRIMARY KEY NOT NULL,
	"questions" jsonb NOT NULL,
	"wants_address" boolean DEFAULT true NOT NULL,
	"sent_at" timestamp with time zone,
	"locked_at" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "webhook_deliveries" (
	"project_id" bigint NOT NULL,
	"webhook_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "webhook_deliveries_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"body" text NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"due_at" timestamp with time zone DEFAULT now(),
	"attempts" smallint DEFAULT 0 NOT NULL,
	"tried_at" timestamp with time zone,
	"response_status" smallint,
	"answer" text,
	"last_error" text,
	"delivered_at" timestamp with time zone,
	CONSTRAINT "webhook_deliveries_project_id_webhook_id_id_pk" PRIMARY KEY("project_id","webhook_id","id")
);
--> statement-breakpoint
CREATE TABLE "webhooks" (
	"project_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "webhooks_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"url" text NOT NULL,
	"secret" text NOT NULL,
	"kinds" text[] NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"disabled_at" timestamp with time zone,
	"ledger_number" bigint DEFAULT 0 NOT NULL,
	"failing_since" timestamp with time zone,
	"leased_until" timestamp with time zone,
	CONSTRAINT "webhooks_project_id_id_pk" PRIMARY KEY("project_id","id")
);
--> statement-breakpoint
CREATE TABLE "cards" (
	"person_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "cards_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"provider" text NOT NULL,
	"customer_ref" text NOT NULL,
	"method_ref" text NOT NULL,
	"brand" text NOT NULL,
	"last_four" text NOT NULL,
	"expiry_month" smallint NOT NULL,
	"expiry_year" smallint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"chosen_at" timestamp with time zone DEFAULT now() NOT NULL,
	"removed_at" timestamp with time zone,
	CONSTRAINT "cards_person_id_id_pk" PRIMARY KEY("person_id","id")
);
--> statement-breakpoint
CREATE TABLE "charges" (
	"project_id" bigint NOT NULL,
	"pledge_id" bigint NOT NULL,
	"attempt" smallint NOT NULL,
	"provider" text NOT NULL,
	"amount" bigint NOT NULL,
	"status" text DEFAULT 'intended' NOT NULL,
	"provider_ref" text,
	"decline_code" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	CONSTRAINT "charges_project_id_pledge_id_attempt_pk" PRIMARY KEY("project_id","pledge_id","attempt"),
	CONSTRAINT "charges_status" CHECK ("charges"."status" in ('intended', 'succeeded', 'declined', 'needs_action'))
);
--> statement-breakpoint
CREATE TABLE "disputes" (
	"project_id" bigint NOT NULL,
	"pledge_id" bigint NOT NULL,
	"provider_ref" text NOT NULL,
	"amount" bigint NOT NULL,
	"reason" text DEFAULT '' NOT NULL,
	"status" text DEFAULT 'open' NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"closed_at" timestamp with time zone,
	CONSTRAINT "disputes_project_id_pledge_id_provider_ref_pk" PRIMARY KEY("project_id","pledge_id","provider_ref"),
	CONSTRAINT "disputes_status" CHECK ("disputes"."status" in ('open', 'won', 'lost'))
);
--> statement-breakpoint
CREATE TABLE "payouts" (
	"project_id" bigint NOT NULL,
	"number" smallint NOT NULL,
	"collected" bigint NOT NULL,
	"platform_fees" bigint NOT NULL,
	"processing_fees" bigint NOT NULL,
	"refunded" bigint NOT NULL,
	"disputed" bigint NOT NULL,
	"amount" bigint NOT NULL,
	"status" text DEFAULT 'intended' NOT NULL,
	"provider_ref" text,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"paid_at" timestamp with time zone,
	CONSTRAINT "payouts_project_id_number_pk" PRIMARY KEY("project_id","number"),
	CONSTRAINT "payouts_status" CHECK ("payouts"."status" in ('intended', 'paid', 'failed'))
);
--> statement-breakpoint
CREATE TABLE "provider_events" (
	"provider" text NOT NULL,
	"event_ref" text NOT NULL,
	"kind" text NOT NULL,
	"received_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "provider_events_provider_event_ref_pk" PRIMARY KEY("provider","event_ref")
);
--> statement-breakpoint
CREATE TABLE "refunds" (
	"project_id" bigint NOT NULL,
	"pledge_id" bigint NOT NULL,
	"number" smallint NOT NULL,
	"amount" bigint NOT NULL,
	"reason" text NOT NULL,
	"status" text DEFAULT 'intended' NOT NULL,
	"provider_ref" text,
	"actor_id" bigint NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	CONSTRAINT "refunds_project_id_pledge_id_number_pk" PRIMARY KEY("project_id","pledge_id","number"),
	CONSTRAINT "refunds_amount" CHECK ("refunds"."amount" > 0),
	CONSTRAINT "refunds_status" CHECK ("refunds"."status" in ('intended', 'succeeded', 'failed'))
);
--> statement-breakpoint
CREATE TABLE "settlements" (
	"project_id" bigint PRIMARY KEY NOT NULL,
	"due_at" timestamp with time zone,
	"leased_until" timestamp with time zone,
	"settled_at" timestamp with time zone NOT NULL,
	"retries_end_at" timestamp with time zone,
	"reminded_at" timestamp with time zone,
	"payout_due_at" timestamp with time zone,
	"closed_at" timestamp with time zone,
	"late_until" timestamp with time zone
);
--> statement-breakpoint
CREATE TABLE "test_gateway" (
	"ref" text PRIMARY KEY NOT NULL,
	"request_key" text,
	"kind" text NOT NULL,
	"data" jsonb NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	CONSTRAINT "test_gateway_request" UNIQUE("request_key")
);
--> statement-breakpoint
ALTER TABLE "addresses" ADD CONSTRAINT "addresses_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "fulfilments" ADD CONSTRAINT "fulfilments_pledge" FOREIGN KEY ("project_id","pledge_id") REFERENCES "public"."pledges"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "surveys" ADD CONSTRAINT "surveys_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhook_deliveries" ADD CONSTRAINT "webhook_deliveries_webhook" FOREIGN KEY ("project_id","webhook_id") REFERENCES "public"."webhooks"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "webhooks" ADD CONSTRAINT "webhooks_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "cards" ADD CONSTRAINT "cards_person_id_people_id_fk" FOREIGN KEY ("person_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "charges" ADD CONSTRAINT "charges_pledge" FOREIGN KEY ("project_id","pledge_id") REFERENCES "public"."pledges"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "disputes" ADD CONSTRAINT "disputes_pledge" FOREIGN KEY ("project_id","pledge_id") REFERENCES "public"."pledges"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "payouts" ADD CONSTRAINT "payouts_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_actor_id_people_id_fk" FOREIGN KEY ("actor_id") REFERENCES "public"."people"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "refunds" ADD CONSTRAINT "refunds_pledge" FOREIGN KEY ("project_id","pledge_id") REFERENCES "public"."pledges"("project_id","id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
ALTER TABLE "settlements" ADD CONSTRAINT "settlements_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "webhook_deliveries_due" ON "webhook_deliveries" USING btree ("project_id","webhook_id","due_at") WHERE due_at is not null;--> statement-breakpoint
CREATE INDEX "webhook_deliveries_age" ON "webhook_deliveries" USING brin ("created_at");--> statement-breakpoint
CREATE INDEX "charges_unfinished" ON "charges" USING btree ("created_at") WHERE status = 'intended';--> statement-breakpoint
CREATE INDEX "charges_by_provider" ON "charges" USING btree ("provider_ref") WHERE provider_ref is not null;--> statement-breakpoint
CREATE INDEX "provider_events_age" ON "provider_events" USING btree ("received_at");--> statement-breakpoint
CREATE INDEX "test_gateway_events" ON "test_gateway" USING btree ("created_at") WHERE kind = 'event';--> statement-breakpoint
CREATE INDEX "refunds_unfinished" ON "refunds" USING btree ("created_at") WHERE status = 'intended';--> statement-breakpoint
CREATE INDEX "settlements_due" ON "settlements" USING btree ("due_at") WHERE due_at is not null;
--> statement-breakpoint
comment on index charges_unfinished is 'sweeper: charges that a crash has left';
--> statement-breakpoint
comment on index charges_by_provider is 'webhook: the charge a provider tells of';
--> statement-breakpoint
comment on index refunds_unfinished is 'sweeper: refunds that a crash has left';
--> statement-breakpoint
comment on index settlements_due is 'settlement: what is to be done next';
--> statement-breakpoint
comment on index provider_events_age is 'daily: what providers told long ago is forgotten';
--> statement-breakpoint
comment on index test_gateway_events is 'test gateway: what is to be told next';
--> statement-breakpoint
comment on index webhook_deliveries_due is 'webhooks: what is to be delivered to one next';
--> statement-breakpoint
comment on index webhook_deliveries_age is 'hourly: deliveries of long ago are forgotten';
--> statement-breakpoint

-- What has happened goes to the webhooks of its project in the same transaction. They are held, so that
-- none of them is removed meanwhile.
create function queue_event_webhooks() returns trigger language plpgsql as $$
begin
  insert into webhook_deliveries (project_id, webhook_id, kind, body)
    select w.project_id, w.id, named.kind, jsonb_build_object(
        'type', named.kind,
        'timestamp', to_char(e.created_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"'),
        'data', jsonb_strip_nulls(jsonb_build_object(
          'project_id', p.id, 'project_title', p.title, 'project_status', p.status,
          'update_number', case when e.kind like 'update%' then e.subject end,
          'comment_id', case when e.kind like 'comment%' then e.subject end)))::text
      from added e
        cross join lateral (select regexp_replace(e.kind, '_', '.') as kind) named
        join webhooks w on w.project_id = e.about_project and w.disabled_at is null
          and named.kind = any(w.kinds)
        join projects p on p.id = w.project_id
      for key share of w;
  return null;
end $$;
--> statement-breakpoint
create trigger events_to_webhooks after insert on events referencing new table as added
  for each statement execute function queue_event_webhooks();
