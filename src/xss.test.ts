import { afterAll, beforeAll, describe, expect, setDefaultTimeout, test } from 'bun:test'
import { queueMail } from '#db/outbox'
import { writeLetter } from '#lib/letter'
import { type TestApp, testApp } from '#testing/app'
import { type Cast, makeCast } from '#testing/cast'
import { dangersIn, decodeEntities, onOneLine, textOf } from '#testing/markup'

// What people have written to be run, in every text that is shown anywhere. It is put into the
// database as it is, past every form: no rule of a form is what keeps it from being run.

setDefaultTimeout(120_000)

const call = 'alert(1)'
const markup = [
  `<script>${call}</script>`,
  `"><img src=x onerror=${call}>`,
  `'><svg/onload=${call}>`,
  `</title><script>${call}</script>`,
  `</textarea><script>${call}</script>`,
  `<!--<img src="--><img src=x onerror=${call}>">`,
  `]]><script>${call}</script>`,
  `<![CDATA[<script>${call}</script>]]>`,
  `&lt;script&gt;${call}&lt;/script&gt;`,
  `&#60;img src=x onerror=${call}&#62;`,
  `<style>*{background:url(javascript:${call})}</style>`,
  `<a href="javascript:${call}">x</a>`,
  `<iframe srcdoc="<script>${call}</script>"></iframe>`,
  `<math><mtext></form><form><mglyph><style></math><img src onerror=${call}>`,
  '<base href="//evil.test/">',
  '<meta http-equiv=refresh content="0;url=//evil.test">',
  `<svg><animate onbegin=${call} attributeName=x dur=1s>`,
  `{{constructor.constructor('${call}')()}}`,
  `\${${call}} #{${call}} <%= ${call} %>`,
  `javascript:${call}`,
  `＜script＞${call}＜/script＞`,
  `\u202e${call}\u2066 <script>\u2069`,
  `\u2028${call}//\u2029`,
  `\\u003cscript\\u003e${call}`,
  `=HYPERLINK("javascript:${call}")`,
  `BEGIN:VEVENT\r\nATTACH:javascript:${call}`,
]
const markdown = [
  `[x](javascript:${call})`,
  `[x](JaVaScRiPt:${call})`,
  `[x](java\nscript:${call})`,
  `[x](&#106;avascript:${call})`,
  `[x](javascript&colon;${call})`,
  `[x](\u0001javascript:${call})`,
  `[x](\tjavascript:${call})`,
  '[x](data:text/html;base64,PHNjcmlwdD5hbGVydCgxKTwvc2NyaXB0Pg==)',
  `[x](vbscript:${call})`,
  '[x](//evil.test)',
  `<javascript:${call}>`,
  `![x](javascript:${call})`,
  '![x](https://evil.test/track.png)',
  `![x](x" onerror="${call})`,
  `![x" onerror="${call}](/images/${'0'.repeat(32)}/1024.webp "1x1")`,
  `[x]\n\n[x]: javascript:${call}`,
  `[x](https://ok.test" onmouseover="${call})`,
  `[x](https://ok.test 'x" onmouseover="${call}')`,
  `<https://ok.test/?"onclick="${call}>`,
  `[<img src=x onerror=${call}>](https://ok.test)`,
  `\`\`\`"><script>\n<script>${call}</script>\n\`\`\``,
  `\`<script>${call}</script>\``,
  `| a |\n| - |\n| <script>${call}</script> |`,
  `# <svg onload=${call}>`,
  `- [ ] <img src=x onerror=${call}>`,
  `~~<script>${call}</script>~~`,
]

let site: TestApp
let cast: Cast
let made: Record<string, string>
beforeAll(async () => {
  site = await testApp()
  cast = await makeCast(site)
  made = await cast.makeProject('live')
  const { $client } = site.db
  const project = made['project'] ?? ''
  const { owner, other, member, staff } = cast
  await $client`update comments set pinned_at = null where project_id = ${project}`
  await $client`insert into reward_items (project_id, reward_id, position, name)
    values (${project}, ${made['reward'] ?? ''}, 1, '')`
  await $client`insert into project_transitions (project_id, number, to_status, actor_id, reason)
    values (${project}, 1, 'draft', ${owner.id}, '')`
  await $client`insert into access_tokens (token_hash, person_id, name, scopes, expires_at)
    values ('x', ${owner.id}, '', '{read}', now() + interval '1 day')`
  await $client`insert into restrictions (person_id, kind, reason, staff_id)
    values (${other.id}, 'report', '', ${staff.id})`
  await $client`insert into saves (project_id, person_id) values (${project}, ${member.id})`
  await $client`insert into follows (creator_id, follower_id) values (${owner.id}, ${member.id})`
  await $client`insert into blocks (person_id, blocked_id) values (${owner.id}, ${other.id})`
  const event = { project, subject: made['comment'] ?? '', actor: other.id }
  await $client`insert into activities (person_id, event_id, kind, about_project, subject, actor_id,
      reason, created_at)
    values (${owner.id}, 1, 'comment_posted', ${event.project}, ${event.subject}, ${event.actor}, '', now()),
      (${owner.id}, 2, 'comment_hidden', ${event.project}, ${event.subject}, ${event.actor}, '', now())`
  await $client`insert into reports (kind, about_project, subject, reporter_id, reason, details)
    values ('comment', ${project}, ${event.subject}, ${member.id}, 'spam', '')`
})
afterAll(() => site.close(), 60_000)

/** Into every column of text that a page, a file or a mail shows. */
async function write(text: string): Promise<void> {
  const { $client } = site.db
  const { owner, other } = cast
  const project = made['project'] ?? ''
  const slug = Bun.hash(text).toString(36)
  await $client`insert into places (state, city, country, state_slug, city_slug)
    values (${text}, ${text}, ${text}, 'x', ${slug}) on conflict do nothing`
  await $client`update people set name = ${text}, bio = ${text}, city = ${text}, state = ${text},
    country = ${text} where id in (${owner.id}, ${other.id})`
  await $client`update projects set title = ${text}, description = ${text}, creator_name = ${text},
    city = ${text}, state = ${text}, country = ${text}, tags = array[${text}]
    where id = ${project}`
  await $client`update stories set story = ${text}, risks = ${text},
    budget = jsonb_build_array(jsonb_build_object('label', ${text}::text, 'amount', 1))
    where project_id = ${project}`
  await $client`update rewards set name = ${text}, description = ${text}, image_alt = ${text}
    where project_id = ${project}`
  await $client`update reward_items set name = ${text} where project_id = ${project}`
  for (const table of ['updates', 'update_drafts'] as const) {
    await $client`update ${$client(table)} set title = ${text}, body = ${text}
      where project_id = ${project}`
  }
  await $client`update faqs set question = ${text}, answer = ${text} where project_id = ${project}`
  await $client`update comments set body = ${text} where project_id = ${project}`
  await $client`update messages set body = ${text} where project_id = ${project}`
  await $client`update collaborators set title = ${text} where project_id = ${project}`
  await $client`update access_tokens set name = ${text} where person_id = ${owner.id}`
  await $client`update restrictions set reason = ${text}`
  await $client`update activities set reason = ${text} where person_id = ${owner.id}`
  await $client`update reports set details = ${text}, excerpt = ${text}`
  await $client`insert into audit_log (staff_id, act, about_project, reason)
    values (${cast.staff.id}, 'pick', ${project}, ${text})`
}

type Who = 'member' | 'owner' | 'staff'

/** Where what was written is shown: to every member, to the project’s owner, to staff. */
function pagesShowing(text: string): [who: Who, path: string][] {
  const { project, reward, draft, member, person, comment } = made
  const root = `/projects/${project}`
  const asked = `?q=${encodeURIComponent(text)}`
  const seen: Record<Who, string[]> = {
    member: [
      ...['/discover?sort=newest', `/search${asked}`, '/saved', '/following'],
      ...['', '/rewards', '/faqs', '/updates', '/updates/1', '/comments', '/community'].map(
        (tab) => root + tab,
      ),
      ...[`/people/${cast.owner.id}`, `/people/${cast.owner.id}/backed`],
      `/report?kind=comment&project=${project}&subject=${comment}`,
    ],
    owner: [
      ...[
        '/settings',
        '/settings/tokens',
        '/settings/blocked',
        '/making',
        '/activity',
        '/messages',
      ],
      ...['basics', 'funding', 'story', 'rewards', 'faqs', 'people', 'launch'].map(
        (part) => `${root}/edit/${part}`,
      ),
      ...[`${root}/edit/rewards/${reward}`, `${root}/edit/faqs/1`, `${root}/updates/1/edit`],
      ...['preview', 'history', 'dashboard', 'messages', `messages/${member}`].map(
        (part) => `${root}/${part}`,
      ),
      ...['', `/${draft}`, `/${draft}/preview`].map((part) => `${root}/drafts${part}`),
    ],
    staff: [
      ...['/staff/reports', '/staff/log'],
      ...[`/staff/projects/${project}`, `/staff/people/${person}`],
    ],
  }
  return Object.entries(seen).flatMap(([who, paths]) =>
    paths.map((path): [Who, string] => [who as Who, path]),
  )
}

/** Where it may be shown, or refused. */
function pagesAskedFor(text: string): [who: Who, path: string][] {
  const query = encodeURIComponent(text)
  return [
    ['member', '/'],
    ['member', `/discover?state=${query}&city=${query}`],
    ['member', `/discover?category=${query}`],
    ['member', `/${query}`],
    ['member', `/sign-in?next=${query}`],
    ['staff', `/staff/people?q=${query}`],
  ]
}

async function read(who: Who, path: string): Promise<Response> {
  const answer = await cast[who].get(path)
  const location = answer.headers.get('location')
  return location && answer.status < 400 ? await read(who, location) : answer
}

const short = (text: string) => JSON.stringify(text).slice(1, 60)

test.each([
  '<script>x</script>',
  '<script src="https://evil.test/x.js"></script>',
  '<img src=x onerror=x>',
  '<a href="java\nscript:x">x</a>',
  '<a href=" JavaScript:x">x</a>',
  '<a href="data:text/html,x">x</a>',
  '<a href="//evil.test">x</a>',
  '<form action="vbscript:x"></form>',
  '<p style="x">x</p>',
  '<base href="x">',
  '<iframe></iframe>',
])('what is looked for would be found: %s', (html) => {
  expect(dangersIn(`<main>${html}</main>`)).not.toEqual([])
})

describe('no page runs it', () => {
  test.each([...markup, ...markdown].map((text) => [short(text), text]))('%s', async (_, text) => {
    await write(text)
    const isMarkdown = markdown.includes(text)
    for (const [who, path] of pagesShowing(text)) {
      const answer = await read(who, path)
      const html = await answer.text()
      const isThere = isMarkdown || textOf(html).includes(onOneLine(text))
      expect({ path, status: answer.status, dangers: dangersIn(html), isThere }).toEqual({
        ...{ path, status: 200, dangers: [], isThere: true },
      })
    }
    for (const [who, path] of pagesAskedFor(text)) {
      const answer = await read(who, path)
      expect(answer.status).toBeLessThan(500)
      expect({ path, dangers: dangersIn(await answer.text()) }).toEqual({ path, dangers: [] })
    }
  })
})

describe('no file is broken by it', () => {
  test.each(markup.map((text) => [short(text), text]))('%s', async (_, text) => {
    await write(text)
    const { project } = made
    for (const path of ['/feeds/newest.atom', `/projects/${project}/updates.atom`]) {
      const answer = await site.get(path)
      expect(answer.headers.get('content-type')).toContain('atom+xml')
      const xml = await answer.text()
      const titles = [...xml.matchAll(/<title>([^<]*)<\/title>/g)].map(([, raw = '']) =>
        decodeEntities(raw),
      )
      expect(titles.some((title) => onOneLine(title).includes(onOneLine(text)))).toBe(true)
      expect(xml).not.toMatch(/<script|<!\[CDATA|<img|<svg|<iframe/)
    }
    const answer = await site.get(`/api/v1/projects/${project}`)
    expect(answer.headers.get('content-type')).toBe('application/json')
    expect(answer.headers.get('x-content-type-options')).toBe('nosniff')
    expect(await answer.json()).toMatchObject({ title: text, story: text, tags: [text] })

    const ics = await (await site.get(`/projects/${project}/reminder.ics`)).text()
    expect(ics.match(/^BEGIN:VEVENT/gm)).toHaveLength(1)
    expect(ics).not.toMatch(/^ATTACH/m)

    const csv = await (await read('owner', `/projects/${project}/dashboard.csv`)).text()
    expect(csv).not.toMatch(/(^|,)"?=/m)
  })
})

test('no mail runs it, and every one says it whole', async () => {
  for (const text of markup) {
    const letter = writeLetter({
      ...{ subject: text, greeting: `Hello ${text},`, paragraphs: [text], reason: text },
      action: { label: text, url: 'https://site.test/' },
    })
    // A letter brings its own look along, as mail readers take no stylesheet.
    const bare = letter.html.replaceAll(/ style="[^"<>]*"/g, '')
    expect({ text, dangers: dangersIn(bare) }).toEqual({ text, dangers: [] })
    expect(textOf(letter.html)).toContain(onOneLine(text))
    expect(letter.text).toContain(text)
    await queueMail(site.db, `corpus ${text}`, { recipient: 'x@example.test', ...letter })
  }
})
