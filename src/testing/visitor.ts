import type { TestApp } from './app'

/** A browser without scripts: keeps its cookies, sends forms, follows redirections by hand. */
export interface Visitor {
  get(path: string): Promise<Response>
  /** As a form of this site would send it. */
  post(
    path: string,
    fields: Record<string, string> | FormData,
    headers?: Record<string, string>,
  ): Promise<Response>
  cookies: Map<string, string>
}

export function visitor(site: Pick<TestApp, 'get'>): Visitor {
  const cookies = new Map<string, string>()
  const ask = async (path: string, init: RequestInit = {}) => {
    const headers = new Headers(init.headers)
    const sent = [...cookies].map(([name, value]) => `${name}=${value}`).join('; ')
    if (sent !== '') headers.set('cookie', sent)
    const answer = await site.get(path, { ...init, headers })
    for (const line of answer.headers.getSetCookie()) {
      const [pair = ''] = line.split(';')
      const [name = '', value = ''] = pair.split('=')
      if (/max-age=0\b/i.test(line)) cookies.delete(name)
      else cookies.set(name, value)
    }
    return answer
  }
  return {
    cookies,
    get: (path) => ask(path),
    post: (path, fields, headers = { 'sec-fetch-site': 'same-origin' }) => {
      const body = fields instanceof FormData ? fields : new URLSearchParams(fields)
      return ask(path, { method: 'POST', body, headers })
    },
  }
}

/** The path of the link in the latest mail to an address. */
export async function mailedPath(site: Pick<TestApp, 'db'>, recipient: string): Promise<string> {
  const [row] = await site.db.$client<{ text: string }[]>`
    select text from outbox where recipient = ${recipient} order by id desc limit 1`
  const address = /^https?:\/\/[^/]+(\/\S+)$/m.exec(row?.text ?? '')
  if (!address?.[1]) throw new Error(`no link was mailed to ${recipient}`)
  return address[1]
}

/** Makes an account and signs it in. */
export async function joined(site: Pick<TestApp, 'get' | 'db'>, name: string): Promise<Visitor> {
  const reader = visitor(site)
  const email = `${name.toLowerCase().replaceAll(' ', '.')}@example.test`
  await reader.post('/sign-up', { name, email, password: 'correct horse battery' })
  const token = new URL(await mailedPath(site, email), 'http://x').searchParams.get('token') ?? ''
  await reader.post('/sign-up/confirm', { token })
  return reader
}
