import type { Db } from '#db/client'
import { createRandom, mixSeeds, type Random } from '#web/pictures/random'
import { type Arena, addSession } from './arena'
import { brokenIn, type Failure } from './fuzz'
import { bytesOf, curlOf, type FuzzRequest } from './requests'
import { hostileText } from './values'
import { openWire, type Wire } from './wire'

export interface FormsOptions {
  db: Db
  arena: Arena
  address: { host: string; port: number }
  seed: number
  /** How many forms are sent, each with other values. */
  requests: number
  pagesMax: number
  signal: AbortSignal
}

export interface Crawled {
  pages: number
  forms: number
  sent: number
  statuses: Map<number, number>
  failures: Failure[]
}

interface Form {
  method: string
  action: string
  /** With what it has in it. */
  fields: [name: string, value: string][]
}

const roundRequests = 100

/** Reads the site as somebody who is signed in, and sends the forms it finds with wrong values. */
export async function fuzzForms(options: FormsOptions): Promise<Crawled> {
  const { db, arena, address, seed, requests, signal } = options
  const host = `${address.host}:${address.port}`
  const wire = openWire(address)
  const crawled: Crawled = { pages: 0, forms: 0, sent: 0, statuses: new Map(), failures: [] }
  const cookieOf = async (index: number) => {
    await db.$client`delete from rate_limits`
    return `session=${await addSession(db, arena.people[index] as number)}`
  }
  const ask = async (request: FuzzRequest) => {
    const answer = await wire.ask(bytesOf(request, host), request.method)
    const status = answer?.status ?? 0
    crawled.statuses.set(status, (crawled.statuses.get(status) ?? 0) + 1)
    const what = brokenIn(answer)
    if (what) {
      const repeat = curlOf(request, `http://${host}`)
      crawled.failures.push({ what: `${request.operation}: ${what}`, curl: repeat })
    }
    return answer
  }
  try {
    const forms: Form[] = []
    for (const index of [0, 3]) {
      const found = await crawl(await cookieOf(index), options.pagesMax, ask)
      crawled.pages += found.pages
      forms.push(...found.forms)
    }
    crawled.forms = forms.length
    let cookie = ''
    while (crawled.sent < requests && forms.length > 0) {
      signal.throwIfAborted()
      // Forms sign people out, and count what they have tried.
      if (crawled.sent % roundRequests === 0) cookie = await cookieOf(crawled.sent % 200 ? 0 : 3)
      const random = createRandom(mixSeeds(seed, crawled.sent))
      await ask(drawForm(forms[crawled.sent % forms.length] as Form, cookie, random))
      crawled.sent += 1
    }
  } finally {
    wire.close()
  }
  return crawled
}

type Ask = (request: FuzzRequest) => ReturnType<Wire['ask']>

/** From page to page, one of each kind. */
async function crawl(cookie: string, pagesMax: number, ask: Ask) {
  const queue = ['/', '/settings', '/making', '/messages', '/activity', '/staff']
  const kinds = new Set(queue.map(kindOf))
  const forms = new Map<string, Form>()
  let pages = 0
  for (const path of queue) {
    if (pages >= pagesMax) break
    const headers: [string, string][] = [['Cookie', cookie]]
    const request = { method: 'GET', target: path, headers, body: undefined }
    const answer = await ask({ operation: `GET ${path}`, ...request })
    pages += 1
    const type = answer?.headers.get('content-type') ?? ''
    const found = type.startsWith('text/html')
      ? await readPage(path, answer?.body.toString() ?? '')
      : { links: [], forms: [] }
    for (const form of found.forms) {
      const kind = `${form.method} ${kindOf(form.action)} ${form.fields.map(([name]) => name)}`
      if (!forms.has(kind)) forms.set(kind, form)
    }
    const to = answer?.headers.get('location')
    for (const link of to ? [to] : found.links) {
      const kind = kindOf(link)
      if (!link.startsWith('/') || link.startsWith('//') || kinds.has(kind)) continue
      kinds.add(kind)
      queue.push(link)
    }
  }
  return { pages, forms: [...forms.values()] }
}

/** Two pages that differ in a number or what was chosen are one. */
const kindOf = (path: string) =>
  path
    .replace(/#.*/, '')
    .replaceAll(/=[^&]*/g, '')
    .replaceAll(/\/\d+(-[^/?]*)?/g, '/N')
    .replaceAll(/\/(categories|places|pictures|images|assets)\/[^?]*/g, '/$1/N')

/** The links and forms of a page. */
async function readPage(page: string, html: string) {
  const links: string[] = []
  const forms: Form[] = []
  let form: Form | undefined
  let area: string | undefined
  const field = (name: string | null, value: string | null) => {
    if (name) form?.fields.push([name, value ?? ''])
  }
  const rewriter = new HTMLRewriter()
    .on('a[href]', { element: (a) => void links.push(a.getAttribute('href') ?? '') })
    .on('form', {
      element: (element) => {
        const method = (element.getAttribute('method') ?? 'get').toUpperCase()
        form = { method, action: element.getAttribute('action') || page, fields: [] }
        forms.push(form)
      },
    })
    .on('input', {
      element: (input) => field(input.getAttribute('name'), input.getAttribute('value')),
    })
    .on('button[name]', {
      element: (button) => field(button.getAttribute('name'), button.getAttribute('value')),
    })
    .on('select', { element: (select) => field(select.getAttribute('name'), '') })
    .on('option[selected]', {
      element: (option) => {
        const last = form?.fields.at(-1)
        if (last) last[1] = option.getAttribute('value') ?? ''
      },
    })
    .on('textarea', {
      element: (element) => {
        area = element.getAttribute('name') ?? undefined
        if (area) form?.fields.push([area, ''])
      },
    })
  await rewriter.transform(new Response(html)).text()
  return { links, forms }
}

/** One field wrong, as a rule; sometimes all, or the form itself. */
function drawForm(form: Form, cookie: string, random: Random): FuzzRequest {
  const at = random.int(0, Math.max(0, form.fields.length - 1))
  const all = random.chance(0.1)
  let fields = form.fields.map(([name, value], index): [string, string] => [
    name,
    all || index === at ? hostileText(random) : value,
  ])
  if (random.chance(0.1)) fields = fields.filter((_, index) => index !== at)
  if (random.chance(0.1)) fields = [...fields, ...fields]
  if (random.chance(0.1)) fields.push([random.pick(['__proto__', 'role', 'id']), 'staff'])
  const text = new URLSearchParams(
    fields.map(([name, value]): [string, string] => [name, value.toWellFormed()]),
  )
  const asked = { operation: `${form.method} ${form.action}`, method: form.method }
  const own: [string, string][] = [['Cookie', cookie]]
  if (form.method === 'GET') {
    const target = `${form.action.replace(/\?.*/, '')}?${text}`.slice(0, 8_000)
    return { ...asked, target, headers: own, body: undefined }
  }
  const type = random.chance(0.05)
    ? 'multipart/form-data; boundary=x'
    : random.chance(0.03)
      ? 'text/plain'
      : usualType
  return {
    ...asked,
    target: form.action.replace(/#.*/, ''),
    headers: [...own, ['Sec-Fetch-Site', 'same-origin'], ['Content-Type', type]],
    body: Buffer.from(
      type === usualType
        ? text.toString()
        : [...text]
            .map(
              ([name, value]) =>
                `--x\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
            )
            .join(''),
    ),
  }
}

const usualType = 'application/x-www-form-urlencoded'
