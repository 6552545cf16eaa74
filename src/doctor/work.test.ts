import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { makeCampaign, pledgeWith } from '#testing/campaign'
import { type TestDatabase, testDatabase } from '#testing/database'
import { diagnose, expectOnly, findingsOf, type Symptom } from '#testing/diagnosis'
import { freePort } from '#testing/start-tiny-server'

setDefaultTimeout(60_000)

let database: TestDatabase
let sql: TestDatabase['db']['$client']
let project: number
let settings: Record<string, string>

beforeAll(async () => {
  database = await testDatabase()
  sql = database.db.$client
  const [role] = await sql`select current_user as name`
  // What the tests of this run do without, for the sake of speed.
  await sql.unsafe(
    `alter role ${role?.['name']} in database ${await name()} set synchronous_commit = on`,
  )
  project = await makeCampaign(sql)
  await pledgeWith(sql, project, [{ amount: 4_200, card: 'pays' }])
  const port = String(freePort())
  settings = {
    ...{ DATABASE_URL: database.url, PORT: port, BASE_URL: `http://localhost:${port}` },
    JUMPSTARTER_WORKERS: '2',
  }
})

afterAll(() => database.close())

const name = async () => {
  const [row] = await sql`select current_database() as name`
  return row?.['name']
}

const mail = (attempts: number) => sql`
  insert into outbox
      (event, recipient, subject, text, html, created_at, due_at, attempts, last_error)
    values ('an event', 'ada@example.test', 'Hello', '', '', now() - interval '3 hours', now(),
      ${attempts}, ${'550 not\r\nhere'})`

interface Fault {
  name: string
  settings?: Record<string, string>
  break(): Promise<unknown>
  mend(): Promise<unknown>
  symptom: Symptom
}

const problem = { gravity: 'problem' } as const
const warning = { gravity: 'warning' } as const

const faults: Fault[] = [
  {
    name: 'mail that nobody takes',
    settings: {},
    break: () => mail(3),
    mend: () => sql`delete from outbox`,
    symptom: {
      ...{ check: 'outbox', ...warning, cause: '1 mail not sent, the oldest written 3 hours ago' },
      remedy: 'Set SMTP_URL',
    },
  },
  {
    name: 'mail that was given up',
    break: () => mail(8),
    mend: () => sql`delete from outbox`,
    symptom: {
      ...{ check: 'outbox', ...warning, cause: 'the last refused with “550 not here”' },
      remedy: 'set attempts = 0',
    },
  },
  {
    name: 'a project past its deadline',
    break: () =>
      sql`update projects set ends_at = now() - interval '20 minutes' where id = ${project}`,
    mend: () => sql`update projects set ends_at = now() + interval '1 hour' where id = ${project}`,
    symptom: {
      ...{ check: 'deadlines', ...problem },
      cause: /1 project past the deadline and not ended, project \d+ for 20 minutes/,
      remedy: 'jumpstarter settle',
    },
  },
  {
    name: 'a settlement nobody goes on with',
    break: () => sql`
      insert into settlements (project_id, due_at, leased_until, settled_at)
        values (${project}, now() - interval '3 days', now() - interval '2 days', now())`,
    mend: () => sql`delete from settlements`,
    symptom: {
      ...{ check: 'deadlines', ...problem, cause: /1 settlement that nobody .* for 3 days/ },
      remedy: 'in the log',
    },
  },
  {
    name: 'a charge without an answer',
    break: () => sql`
      insert into charges (project_id, pledge_id, attempt, provider, amount, created_at)
        select project_id, id, 1, 'test', amount, now() - interval '1 hour'
          from pledges where project_id = ${project}`,
    mend: () => sql`delete from charges`,
    symptom: {
      ...{ check: 'deadlines', ...warning, cause: '1 payment that the provider was asked for' },
      remedy: 'jumpstarter settle',
    },
  },
  {
    name: 'accounts that do not agree',
    break: () => sql`
      update ledger_balances set credits = credits + 1
        where project_id = ${project} and account = 'promised'`,
    mend: () => sql`
      update ledger_balances set credits = credits - 1
        where project_id = ${project} and account = 'promised'`,
    symptom: {
      ...{ check: 'books', ...problem, cause: /accounts of project \d+ do not come to nothing/ },
      remedy: 'jumpstarter verify',
    },
  },
  {
    name: 'books whose last line is gone',
    break: () => sql`update ledger_heads set number = number + 1 where project_id = ${project}`,
    mend: () => sql`update ledger_heads set number = number - 1 where project_id = ${project}`,
    symptom: {
      ...{ check: 'books', ...problem, cause: /last line in the books of project \d+/ },
      remedy: 'jumpstarter verify',
    },
  },
]

describe.each(faults)('$name', (fault) => {
  test('is named, with what to do', async () => {
    await fault.break()
    try {
      expectOnly(await diagnose({ ...settings, ...fault.settings }), fault.symptom)
    } finally {
      await fault.mend()
    }
  })
})

test('a site whose work is done has nothing to be found', async () => {
  const report = await diagnose(settings)
  expect(findingsOf(report)).toEqual([])
  expect(report.checks.filter(({ status }) => status === 'ok').length).toBeGreaterThan(12)
})
