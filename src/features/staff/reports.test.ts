import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestApp, testApp } from '#testing/app'
import { type Cast, type Member, makeCast, signedIn } from '#testing/cast'
import { visitor } from '#testing/visitor'

setDefaultTimeout(60_000)

let site: TestApp
let cast: Cast
let second: Member
let project: Record<string, string>
beforeAll(async () => {
  site = await testApp()
  cast = await makeCast(site)
  second = await signedIn(site, 'Sec Ond', 'staff')
  project = await cast.makeProject('live')
})
afterAll(() => site.close(), 30_000)

const query = (fields: Record<string, string | undefined>) =>
  `/report?${new URLSearchParams(
    Object.entries(fields).filter((pair): pair is [string, string] => pair[1] !== undefined),
  )}`
const of = (kind: string, subject?: string, more = {}) =>
  query({ kind, project: project['project'], subject, ...more })
const comment = () => of('comment', project['comment'])
const spam = { reason: 'spam' }

const reportsOf = (reporter: Member) => site.db.$client`
  select id, kind, about_project, subject, member_id, excerpt, reason, details, outcome
  from reports where reporter_id = ${reporter.id} order by id`
const lastReport = async () => {
  const [row] = await site.db.$client`select max(id) as id from reports`
  return Number(row?.['id'])
}
const actsCount = async () => {
  const [row] = await site.db.$client`select count(*)::int as n from audit_log`
  return Number(row?.['n'])
}
const newComment = async (body: string) => {
  const [row] = await site.db.$client`
    insert into comments (project_id, author_id, body)
    values (${project['project'] ?? ''}, ${cast.other.id}, ${body}) returning id`
  return String(row?.['id'])
}
const isHidden = async (id: string) => {
  const [row] = await site.db.$client`select hidden_at from comments where id = ${id}`
  return row?.['hidden_at'] !== null
}

describe('reporting', () => {
  test('what is reported is shown, and kept as it was said', async () => {
    const ana = await signedIn(site, 'Ana Rep')
    const said = 'Buy <b>now</b> 👩‍🚀 שלום'
    const id = await newComment(said)
    const path = of('comment', id)
    const form = await (await ana.get(path)).text()
    expect(form).toContain('Buy &lt;b&gt;now&lt;/b&gt; 👩‍🚀 שלום')
    expect(form).toContain('noindex')
    const answer = await ana.post(path, { reason: 'spam', details: ' Seen it twice. ' })
    const thanks = answer.headers.get('location') ?? ''
    expect([answer.status, thanks.split('?')[0]]).toEqual([303, '/report/thanks'])
    expect(await (await ana.get(thanks)).text()).toContain('Your report has arrived')
    await site.db.$client`update comments set body = 'Sorry.' where id = ${id}`
    const [row] = await reportsOf(ana)
    expect(row).toMatchObject({ kind: 'comment', excerpt: said, details: 'Seen it twice.' })
    const page = await (await cast.staff.get(`/staff/reports/${row?.['id']}`)).text()
    for (const text of ['Buy &lt;b&gt;now', 'As it is now', 'Sorry.', 'Seen it twice.']) {
      expect(page).toContain(text)
    }
  })

  test('of everything there is, once for each person', async () => {
    const bo = await signedIn(site, 'Bo Rep')
    const things = [
      of('project'),
      of('update', '1'),
      comment(),
      query({ kind: 'person', subject: String(cast.other.id) }),
    ]
    for (const path of things) {
      expect((await bo.get(path)).status).toBe(200)
      for (let times = 0; times < 2; times++) expect((await bo.post(path, spam)).status).toBe(303)
    }
    await Promise.all([1, 2, 3].map(() => bo.post(comment(), spam)))
    const rows = await reportsOf(bo)
    expect(rows.map(({ kind }) => kind)).toEqual(['project', 'update', 'comment', 'person'])
    expect(rows[0]).toMatchObject({ subject: '0', excerpt: 'A lamp of paper\n\nIt folds.' })
  })

  test('a message is reported by whoever got it, and by nobody else', async () => {
    const path = of('message', project['message'], { member: String(cast.other.id) })
    const answers = await Promise.all(
      [cast.member, cast.other, cast.helperWith('edit'), cast.staff].map((each) => each.get(path)),
    )
    expect(answers.map(({ status }) => status)).toEqual([404, 404, 404, 404])
    for (const reader of [cast.owner, cast.helperWith('community')]) {
      expect(await (await reader.get(path)).text()).toContain('Staff will read this message')
      expect((await reader.post(path, { reason: 'harassment' })).status).toBe(303)
    }
    const elsewhere = of('message', project['message'], { member: String(cast.member.id) })
    expect((await cast.owner.post(elsewhere, { reason: 'harassment' })).status).toBe(404)
    const page = await (await cast.staff.get(`/staff/reports/${await lastReport()}`)).text()
    expect(page).toContain('Hello?')
  })

  test('what is for backers is not told to others', async () => {
    const other = await cast.makeProject('live')
    await site.db.$client`
      update updates set audience = 'backers' where project_id = ${other['project'] ?? ''}`
    const path = query({ kind: 'update', project: other['project'], subject: '1' })
    expect((await cast.member.get(path)).status).toBe(404)
    expect((await cast.helperWith('edit').get(path)).status).toBe(200)
  })

  test.each([
    [{}, 'Please choose one.'],
    [{ reason: 'reselling' }, 'Please choose one.'],
    [{ reason: 'other', details: '  ' }, 'Please say what is wrong.'],
    [{ reason: 'spam', details: 'é'.repeat(2_001) }, 'May have 2000 characters at most.'],
  ])('a report with %o comes back filled in', async (fields: Record<string, string>, sentence) => {
    const cy = await signedIn(site, `Cy ${sentence.length} ${Object.keys(fields).length}`)
    const answer = await cy.post(comment(), fields)
    const html = await answer.text()
    expect(answer.status).toBe(422)
    expect(html).toContain(sentence)
    expect(html).toContain(fields['details']?.trim() ?? '')
    expect(await reportsOf(cy)).toHaveLength(0)
  })

  test('what is not there, not public, hidden or one’s own cannot be reported', async () => {
    const draft = await cast.makeProject('draft')
    const hidden = await newComment('Hidden.')
    await site.db.$client`update comments set hidden_at = now() where id = ${hidden}`
    for (const path of [
      '/report',
      '/report?kind=x',
      '/report?kind=project',
      '/report?kind=project&project=999999999',
      '/report?kind=project&project=1;2',
      query({ kind: 'project', project: draft['project'] }),
      query({ kind: 'comment', project: draft['project'], subject: draft['comment'] }),
      // Of another project.
      query({ kind: 'comment', project: '1', subject: project['comment'] }),
      of('comment', hidden),
      of('update', '99999999999'),
      query({ kind: 'person', subject: '999999999' }),
    ]) {
      expect([path, (await cast.member.get(path)).status]).toEqual([path, 404])
      expect((await cast.member.post(path, spam)).status).toBe(404)
    }
    expect((await cast.other.post(comment(), spam)).status).toBe(403)
    expect((await cast.owner.get(of('project'))).status).toBe(403)
    const asked = await visitor(site).get(comment())
    expect(asked.headers.get('location')).toBe(`/sign-in?next=${encodeURIComponent(comment())}`)
  })

  test('twenty a day', async () => {
    const eve = await signedIn(site, 'Eve Many')
    for (let times = 0; times < 20; times++) await eve.post(comment(), spam)
    const answer = await eve.post(comment(), spam)
    expect([answer.status, answer.headers.has('retry-after')]).toEqual([429, true])
  })
})

describe('answering', () => {
  const file = async (path: string, by?: Member) => {
    await (by ?? cast.member).post(path, spam)
    return await lastReport()
  }
  const at = (id: number, act = '') => `/staff/reports/${id}${act && `/${act}`}`

  test('hiding a comment answers all reports about it; shown again it is as before', async () => {
    const id = await newComment('Cheap watches here')
    const report = await file(of('comment', id))
    const another = await file(of('comment', id), cast.owner)
    expect(await (await cast.staff.get(at(report))).text()).toContain('Other reports')
    expect((await cast.staff.post(at(report, 'hide'), { reason: ' ' })).status).toBe(422)
    const before = await actsCount()
    const answer = await cast.staff.post(at(report, 'hide'), { reason: 'An advertisement.' })
    expect(answer.status).toBe(303)
    expect([await isHidden(id), await actsCount()]).toEqual([true, before + 1])
    const outcomes = await site.db.$client`
      select outcome, resolved_by from reports where id in ${site.db.$client([report, another])}`
    const by = String(cast.staff.id)
    expect([...outcomes]).toEqual(Array(2).fill({ outcome: 'acted', resolved_by: by }))
    const [event] = await site.db.$client`
      select recipient_id, reason from events where kind = 'comment_hidden' and subject = ${id}`
    expect(event).toEqual({ recipient_id: String(cast.other.id), reason: 'An advertisement.' })
    // Answered is answered.
    for (const act of ['hide', 'dismiss']) {
      expect((await second.post(at(another, act), { reason: 'Late.' })).status).toBe(409)
    }
    expect((await second.post(at(another, 'show'), { reason: 'A mistake.' })).status).toBe(303)
    expect([await isHidden(id), await actsCount()]).toEqual([false, before + 2])
    expect((await second.post(at(another, 'show'), { reason: 'Again.' })).status).toBe(409)
  })

  test('of two at once one answers', async () => {
    const report = await file(of('comment', await newComment('Two of you')))
    const before = await actsCount()
    const answers = await Promise.all([
      cast.staff.post(at(report, 'dismiss'), { reason: 'It is fine.' }),
      second.post(at(report, 'hide'), { reason: 'It is not.' }),
    ])
    expect(answers.map(({ status }) => status).toSorted()).toEqual([303, 409])
    expect(await actsCount()).toBe(before + 1)
  })

  test('an update is hidden from everybody', async () => {
    const report = await file(of('update', '1'))
    expect((await cast.staff.post(at(report, 'hide'), { reason: 'Abuse.' })).status).toBe(303)
    const path = `/projects/${project['project']}-a-lamp-of-paper/updates`
    expect(await (await site.get(path)).text()).not.toContain('Hello.')
    await cast.staff.post(at(report, 'show'), { reason: 'A mistake.' })
    expect(await (await site.get(path)).text()).toContain('Hello.')
  })

  test('a dismissed report leaves the thing, and the queue', async () => {
    const id = await newComment('Harmless')
    const report = await file(of('comment', id))
    expect(await (await cast.staff.get('/staff/reports')).text()).toContain(`"${at(report)}"`)
    expect((await cast.staff.post(at(report, 'dismiss'), { reason: 'Fine.' })).status).toBe(303)
    expect(await isHidden(id)).toBe(false)
    expect(await (await cast.staff.get('/staff/reports')).text()).not.toContain(`"${at(report)}"`)
    expect(await (await cast.staff.get(at(report))).text()).toContain('dismissed')
    // It may be reported anew.
    expect(await file(of('comment', id))).toBeGreaterThan(report)
  })

  test('what was taken back is still quoted', async () => {
    const id = await newComment('Gone tomorrow')
    const report = await file(of('comment', id))
    await site.db.$client`delete from comments where id = ${id}`
    const page = await (await cast.staff.get(at(report))).text()
    expect(page).toContain('Gone tomorrow')
    expect(page).toContain('It is no longer there.')
    expect((await cast.staff.post(at(report, 'hide'), { reason: 'Late.' })).status).toBe(409)
    expect((await cast.staff.post(at(report, 'dismiss'), { reason: 'Gone.' })).status).toBe(303)
  })

  test('a suspended project answers what was reported of it', async () => {
    const other = await cast.makeProject('live')
    const report = await file(query({ kind: 'project', project: other['project'] }))
    const path = `/staff/projects/${other['project']}/suspend`
    expect((await cast.staff.post(path, { reason: 'A copy.' })).status).toBe(303)
    const [row] = await site.db.$client`select outcome from reports where id = ${report}`
    expect(row?.['outcome']).toBe('acted')
  })

  test('staff that reports something can answer at once, but not what is about them', async () => {
    const id = await newComment('Seen by staff')
    const answer = await cast.staff.post(of('comment', id), spam)
    expect(answer.headers.get('location')).toBe(at(await lastReport()))
    const report = await file(query({ kind: 'person', subject: String(second.id) }))
    const dismissed = await second.post(at(report, 'dismiss'), { reason: 'I am fine.' })
    expect(dismissed.status).toBe(403)
    expect((await cast.staff.post(at(report, 'hide'), { reason: 'No.' })).status).toBe(409)
  })

  test.each(['999999999', '0', 'x', '1.5'])('there is no report %s', async (id) => {
    expect((await cast.staff.get(`/staff/reports/${id}`)).status).toBe(404)
    const answer = await cast.staff.post(`/staff/reports/${id}/dismiss`, { reason: 'Forged.' })
    expect(answer.status).toBe(404)
  })
})
