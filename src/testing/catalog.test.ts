import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { migrate } from '#db/migrations'
import { emptyDatabase, type TestDatabase } from '#testing/database'
import { describeCatalog } from './catalog'

setDefaultTimeout(60_000)

let database: TestDatabase
let before: string[]

beforeAll(async () => {
  database = await emptyDatabase()
  await migrate(database.db)
  before = await describeCatalog(database.db)
})

afterAll(() => database.close())

test('two databases of the same migrations are equal, one line an object', async () => {
  const other = await emptyDatabase()
  try {
    await migrate(other.db)
    expect(await describeCatalog(other.db)).toEqual(before)
    expect(new Set(before).size).toBe(before.length)
    const kinds = ['table', 'column', 'constraint', 'index', 'trigger', 'function', 'sequence']
    for (const kind of [...kinds, 'comment', 'schema', 'extension']) {
      expect(before.filter((line) => line.startsWith(`${kind} `))).not.toEqual([])
    }
  } finally {
    await other.close()
  }
})

test('rows, statistics and the numbers of a sequence are no part of it', async () => {
  const { $client } = database.db
  await $client`insert into people (name) values ('Ada')`
  await $client.unsafe('analyze people')
  expect(await describeCatalog(database.db)).toEqual(before)
})

test('what is dropped between two columns leaves their places', async () => {
  const other = await emptyDatabase()
  try {
    await migrate(other.db)
    await other.db.$client`alter table faqs add column gone integer`
    await other.db.$client`alter table faqs drop column gone`
    await other.db.$client`alter table faqs add column note text`
    const added = (await describeCatalog(other.db)).filter((line) => !before.includes(line))
    expect(added).toEqual([expect.stringMatching(/^column public\.faqs\.note \| place 5 \|/)])
  } finally {
    await other.close()
  }
})

const swapped = (answer: number, question: number) => [
  new RegExp(`^column public\\.faqs\\.answer \\| place ${answer}`),
  new RegExp(`^column public\\.faqs\\.question \\| place ${question}`),
]
/** The constraints keep the names of the columns they were made for. */
const swappedNotNull = (first: string, second: string) => [
  new RegExp(`^constraint faqs_answer_not_null .* is NOT NULL ${first}`),
  new RegExp(`^constraint faqs_question_not_null .* is NOT NULL ${second}`),
]

/** A trigger follows the column it was made for. */
const triggerOn = (column: string) =>
  new RegExp(`^trigger faqs_image_uses .* UPDATE OF ${column} ON`)
const triggersOfFaqs = (state: 'D' | 'O') =>
  ['trigger faqs_image_uses', 'trigger of constraint faqs_', 'trigger of constraint faqs_'].map(
    (name) => new RegExp(`^${name}.* fires ${state}`),
  )

/** A change, and the lines that it takes away and brings. */
const changes: [what: string, sql: string, lost: RegExp[], won: RegExp[]][] = [
  [
    'a dropped comment',
    'comment on index projects_newest is null',
    [/^comment on index public\.projects_newest \| listing: discover/],
    [],
  ],
  [
    'a comment on a trigger',
    `comment on trigger projects_keys on projects is 'why'`,
    [],
    [/^comment on trigger projects_keys on public\.projects \| why/],
  ],
  [
    'a foreign key not valid',
    `alter table faqs drop constraint faqs_project_id_projects_id_fk;
     alter table faqs add constraint faqs_project_id_projects_id_fk foreign key (project_id)
       references projects (id) not valid`,
    [/^constraint faqs_project_id_projects_id_fk .* validated true/],
    [/^constraint faqs_project_id_projects_id_fk .* NOT VALID \| validated false/],
  ],
  [
    'a foreign key that waits for the commit',
    'alter table faqs alter constraint faqs_project_id_projects_id_fk deferrable',
    [/deferrable false/],
    [/deferrable true/],
  ],
  [
    'a renamed constraint',
    'alter table projects rename constraint projects_goal to projects_aim',
    [/^constraint projects_goal on public\.projects/],
    [/^constraint projects_aim on public\.projects/],
  ],
  [
    'a renamed not-null constraint',
    'alter table projects rename constraint projects_title_not_null to projects_titled',
    [/^constraint projects_title_not_null /],
    [/^constraint projects_titled /],
  ],
  [
    'a missing constraint',
    'alter table pledges drop constraint pledges_amount',
    [/^constraint pledges_amount /],
    [],
  ],
  [
    'another order of columns',
    'alter table faqs rename question to x; alter table faqs rename answer to question; alter table faqs rename x to answer',
    [...swapped(4, 3), ...swappedNotNull('answer', 'question'), triggerOn('answer')],
    [...swapped(3, 4), ...swappedNotNull('question', 'answer'), triggerOn('question')],
  ],
  [
    'a disabled trigger',
    'alter table projects disable trigger projects_keys',
    [/^trigger projects_keys on public\.projects .* fires O/],
    [/^trigger projects_keys on public\.projects .* fires D/],
  ],
  [
    'a foreign key whose triggers are off',
    'alter table faqs disable trigger all',
    triggersOfFaqs('O'),
    triggersOfFaqs('D'),
  ],
  [
    'another storage',
    'alter table stories alter column story set storage external',
    [/^column public\.stories\.story .* storage x/],
    [/^column public\.stories\.story .* storage e/],
  ],
  [
    'another compression',
    'alter table stories alter column story set compression pglz',
    [/^column public\.stories\.story /],
    [/^column public\.stories\.story .* compression p/],
  ],
  [
    'an option of a table',
    'alter table people set (fillfactor = 70)',
    [/^table public\.people /],
    [/^table public\.people .* options \{fillfactor=70\}/],
  ],
  [
    'autovacuum off for what is toasted',
    'alter table stories set (toast.autovacuum_enabled = off)',
    [/^table public\.stories /],
    [/^table public\.stories .* toast options \{autovacuum_enabled=off\}/],
  ],
  [
    'a table that is lost in a crash',
    'alter table update_likes set unlogged',
    [/^table public\.update_likes \| persistence p/],
    [/^table public\.update_likes \| persistence u/],
  ],
  ['a missing index', 'drop index comments_replies', [/^comment on index/, /^index /], []],
  [
    'an index on the other column order',
    'drop index pledges_by_backer; create unique index pledges_by_backer on pledges (project_id, backer_id)',
    [/^comment on index/, /^index .*\(backer_id, project_id\)/],
    [/^index .*\(project_id, backer_id\)/],
  ],
  [
    'a table clustered by an index',
    'alter table faqs cluster on faqs_project_id_position_pk',
    [/^index public\.faqs.* clustered false/],
    [/^index public\.faqs.* clustered true/],
  ],
  [
    'another replica identity',
    'alter table faqs replica identity full',
    [/^table public\.faqs .* replica identity d/],
    [/^table public\.faqs .* replica identity f/],
  ],
  [
    'a statistics target',
    'alter table projects alter column category set statistics 1000',
    [/^column public\.projects\.category /],
    [/^column public\.projects\.category .* statistics 1000/],
  ],
  [
    'a statistics target of an index expression',
    'alter index projects_newest alter column 1 set statistics 500',
    [/^index public\.projects_newest /],
    [/^index public\.projects_newest .* statistics 1 500/],
  ],
  [
    'extended statistics',
    'create statistics filed on category, subcategory from projects',
    [],
    [/^statistics filed on public\.projects \| is CREATE STATISTICS/],
  ],
  [
    'a default',
    'alter table projects alter column goal set default 1',
    [/^column public\.projects\.goal /],
    [/^column public\.projects\.goal .* default 1/],
  ],
  [
    'a generated column that is a plain one',
    'alter table projects alter column reach drop expression',
    [/^column public\.projects\.reach .* generated s\s+CASE/],
    [/^column public\.projects\.reach /],
  ],
  [
    'another way to make numbers',
    'alter table people alter column id set generated by default',
    [/^column public\.people\.id .* identity a/],
    [/^column public\.people\.id .* identity d/],
  ],
  [
    'a sequence in larger steps',
    'alter sequence people_id_seq cache 100',
    [/^sequence public\.people_id_seq .* cache 1 .* owned by public\.people\.id \(i\)/],
    [/^sequence public\.people_id_seq .* cache 100 /],
  ],
  [
    'a function that may not run in parallel',
    'alter function is_listed(text) parallel unsafe',
    [/^function public\.is_listed\(text\).* parallel s/s],
    [/^function public\.is_listed\(text\).* parallel u/s],
  ],
  [
    'another body',
    `create or replace function status_shelf(status text) returns integer
       language sql immutable parallel safe return 0`,
    [/^function public\.status_shelf\(text\).*'live'/s],
    [/^function public\.status_shelf\(text\)/],
  ],
  [
    'a grant',
    'grant select on people to public',
    [/^table public\.people .* grants owner=\S+$/],
    [/^table public\.people .* grants owner=\S+ public=SELECT$/],
  ],
  [
    'a grant on a column',
    'grant update (bio) on people to public',
    [/^column public\.people\.bio /],
    [/^column public\.people\.bio .* public=UPDATE/],
  ],
  [
    'row security',
    'alter table people enable row level security; create policy own on people using (id > 5)',
    [/^table public\.people .* row security falsefalse/],
    [/^policy own on public\.people .* using \(id > 5\)/, /^table .* row security truefalse/],
  ],
  [
    'a view',
    'create view names as select name from people',
    [],
    [/^column public\.names\.name /, /^view public\.names .*SELECT name/s],
  ],
  [
    'types',
    `create type mood as enum ('good', 'bad'); create domain cents as bigint check (value > 0)`,
    [],
    [/^constraint cents_check /, /^type public\.cents .* base bigint/, /^type .* 'good', 'bad'/],
  ],
]

test.each(changes)('%s is noticed, and nothing else', async (_, sql, lost, won) => {
  const other = await emptyDatabase()
  try {
    await migrate(other.db)
    await other.db.$client.unsafe(sql)
    const after = await describeCatalog(other.db)
    const are = (expected: RegExp[]) => expected.map((one) => expect.stringMatching(one))
    expect(before.filter((line) => !after.includes(line))).toEqual(are(lost))
    expect(after.filter((line) => !before.includes(line))).toEqual(are(won))
  } finally {
    await other.close()
  }
})
