import { afterAll, afterEach, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { recordEvent } from '#db/events'
import type { EventKind } from '#db/schema/contact'
import { type TestApp, testApp } from '#testing/app'
import { type Member, signedIn } from '#testing/cast'
import { tell } from './writes/tell'

setDefaultTimeout(60_000)

const crowd = 3_000
const address = 'http://site.test'

let site: TestApp
let creator: Member
let fan: Member
let project: number
/** The number of the first of three thousand backers with accounts. */
let firstBacker: number

const sql = (strings: TemplateStringsArray, ...values: (string | number)[]) =>
  site.db.$client(strings, ...values)
const number = async (rows: Promise<Iterable<Record<string, unknown>>>) =>
  Number([...(await rows)][0]?.['n'])

beforeAll(async () => {
  site = await testApp()
  creator = await signedIn(site, 'Cre Ator')
  fan = await signedIn(site, 'Fan Atic')
  const [made] = await sql`
    insert into projects (creator_id, creator_name, status, title, description, category,
      subcategory, city, state, country, goal, launched_at, ends_at)
    select ${creator.id}, 'Cre Ator', 'live', 'A kite', 'It flies.', category, subcategory, city,
      state, country, 100000, now(), now() + interval '9 days' from projects limit 1
    returning id`
  project = Number(made?.['id'])
  const [backers] = await sql`
    with p as (
      insert into people (name) select 'Backer ' || n from generate_series(1, ${crowd}) n
      returning id, name
    ), a as (
      insert into accounts (person_id, email, password_hash)
      select id, replace(lower(name), ' ', '.') || '@crowd.test', 'none' from p
    ), b as (
      insert into pledges (project_id, backer_id, amount, backed_before, city, country)
      select ${project}, id, 500, false, '', '' from p
    )
    select min(id) as first from p`
  firstBacker = Number(backers?.['first'])
})
afterAll(() => site.close(), 60_000)

afterEach(async () => {
  await sql`delete from activities`
  await sql`delete from events`
  await sql`delete from outbox`
  await sql`delete from muted_topics`
  await sql`delete from blocks`
  await sql`delete from follows`
})

async function happens(
  kind: EventKind,
  more: { subject?: number; actorId?: number; recipientId?: number; reason?: string } = {},
) {
  await recordEvent(site.db, { kind, aboutProject: project, ...more })
}

async function tellAll() {
  while (await tell(site.db, address));
}

const told = async () => {
  const rows = await sql`
    select p.name from activities a join people p on p.id = a.person_id order by p.name`
  return rows.map((row) => row['name'])
}
const mails = async () =>
  await sql`select recipient, subject, text, html, unsubscribe, event
  from outbox order by recipient`

async function updateOf(audience: 'everyone' | 'backers', number: number) {
  await sql`insert into updates (project_id, number, title, body, published_at, audience)
    values (${project}, ${number}, 'It flew', 'Higher than *ever*.', now(), ${audience})
    on conflict do nothing`
  await happens('update_published', { subject: number, actorId: creator.id })
}

/** Everybody once: on the activity page and by mail. */
async function expectEverybodyOnce(people: number) {
  expect(await number(sql`select count(*) as n from activities`)).toBe(people)
  expect(await number(sql`select count(*) as n from outbox`)).toBe(people)
  expect(await number(sql`select count(distinct recipient) as n from outbox`)).toBe(people)
  expect(await number(sql`select count(*) as n from events where told_at is null`)).toBe(0)
}

test('three thousand backers are told once, in batches, by two jobs at once', async () => {
  await updateOf('everyone', 1)
  let batches = 0
  const job = async () => {
    for (let idle = 0; idle < 3; ) {
      if (await tell(site.db, address)) batches += 1
      else {
        idle += 1
        await Bun.sleep(20)
      }
    }
  }
  await Promise.all([job(), job()])
  await expectEverybodyOnce(crowd)
  // The last one finds nobody more.
  expect(batches).toBe(4)
  await tellAll()
  await expectEverybodyOnce(crowd)
})

test('what breaks in the middle of a batch is undone, and goes on after the last whole one', async () => {
  await updateOf('everyone', 1)
  const fragile = firstBacker + 1_500
  await site.db.$client.unsafe(`
    create function break_down() returns trigger language plpgsql as
      $$ begin raise exception 'the power is gone'; end $$;
    create trigger breaks before insert on outbox for each row
      when (new.recipient = 'backer.1501@crowd.test') execute function break_down()`)
  expect(await tell(site.db, address)).toBe(true)
  expect(await number(sql`select count(*) as n from activities`)).toBe(1_000)
  await expect(tell(site.db, address)).rejects.toThrow()
  expect(await number(sql`select count(*) as n from activities`)).toBe(1_000)
  expect(await number(sql`select count(*) as n from outbox`)).toBe(1_000)
  expect(
    await number(sql`select count(*) as n from activities where person_id >= ${fragile}`),
  ).toBe(0)
  // It waits, so that others are told meanwhile.
  await happens('person_followed', { actorId: creator.id, recipientId: fan.id })
  expect(await tell(site.db, address)).toBe(true)
  expect(await tell(site.db, address)).toBe(false)
  await site.db.$client.unsafe(`drop trigger breaks on outbox; drop function break_down()`)
  await sql`update events set due_at = now() where told_at is null`
  await tellAll()
  await expectEverybodyOnce(crowd + 1)
})

test('an update for backers is told to backers alone, another to savers and followers too', async () => {
  await sql`insert into saves (project_id, person_id) values (${project}, ${fan.id})`
  const follower = await signedIn(site, 'Fol Lower')
  await sql`insert into follows values (${creator.id}, ${follower.id}, now())`
  await sql`update pledges set status = 'canceled'
    where project_id = ${project} and backer_id > ${firstBacker + 1}`
  await updateOf('backers', 2)
  await tellAll()
  expect(await told()).toEqual(['Backer 1', 'Backer 2'])
  await updateOf('everyone', 3)
  await tellAll()
  expect(await told()).toEqual([
    ...['Backer 1', 'Backer 1', 'Backer 2', 'Backer 2', 'Fan Atic', 'Fol Lower'],
  ])
  await sql`delete from saves where person_id = ${fan.id}`
})

test('nobody hears of an update that was taken down before', async () => {
  await updateOf('everyone', 4)
  await sql`update updates set hidden_at = now() where project_id = ${project} and number = 4`
  await tellAll()
  expect(await told()).toEqual([])
})

test('a comment goes to the makers and to whom it answers, and not to its author', async () => {
  const helper = await signedIn(site, 'Hel Per')
  const other = await signedIn(site, 'Num Bers')
  await sql`insert into collaborators (project_id, person_id, permissions, accepted_at) values
    (${project}, ${helper.id}, '{community}', now()),
    (${project}, ${other.id}, '{numbers}', now())`
  const [thread] = await sql`insert into comments (project_id, author_id, body)
    values (${project}, ${fan.id}, 'How high?') returning id`
  await happens('comment_posted', { subject: Number(thread?.['id']), actorId: fan.id })
  await tellAll()
  expect(await told()).toEqual(['Cre Ator', 'Hel Per'])
  const [answer] = await sql`
    insert into comments (project_id, author_id, parent_id, body)
    values (${project}, ${helper.id}, ${Number(thread?.['id'])}, 'Very 🪁') returning id`
  await sql`delete from outbox`
  await happens('comment_posted', { subject: Number(answer?.['id']), actorId: helper.id })
  await tellAll()
  const sent = await mails()
  expect(sent.map(({ recipient, subject }) => [recipient, subject])).toEqual([
    ['cre.ator@example.test', 'Hel Per commented on “A kite”'],
    ['fan.atic@example.test', 'Hel Per answered your comment on “A kite”'],
  ])
  expect(sent[1]?.['text']).toContain('“Very 🪁”')
  expect(sent[1]?.['unsubscribe']).toContain('topic=replies')
  expect(sent[0]?.['unsubscribe']).toContain('topic=comments')
})

test('what is muted is not mailed, and stands on the page all the same', async () => {
  await sql`insert into follows values (${creator.id}, ${fan.id}, now())`
  await sql`insert into muted_topics values (${fan.id}, 'launches')`
  await happens('project_launched', { actorId: creator.id })
  await tellAll()
  expect(await told()).toEqual(['Fan Atic'])
  expect(await mails()).toHaveLength(0)
})

test.each([
  ['the reader', () => [fan.id, creator.id]],
  ['whoever did it', () => [creator.id, fan.id]],
] as const)('%s has blocked the other: nothing is told', async (_, pair) => {
  const [person = 0, blocked = 0] = pair()
  await sql`insert into follows values (${creator.id}, ${fan.id}, now())`
  await sql`insert into blocks values (${person}, ${blocked}, now())`
  await happens('project_launched', { actorId: creator.id })
  await happens('person_followed', { actorId: creator.id, recipientId: fan.id })
  await tellAll()
  expect(await told()).toEqual([])
  // What staff does is told whoever has blocked whom.
  await happens('project_approved', { actorId: fan.id, recipientId: creator.id })
  await tellAll()
  expect(await told()).toEqual(['Cre Ator'])
})

test('what is about one’s own project or account is mailed always, and cannot be ended', async () => {
  const staff = await signedIn(site, 'Sta Ff', 'staff')
  await happens('project_sent_back', { actorId: staff.id, reason: 'A goal, please.' })
  await tellAll()
  const [mail] = (await mails()).filter(({ recipient }) => recipient === 'cre.ator@example.test')
  expect(mail).toMatchObject({
    unsubscribe: null,
    subject: 'A kite needs some work before it can launch',
  })
  expect(mail?.['text']).toContain('A goal, please.')
  expect(mail?.['text']).not.toContain('unsubscribe')
})

test('whoever has no account is left out, and every kind can be told', async () => {
  const [nobody] = await sql`insert into people (name) values ('No Account') returning id`
  await sql`insert into saves (project_id, person_id) values (${project}, ${Number(nobody?.['id'])})`
  const kinds: EventKind[] = [
    ...(['project_launched', 'project_canceled', 'project_successful', 'project_failed'] as const),
    ...(['project_approved', 'project_sent_back', 'project_rejected'] as const),
    ...(['project_suspended', 'update_hidden', 'comment_hidden', 'message_sent'] as const),
    ...(['person_followed', 'person_restricted', 'collaborator_invited'] as const),
  ]
  for (const kind of kinds) {
    await happens(kind, { recipientId: creator.id, actorId: fan.id, subject: 999, reason: 'So.' })
  }
  await tellAll()
  expect(await number(sql`select count(*) as n from events where told_at is null`)).toBe(0)
  expect(await told()).not.toContain('No Account')
  const own = await sql`select kind from activities where person_id = ${creator.id}`
  expect(own.map(({ kind }) => kind).toSorted()).toEqual(
    kinds.filter((kind) => kind !== 'project_launched').toSorted(),
  )
  const page = await (await creator.get('/activity')).text()
  expect(page).toContain('Our staff')
  await sql`delete from saves where person_id = ${Number(nobody?.['id'])}`
})
