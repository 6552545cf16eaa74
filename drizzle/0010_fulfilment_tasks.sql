CREATE TABLE "fulfilment_tasks" (
	"project_id" bigint NOT NULL,
	"id" bigint GENERATED ALWAYS AS IDENTITY (sequence name "fulfilment_tasks_id_seq" INCREMENT BY 1 MINVALUE 1 MAXVALUE 9223372036854775807 START WITH 1 CACHE 1),
	"kind" text NOT NULL,
	"mark" jsonb,
	"reached" bigint DEFAULT 0 NOT NULL,
	"walked" integer DEFAULT 0 NOT NULL,
	"done" integer DEFAULT 0 NOT NULL,
	"created_at" timestamp with time zone DEFAULT now() NOT NULL,
	"stepped_at" timestamp with time zone DEFAULT now() NOT NULL,
	"finished_at" timestamp with time zone,
	CONSTRAINT "fulfilment_tasks_project_id_id_pk" PRIMARY KEY("project_id","id"),
	CONSTRAINT "fulfilment_tasks_kind" CHECK ("fulfilment_tasks"."kind" in ('mark', 'survey'))
);
--> statement-breakpoint
ALTER TABLE "webhooks" ADD COLUMN "old_secret" text;--> statement-breakpoint
ALTER TABLE "webhooks" ADD COLUMN "old_secret_until" timestamp with time zone;--> statement-breakpoint
ALTER TABLE "fulfilment_tasks" ADD CONSTRAINT "fulfilment_tasks_project_id_projects_id_fk" FOREIGN KEY ("project_id") REFERENCES "public"."projects"("id") ON DELETE no action ON UPDATE no action;--> statement-breakpoint
CREATE INDEX "fulfilment_tasks_open" ON "fulfilment_tasks" USING btree ("stepped_at") WHERE finished_at is null;--> statement-breakpoint
comment on index fulfilment_tasks_open is 'fulfilment: which task has its next step';
