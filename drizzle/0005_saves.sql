ALTER TABLE "saves" ADD COLUMN "remind_at" timestamp with time zone;--> statement-breakpoint
CREATE INDEX "saves_by_person" ON "saves" USING btree ("person_id","project_id");--> statement-breakpoint
CREATE INDEX "saves_due" ON "saves" USING btree ("remind_at") WHERE remind_at is not null;
--> statement-breakpoint
comment on index saves_by_person is 'saved: saved projects of a person, newest first';
--> statement-breakpoint
comment on index saves_due is 'reminders: those that are due, the oldest first';
