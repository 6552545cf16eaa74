import { createApp } from '#app'
import { recordEvent } from '#db/events'
import { deliverDue } from '#features/webhooks/writes/deliver'
import { type TestApp, testApp } from './app'
import { makeCampaign } from './campaign'
import { signedIn } from './cast'

export interface Got {
  path: string
  headers: Headers
  body: string
}

/** A creator whose program is told what happens, and all that is needed to see what it gets. */
export async function webhookSite() {
  const site = await testApp()
  // As it is while it is being tried out: only then may it send to this machine.
  const deps = { ...site.deps, config: { ...site.deps.config, demo: true } }
  const app = createApp(deps, { ready: true })
  const get = async (path: string, init?: RequestInit) =>
    app.fetch(new Request(deps.config.baseUrl + path, init))
  const demo: TestApp = { ...site, deps, app, get }
  const sql = site.db.$client
  const ana = await signedIn(demo, 'Ana Hook')

  const got: Got[] = []
  /** What the program answers to the next ones; then 204. */
  const answers: (() => Response | Promise<Response>)[] = []
  const receiver = Bun.serve({
    port: 0,
    hostname: '127.0.0.1',
    fetch: async (request) => {
      const { pathname: path } = new URL(request.url)
      got.push({ path, headers: request.headers, body: await request.text() })
      return (await answers.shift()?.()) ?? new Response(null, { status: 204 })
    },
  })
  const hook = (path: string) => `http://127.0.0.1:${receiver.port}${path}`

  return {
    ...{ site, demo, ana, got, answers, hook },
    bodies: () => got.map(({ body }) => JSON.parse(body)),
    campaign: () => makeCampaign(sql, { creatorId: ana.id }),
    addHook: async (project: number, path: string, ...kinds: string[]) => {
      const boxes = Object.fromEntries(kinds.map((kind) => [kind, 'on']))
      const answer = await ana.post(`/projects/${project}/webhooks`, { url: hook(path), ...boxes })
      const page = await answer.text()
      if (answer.status !== 200) throw new Error(page)
      const secret = /whsec_[\w+/=]+/.exec(page)?.[0] ?? ''
      const id = Number(/webhooks\/(\d+)"/.exec(page)?.[1])
      return { id, secret, path: `/projects/${project}/webhooks/${id}` }
    },
    happen: (project: number, kind: 'project_canceled' | 'project_failed') =>
      site.db.transaction((tx) => recordEvent(tx, { kind, aboutProject: project })),
    /** Until there is nothing more to send now. */
    deliver: async () => {
      while ((await deliverDue(deps)) > 0);
    },
    /** As if so much time had passed. */
    later: async (hours: number) => {
      await sql`
        update webhook_deliveries set due_at = due_at - make_interval(hours => ${hours})`
      await sql`update webhooks set leased_until = null,
        failing_since = failing_since - make_interval(hours => ${hours})`
    },
    deliveriesOf: (id: number) => sql`
      select id::int, kind, attempts, response_status, answer, last_error, due_at is null as over,
          delivered_at is not null as delivered
        from webhook_deliveries where webhook_id = ${id} order by id`,
    /** Nothing that was made before is told of what comes now. */
    reset: async () => {
      got.length = 0
      answers.length = 0
      await sql`update webhooks set disabled_at = coalesce(disabled_at, now())`
      await sql`delete from rate_limits`
    },
    close: async () => {
      await receiver.stop(true)
      await site.close()
    },
  }
}
