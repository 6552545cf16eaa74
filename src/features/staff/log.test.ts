import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { type TestApp, testApp } from '#testing/app'
import { type Cast, makeCast } from '#testing/cast'

setDefaultTimeout(60_000)

let site: TestApp
let cast: Cast
beforeAll(async () => {
  site = await testApp()
  cast = await makeCast(site)
})
afterAll(() => site.close(), 30_000)

const reason = 'For a reason.'

async function reported(project: Record<string, string>, kind: 'comment' | 'update' | 'project') {
  const subject = { comment: project['comment'], update: '1', project: '' }[kind]
  await cast.member.post(`/report?kind=${kind}&project=${project['project']}&subject=${subject}`, {
    reason: 'spam',
  })
  const [row] = await site.db.$client`select max(id) as id from reports`
  return Number(row?.['id'])
}

/** Every route by which staff does something: what it is done to, and what the log says of it. */
const acts: Record<string, [prepare: () => Promise<string>, sentence: string]> = {
  'POST /staff/projects/:project/approve': [
    async () => `/staff/projects/${(await cast.makeProject('submitted'))['project']}/approve`,
    'approved A lamp of paper',
  ],
  'POST /staff/projects/:project/send-back': [
    async () => `/staff/projects/${(await cast.makeProject('submitted'))['project']}/send-back`,
    'sent A lamp of paper back to Own Er',
  ],
  'POST /staff/projects/:project/reject': [
    async () => `/staff/projects/${(await cast.makeProject('submitted'))['project']}/reject`,
    'rejected A lamp of paper by Own Er',
  ],
  'POST /staff/projects/:project/pick': [
    async () => `/staff/projects/${(await cast.makeProject('live'))['project']}/pick`,
    'made A lamp of paper a staff pick',
  ],
  'POST /staff/projects/:project/unpick': [
    async () => {
      const id = (await cast.makeProject('live'))['project'] ?? ''
      await site.db.$client`update projects set featured_at = now() where id = ${id}`
      return `/staff/projects/${id}/unpick`
    },
    'took A lamp of paper from the staff picks',
  ],
  'POST /staff/projects/:project/suspend': [
    async () => `/staff/projects/${(await cast.makeProject('live'))['project']}/suspend`,
    'suspended A lamp of paper by Own Er',
  ],
  'POST /staff/projects/:project/hide': [
    async () => `/staff/projects/${(await cast.makeProject('failed'))['project']}/hide`,
    'hid A lamp of paper by Own Er',
  ],
  'POST /staff/projects/:project/show': [
    async () => {
      const { project } = await cast.makeProject('failed')
      await cast.staff.post(`/staff/projects/${project}/hide`, { reason })
      return `/staff/projects/${project}/show`
    },
    'showed A lamp of paper by Own Er again',
  ],
  'POST /staff/reports/:report/hide': [
    async () => `/staff/reports/${await reported(await cast.makeProject('live'), 'comment')}/hide`,
    'hid a comment by Oth Er on A lamp of paper',
  ],
  'POST /staff/reports/:report/show': [
    async () => {
      const report = await reported(await cast.makeProject('live'), 'update')
      await cast.staff.post(`/staff/reports/${report}/hide`, { reason })
      return `/staff/reports/${report}/show`
    },
    'showed update 1 of A lamp of paper again',
  ],
  'POST /staff/reports/:report/dismiss': [
    async () =>
      `/staff/reports/${await reported(await cast.makeProject('live'), 'project')}/dismiss`,
    'dismissed report ',
  ],
  'POST /staff/people/:person/restrictions': [
    async () => `/staff/people/${cast.member.id}/restrictions`,
    'restricted Mem Ber',
  ],
  'POST /staff/people/:person/restrictions/:kind/lift': [
    async () => {
      const fields = { pledge: 'on', days: '1', reason }
      await cast.staff.post(`/staff/people/${cast.other.id}/restrictions`, fields)
      return `/staff/people/${cast.other.id}/restrictions/pledge/lift`
    },
    'lifted a restriction of Oth Er',
  ],
}

const linesOf = async () => {
  const [row] = await site.db.$client`select count(*)::int as n from audit_log`
  return Number(row?.['n'])
}
const text = (html: string) => html.replace(/<[^>]+>/g, '').replaceAll('&#x27;', "'")

test('every act of staff is known here', () => {
  const routes = site.app.routes
    .filter(({ method, path }) => method !== 'GET' && path.startsWith('/staff/'))
    .filter(({ path }) => !path.includes('*'))
    .map(({ method, path }) => `${method} ${path}`)
  expect([...new Set(routes)].toSorted()).toEqual(Object.keys(acts).toSorted())
})

test.each(Object.entries(acts))('%s leaves one line in the log', async (_, [prepare, sentence]) => {
  const path = await prepare()
  const before = await linesOf()
  const fields = { seen: '0', reason, comment: 'on', days: '1' }
  // Refused, it leaves none.
  expect((await cast.member.post(path, fields)).status).toBe(404)
  expect((await cast.anonymous.post(path, fields)).ok).toBe(false)
  expect((await cast.anonymous.post(path, {})).headers.get('location')).toBe('/sign-in')
  expect(await linesOf()).toBe(before)
  expect((await cast.staff.post(path, fields)).status).toBe(303)
  expect(await linesOf()).toBe(before + 1)
  const [line] = await site.db.$client`
    select staff_id, reason from audit_log order by id desc limit 1`
  expect(line?.['staff_id']).toBe(String(cast.staff.id))
  const [first] = text(await (await cast.staff.get('/staff/log')).text()).split('just now')
  expect(first).toContain(`Sta Ff ${sentence}`)
})

test('the log cannot be changed, whatever asks for it', async () => {
  const before = await linesOf()
  expect(before).toBeGreaterThan(0)
  for (const statement of [
    `update audit_log set reason = ''`,
    'delete from audit_log',
    'truncate audit_log',
  ]) {
    await expect(site.db.$client.unsafe(statement).execute()).rejects.toThrow(
      'audit_log is append-only',
    )
  }
  expect(await linesOf()).toBe(before)
})

test('the log goes on page by page, of one project or one person', async () => {
  const { project = '' } = await cast.makeProject('live')
  for (let times = 0; times < 30; times++) {
    await cast.staff.post(`/staff/projects/${project}/${times % 2 ? 'unpick' : 'pick'}`, {})
  }
  const pages: number[] = []
  let path: string | undefined = `/staff/log?project=${project}`
  while (path) {
    const html = await (await cast.staff.get(path)).text()
    pages.push(html.match(/<time /g)?.length ?? 0)
    expect(html).not.toContain('restricted')
    path = /href="([^"]+)" rel="next"/.exec(html)?.[1]?.replaceAll('&amp;', '&')
  }
  expect(pages).toEqual([25, 5])
  const ofPerson = text(await (await cast.staff.get(`/staff/log?person=${cast.member.id}`)).text())
  expect(ofPerson).toContain('restricted Mem Ber')
  expect(ofPerson).not.toContain('Own Er')
  for (const query of ['project=x', 'project=0', 'after=-1', 'project=1&person=1']) {
    expect((await cast.staff.get(`/staff/log?${query}`)).status).toBe(400)
  }
  const none = await cast.staff.get('/staff/log?project=999999999')
  expect(await none.text()).toContain('Nothing was done about this.')
})

test('people are found by number or address', async () => {
  for (const q of [String(cast.member.id), 'Mem.Ber@Example.test']) {
    const answer = await cast.staff.get(`/staff/people?q=${encodeURIComponent(q)}`)
    expect(answer.headers.get('location')).toBe(`/staff/people/${cast.member.id}`)
  }
  const nobody = await (await cast.staff.get('/staff/people?q=nobody@example.test')).text()
  expect(nobody).toContain('Nobody has this number or address.')
})

test('what waits is told on every page of staff, which are for nobody else', async () => {
  const { project } = await cast.makeProject('submitted')
  const report = await reported(await cast.makeProject('live'), 'comment')
  const paths = [
    ...['/staff', '/staff/review', '/staff/reports', '/staff/log', '/staff/people'],
    ...[`/staff/projects/${project}`, `/staff/people/${cast.other.id}`],
    ...[`/staff/reports/${report}`, '/staff/nothing-here'],
  ]
  for (const path of paths) {
    const [asked, ...others] = await Promise.all(
      [cast.anonymous, cast.member, cast.owner, cast.helperWith()].map((who) => who.get(path)),
    )
    expect(asked?.headers.get('location')).toBe(`/sign-in?next=${encodeURIComponent(path)}`)
    expect([path, ...others.map(({ status }) => status)]).toEqual([path, 404, 404, 404])
  }
  for (const path of paths.slice(0, -1)) {
    const answer = await cast.staff.get(path)
    const html = await answer.text()
    expect([path, answer.status]).toEqual([path, 200])
    expect(html).toContain('noindex')
  }
  expect(await (await cast.staff.get('/staff')).text()).toMatch(/\d+ projects?<\/a> to review/)
})

test('what is hidden is shown to staff alone, as such', async () => {
  const made = await cast.makeProject('live')
  const page = `/projects/${made['project']}-a-lamp-of-paper`
  for (const kind of ['comment', 'update'] as const) {
    await cast.staff.post(`/staff/reports/${await reported(made, kind)}/hide`, { reason })
  }
  const read = async (who: typeof cast.anonymous, path: string) => (await who.get(path)).text()
  for (const [path, said] of [
    [`${page}/comments`, 'Hm.'],
    [`${page}/updates`, 'Hello.'],
    [`${page}/updates/1`, 'Hello.'],
  ] as const) {
    const staff = await read(cast.staff, path)
    expect(staff).toContain(said)
    expect(staff).toContain('Hidden from all but staff')
    for (const who of [cast.anonymous, cast.member, cast.owner]) {
      expect(await read(who, path)).not.toContain(said)
    }
  }
})
