import { expect, test } from 'bun:test'
import { migrations } from '#db/migrations'
import { judgeMigration } from './migration-rules'

// Those before were made when a site was stopped to be upgraded, and no older program than the one
// that carries them all has ever been released.
const firstJudged = '0012'

test('no migration stops a site, and none that comes before breaks the older program', () => {
  const judged = migrations.filter(({ tag }) => tag >= firstJudged)
  expect(judged.flatMap(judgeMigration)).toEqual([])
})

/** May stand in both, in those that come after, or in none. */
const statements: [where: 'both' | 'post' | 'none', sql: string][] = [
  ['both', 'ALTER TABLE "people" ADD COLUMN "motto" text;'],
  ['both', `ALTER TABLE "people" ADD COLUMN "motto" text DEFAULT '' NOT NULL;`],
  ['both', 'ALTER TABLE people ALTER COLUMN motto DROP NOT NULL, DROP CONSTRAINT people_motto'],
  ['both', `ALTER TABLE people ADD CONSTRAINT people_motto CHECK (motto <> '') NOT VALID`],
  ['both', 'ALTER TABLE people VALIDATE CONSTRAINT people_motto'],
  ['both', 'ALTER TABLE people ADD CONSTRAINT people_motto UNIQUE USING INDEX people_by_motto'],
  [
    'both',
    `CREATE INDEX CONCURRENTLY "people_by_motto" ON "people" USING btree ("motto");
     comment on index people_by_motto is 'person: drop table, delete; all the same';`,
  ],
  [
    'both',
    `CREATE TABLE "mottos" ("id" bigint NOT NULL, "text" text);
     ALTER TABLE "mottos" ADD CONSTRAINT m FOREIGN KEY ("id") REFERENCES "public"."people"("id");
     CREATE INDEX "mottos_by_text" ON "mottos" ("text");`,
  ],
  [
    'both',
    `-- drop table people;
     create or replace function f() returns trigger language plpgsql as $$
     begin delete from people; drop table people; return new; end $$;`,
  ],
  ['post', 'ALTER TABLE "people" DROP COLUMN "bio";'],
  ['post', 'ALTER TABLE people DROP bio'],
  ['post', 'ALTER TABLE "people" RENAME COLUMN "bio" TO "motto";'],
  ['post', 'ALTER TABLE people RENAME TO persons'],
  ['post', 'ALTER TABLE "people" ALTER COLUMN "image" SET NOT NULL;'],
  ['post', 'ALTER TABLE "people" ALTER COLUMN "bio" DROP DEFAULT;'],
  ['post', 'ALTER INDEX people_by_motto RENAME TO mottos'],
  ['post', 'DROP TABLE "saves" CASCADE;'],
  ['post', 'drop index people_by_motto'],
  ['post', 'drop trigger projects_keys on projects'],
  ['post', 'drop function f()'],
  ['post', "delete from people where bio = ''"],
  ['post', 'truncate saves'],
  ['none', 'ALTER TABLE "people" ADD COLUMN "motto" text NOT NULL;'],
  ['none', 'ALTER TABLE people ADD motto text, ADD born date NOT NULL'],
  ['none', 'ALTER TABLE "people" ADD COLUMN "key" uuid DEFAULT gen_random_uuid() NOT NULL;'],
  ['none', 'ALTER TABLE people ADD COLUMN n int GENERATED ALWAYS AS (length(bio)) STORED'],
  ['none', 'ALTER TABLE people ADD COLUMN motto text UNIQUE'],
  ['none', 'ALTER TABLE "people" ALTER COLUMN "bio" SET DATA TYPE varchar(9);'],
  ['none', `ALTER TABLE people ADD CONSTRAINT c CHECK (bio <> '')`],
  ['none', 'ALTER TABLE "saves" ADD CONSTRAINT s FOREIGN KEY ("x") REFERENCES "people"("id");'],
  ['none', 'ALTER TABLE "people" ADD CONSTRAINT "p" UNIQUE("bio");'],
  ['none', 'CREATE INDEX "people_by_bio" ON "people" USING btree ("bio");'],
  ['none', 'CREATE UNIQUE INDEX ON people (bio)'],
  ['none', 'lock table people'],
  [
    'none',
    'CREATE INDEX CONCURRENTLY "i" ON "people" ("bio"); ALTER TABLE people ADD COLUMN m text',
  ],
]

test.each(statements)('may stand in %s: %s', (where, sql) => {
  const isFine = (tag: string) => judgeMigration({ tag, sql }).length === 0
  expect(isFine('0099_x')).toBe(where === 'both')
  expect(isFine('0099_x.post')).toBe(where !== 'none')
})
