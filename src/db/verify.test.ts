import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestDatabase, testDatabase } from '#testing/database'
import { type CheckResult, checksCount, verifyCounters } from './verify'

setDefaultTimeout(60_000)

let database: TestDatabase

beforeAll(async () => {
  database = await testDatabase()
})

afterAll(() => database.close())

async function results(): Promise<CheckResult[]> {
  return Array.fromAsync(verifyCounters(database.db))
}

const wrong = (all: CheckResult[]) => all.filter(({ count }) => count > 0)

test('the seed agrees with itself in every check', async () => {
  const all = await results()
  expect(all).toHaveLength(checksCount)
  expect(wrong(all)).toEqual([])
})

const projectCounter = (column: string) =>
  `update projects set ${column} = ${column} + 1 where id = 7 returning 'project 7' as subject`

/** One lie for each check; it returns whom it is about. Triggers are off: they would mend some. */
const corruptions: [check: string, sql: string][] = [
  // Suspended: a total of its own, and no outcome that it could contradict.
  [
    'pledged total of each project',
    `update projects set pledged = pledged + 1
      where id = (select min(id) from projects where status = 'suspended')
      returning 'project ' || id as subject`,
  ],
  ['backers of each project', projectCounter('backers_count')],
  ['updates of each project', projectCounter('updates_count')],
  ['comments of each project', projectCounter('comments_count')],
  ['FAQs of each project', projectCounter('faqs_count')],
  ['saves of each project', projectCounter('saves_count')],
  [
    'creator’s name on each project',
    `update projects set creator_name = 'Somebody Else' where id = 7 returning 'project 7' as subject`,
  ],
  [
    'backers of each reward',
    `update rewards set backers_count = backers_count + 1
      where (project_id, id) = (select project_id, id from rewards where quantity is null limit 1)
      returning 'reward ' || id || ' of project ' || project_id as subject`,
  ],
  [
    'likes of each update',
    `update updates set likes_count = likes_count - 1
      where (project_id, number) = (select project_id, number from updates limit 1)
      returning 'update ' || number || ' of project ' || project_id as subject`,
  ],
  [
    'comments of each update',
    `update updates set comments_count = comments_count + 1
      where (project_id, number) = (select project_id, number from updates limit 1)
      returning 'update ' || number || ' of project ' || project_id as subject`,
  ],
  [
    'replies of each comment',
    `update comments set replies_count = replies_count + 1
      where (project_id, id) = (select project_id, id from comments limit 1)
      returning 'comment ' || id || ' of project ' || project_id as subject`,
  ],
  [
    'listed projects of each person',
    `update people set projects_count = projects_count + 1 where id = 9 returning 'person 9' as subject`,
  ],
  [
    'named pledges of each person',
    `update people set pledges_count = pledges_count + 1 where id = 9 returning 'person 9' as subject`,
  ],
  [
    'projects of each category',
    `update categories set live_count = live_count + 1 where slug = 'games'
      returning 'category games' as subject`,
  ],
  [
    'projects of each place',
    `update places set projects_count = projects_count + 1 where city = 'Ithaca'
      returning 'place New York, Ithaca' as subject`,
  ],
  [
    'outcome of each project',
    `update projects set status = 'failed'
      where id = (select min(id) from projects where status = 'successful')
      returning 'project ' || id as subject`,
  ],
  [
    'backer of each pledge is not its creator',
    `update projects p set creator_id = b.backer_id, creator_name = c.name
      from (select id, project_id, backer_id from pledges order by id limit 1) b
      join people c on c.id = b.backer_id where p.id = b.project_id
      returning 'pledge ' || b.id || ' of project ' || p.id as subject`,
  ],
]

test('there is a corruption for each check', async () => {
  const names = (await results()).map(({ name }) => name)
  expect(corruptions.map(([check]) => check)).toEqual(names)
})

// A wrong creator also has a wrong number of projects, and so has the one before.
const alsoWrong: Record<string, string[]> = {
  'backer of each pledge is not its creator': ['listed projects of each person'],
}

test.each(corruptions)('a wrong %s is found and named', async (check, corrupt) => {
  const { $client } = database.db
  const undone = new Error('undone')
  const inside = $client.begin(async (tx) => {
    await tx`set local session_replication_role = replica`
    const [row] = await tx.unsafe(corrupt)
    const db = { $client: tx } as unknown as TestDatabase['db']
    const found = wrong(await Array.fromAsync(verifyCounters(db)))
    const result = found.find(({ name }) => name === check)
    expect(result?.first.map(({ subject }) => subject)).toEqual([row?.['subject']])
    expect(result?.first[0]?.stored).not.toEqual(result?.first[0]?.counted)
    expect(found.map(({ name }) => name).filter((name) => name !== check)).toEqual(
      alsoWrong[check] ?? [],
    )
    throw undone
  })
  await expect(inside).rejects.toBe(undone)
})
