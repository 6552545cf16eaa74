import {
  afterAll,
  beforeAll,
  beforeEach,
  describe,
  expect,
  setDefaultTimeout,
  test,
} from 'bun:test'
import { addressOf, type Backed, page, refused, sent, testBacked } from '#testing/backed'
import { chunkRowsMax } from './rules/backers'
import { stepTask } from './writes/steps'

setDefaultTimeout(60_000)

let backed: Backed
let site: Backed['site']
let cast: Backed['cast']
let ada: Backed['ada']
let bob: Backed['bob']
beforeAll(async () => {
  backed = await testBacked()
  ;({ site, cast, ada, bob } = backed)
})
afterAll(() => backed.site.close(), 30_000)
beforeEach(async () => {
  await backed.site.db.$client`delete from rate_limits`
})

const textIn = (html: string) => html.replace(/<!-- -->|<[^>]+>/g, '').replace(/\s+/g, ' ')

describe('the backer report', () => {
  test('has everybody, narrowed by every filter, and adds them up', async () => {
    const { project, reward, pledges } = await backed.survey()
    await site.db.$client`
      update pledges set ship_to = 'France' where project_id = ${project} and id = ${pledges.ada}`
    const address = await addressOf(ada)
    await sent(ada, `/projects/${project}/survey`, { address, 'answer-1': 'Red' })
    const backers = `/projects/${project}/backers`
    const all = await page(cast.owner, backers)
    expect(all).toContain('<strong>2 backers</strong> with $32')
    const narrowed = async (query: string) => {
      const html = await page(cast.owner, `${backers}?${query}`)
      return ['Ada Backer', 'Bob Backer'].filter((name) => html.includes(`>${name}</a>`))
    }
    expect(await narrowed(`reward=${reward}`)).toEqual(['Ada Backer'])
    expect(await narrowed('reward=none')).toEqual(['Bob Backer'])
    expect(await narrowed('status=errored')).toEqual([])
    expect(await narrowed('country=FRANCE')).toEqual(['Ada Backer'])
    expect(await narrowed('answered=no')).toEqual(['Bob Backer'])
    expect(await narrowed('answered=yes&fulfilment=none')).toEqual(['Ada Backer'])
    expect(await page(cast.owner, `${backers}?status=dropped`)).toContain(
      'Nobody fits all of this.',
    )
    expect((await cast.owner.get(`${backers}?status=rich`)).status).toBe(400)
    const csv = await page(cast.owner, `${backers}.csv?answered=yes`)
    expect(csv.trim().split('\r\n')).toHaveLength(2)
    expect(csv).toContain('Elm Street 1')
    expect(csv).toContain('Which colour?')
  })

  test('marks those who are ticked, or all whom the filter finds, but nobody twice', async () => {
    const { project, pledges } = await backed.fund()
    const backers = `/projects/${project}/backers`
    expect(
      await sent(cast.owner, backers, { mark: 'preparing', [`pledge-${pledges.ada}`]: 'on' }),
    ).toBe(`${backers}?marked=1`)
    expect(await page(cast.owner, `${backers}?fulfilment=preparing`)).toContain('1 backer</strong>')
    await sent(cast.owner, `${backers}/${pledges.ada}`, {
      status: 'sent',
      tracking: 'https://x.test/1',
    })
    expect(await page(ada, `/projects/${project}/survey`)).toContain('<a href="https://x.test/1"')
    await sent(ada, `/projects/${project}/received`)
    await sent(ada, `/projects/${project}/received`)
    // What has come stays so, whatever its makers say.
    await sent(cast.owner, backers, { mark: 'sent', all: 'on' })
    await sent(cast.owner, `${backers}/${pledges.ada}`, {
      status: 'sent',
      tracking: 'javascript:alert(1)',
    })
    expect(await page(cast.owner, `${backers}?fulfilment=received`)).toContain('>Ada Backer</a>')
    expect(await page(cast.owner, `${backers}?fulfilment=sent`)).toContain('>Bob Backer</a>')
    expect(await page(ada, `/projects/${project}/survey`)).not.toContain('href="javascript:')
    expect(await sent(cast.owner, backers, { mark: 'none', all: 'on', answered: 'yes' })).toBe(
      `${backers}?answered=yes&marked=0`,
    )
    expect(await refused(cast.owner, backers, {})).toContain('Please say what to mark them as.')
    const long = { status: 'lost', tracking: 'x'.repeat(201) }
    const html = await refused(cast.owner, `${backers}/${pledges.bob}`, long)
    expect(html).toContain('Please choose one of these.')
    expect(html).toContain('May have 200 characters at most.')
  })

  test('marks nobody who has not paid, nor anybody of another project', async () => {
    const unpaid = await backed.fund({ paid: false })
    const other = await backed.fund()
    const backers = `/projects/${unpaid.project}/backers`
    const ticked = { [`pledge-${unpaid.pledges.ada}`]: 'on', [`pledge-${other.pledges.ada}`]: 'on' }
    expect(await sent(cast.owner, backers, { mark: 'sent', ...ticked })).toContain('marked=0')
    expect(await page(cast.owner, `${backers}/${unpaid.pledges.ada}`)).toContain(
      'before the pledge',
    )
    const one = { status: 'sent', tracking: '' }
    expect((await cast.owner.post(`${backers}/${unpaid.pledges.ada}`, one)).status).toBe(409)
    expect((await cast.owner.post(`${backers}/${other.pledges.ada}`, one)).status).toBe(404)
    expect((await ada.post(`/projects/${unpaid.project}/received`, {})).status).toBe(409)
    expect((await cast.member.post(`/projects/${other.project}/received`, {})).status).toBe(404)
  })

  test('hides who is anonymous and where they live from whoever does not deliver', async () => {
    const { project, pledges } = await backed.survey()
    const address = await addressOf(ada)
    await sent(ada, `/projects/${project}/survey`, { address, 'answer-1': 'Red' })
    const counting = cast.helperWith('numbers')
    for (const reader of [counting, cast.staff]) {
      const html = await page(reader, `/projects/${project}/backers`)
      expect(html).toContain('Anonymous')
      expect(html).not.toContain('Ada Backer')
      const csv = await page(reader, `/projects/${project}/backers.csv`)
      expect(csv).toContain(`${pledges.ada},Anonymous,no,`)
      expect(csv).not.toMatch(/Elm Street|Which colour|Ada/)
    }
    expect((await counting.get(`/projects/${project}/backers/${pledges.ada}`)).status).toBe(403)
  })

  test('runs no formula in a spreadsheet', async () => {
    const { project } = await backed.fund()
    await sent(cast.owner, `/projects/${project}/survey/edit`, { 'question-1': '@SUM(A1)?' })
    await sent(cast.owner, `/projects/${project}/survey/send`)
    await sent(ada, `/projects/${project}/survey`, {
      'answer-1': '=HYPERLINK("http://evil.example")',
    })
    await sent(bob, `/projects/${project}/survey`, { 'answer-1': '+1,-1' })
    const csv = await page(cast.owner, `/projects/${project}/backers.csv`)
    expect(csv).toContain(`,'@SUM(A1)?\r\n`)
    expect(csv).toContain(`,"'=HYPERLINK(""http://evil.example"")"\r\n`)
    expect(csv).toContain(`,"'+1,-1"\r\n`)
  })
})

describe('a project with very many backers', () => {
  const pledged = 2 * chunkRowsMax + 345
  let big: number

  beforeAll(async () => {
    const made = await cast.makeProject('successful')
    big = Number(made['project'])
    await site.db.$client`
      with made as (
        insert into people (name) select 'Backer ' || n from generate_series(1, ${pledged}::int) n
        returning id)
      insert into pledges (project_id, backer_id, amount, backed_before, city, country, status)
        select ${big}, id, 200, false, 'Here', 'Utopia', 'collected' from made order by id`
    await site.db.$client`update projects set backers_count = ${pledged} where id = ${big}`
  })

  test('is a file as it is read: a chunk at a time, and no more when nobody wants it', async () => {
    let reads = 0
    const before = site.deps.db.$client.options.debug
    site.deps.db.$client.options.debug = (_connection, query) => {
      if (query.includes('walked as materialized')) reads += 1
    }
    try {
      const path = `/projects/${big}/backers.csv`
      const cut = (await cast.owner.get(path)).body?.getReader()
      await cut?.read()
      expect(reads).toBe(0)
      await cut?.read()
      expect(reads).toBe(1)
      await cut?.cancel()
      const rows = (await page(cast.owner, path)).trim().split('\r\n')
      expect(rows).toHaveLength(pledged + 1)
      expect(new Set(rows.map((line) => line.split(',')[0])).size).toBe(pledged + 1)
      expect(reads).toBe(1 + Math.ceil(pledged / chunkRowsMax))
    } finally {
      site.deps.db.$client.options.debug = before
    }
  })

  test('is listed page by page, and marked as a whole', async () => {
    const seen = new Set<string>()
    let path: string | undefined = `/projects/${big}/backers?fulfilment=none`
    for (let pages = 0; path && pages < 3; pages++) {
      const html: string = await page(cast.owner, path)
      const names = [...html.matchAll(/>(Backer \d+)<\/a>/g)].map(([, name]) => name ?? '')
      expect(names).toHaveLength(50)
      for (const name of names) seen.add(name)
      path = /href="([^"]*after=\d+)"/.exec(html)?.[1]?.replaceAll('&amp;', '&')
    }
    expect(seen.size).toBe(150)
  })

  test('is marked as a whole a step at a time, by whichever process comes', async () => {
    const work = { db: site.db, site: site.deps.config.baseUrl }
    const at = `/projects/${big}/backers`
    const everybody = { mark: 'sent', all: 'on' }
    expect(await sent(cast.owner, at, everybody)).toBe(at)
    const begun = await page(cast.owner, at)
    expect(begun).toContain('Marking as “Sent”')
    expect(textIn(begun)).toContain(`1,000 of ${pledged.toLocaleString('en-US')} looked at`)
    const steps = await Promise.all([stepTask(work), stepTask(work)])
    expect(steps.toSorted()).toEqual([false, true])
    // Sent twice it is still one task, which this takes to its end.
    expect(await sent(cast.owner, at, everybody)).toBe(`${at}?marked=${pledged}`)
    expect(await stepTask(work)).toBe(false)
    const [found] = await site.db.$client`
      select count(*)::int as sent,
          (select count(*)::int from fulfilment_tasks where project_id = ${big}) as tasks
        from fulfilments where project_id = ${big} and status = 'sent'`
    expect(found).toEqual({ sent: pledged, tasks: 1 })
    expect(textIn(await page(cast.owner, at))).toContain('done, 2,345 backers marked')
  })

  test('is asked a step at a time too: every guest once, also after a failure midway', async () => {
    const { $client } = site.db
    const work = { db: site.db, site: site.deps.config.baseUrl }
    await $client`
      insert into guests (person_id, email)
        select backer_id, 'guest' || backer_id || '@example.test' from pledges
        where project_id = ${big} order by id limit 450`
    await sent(cast.owner, `/projects/${big}/survey/edit`, { 'question-1': 'Which colour?' })
    await sent(cast.owner, `/projects/${big}/survey/send`)
    const mails = async () => {
      const [row] = await $client`
        select count(*)::int as mails, count(distinct recipient)::int as guests from outbox
          where event like ${`survey ${big} %`}`
      return [row?.['mails'], row?.['guests']]
    }
    expect(await mails()).toEqual([200, 200])
    const form = textIn(await page(cast.owner, `/projects/${big}/survey/edit`))
    expect(form).toContain('Mailing guests: 200 of 2,345 looked at, 200 guests mailed')
    await $client.unsafe(`
      create function fail() returns trigger language plpgsql as $$ begin raise 'no'; end $$;
      create trigger failing before update on fulfilment_tasks execute function fail()`)
    await expect(stepTask(work)).rejects.toThrow('update fulfilment_tasks')
    await $client.unsafe('drop function fail cascade')
    expect(await mails()).toEqual([200, 200])
    while (await stepTask(work));
    expect(await mails()).toEqual([450, 450])
  })
})
