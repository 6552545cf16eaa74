import type { Db } from '#db/client'
import { openSession } from '#db/sessions'
import { CommandError } from '#lib/errors'
import { newToken } from '#lib/tokens'
import { paths } from '#web/paths'
import { type OurServer, startOurs } from '../load/servers'
import { type Cost, type CostOptions, compare, cpuOfTurn, settledPath } from './turn'

const people = 8
const projectsAsked = 16

/** What is asked for by each kind of page. */
async function kindsOf(db: Db): Promise<Record<string, string[]>> {
  const projects = await db.$client<{ id: number; slug: string; person: number }[]>`
    select id::int, creator_id::int as person from projects where status = 'live'
      order by id desc limit ${projectsAsked}`
  const ids = projects.map(({ id }) => `/projects/${id}`)
  return {
    project: ids,
    rewards: ids.map((path) => `${path}/rewards`),
    'front page': [paths.home()],
    discover: ['/discover', '/discover?sort=newest', '/discover?sort=ending'],
    person: projects.map(({ person }) => `/people/${person}`),
  }
}

export const signedKinds = 5

/** The same pages by turns without a cookie and by people who are signed in, on one worker. */
export async function measureSigned(
  { db, url }: { db: Db; url: string },
  { rounds, seconds, signal, report }: CostOptions,
): Promise<Cost[]> {
  const cookies = await signPeopleIn(db)
  const kinds = await kindsOf(db)
  const server = await startOurs({ databaseUrl: url, workers: 1, pageCache: false }, signal)
  let turns = 0
  try {
    const measured: Cost[] = []
    for (const [id, asked] of Object.entries(kinds)) {
      const pages = await Promise.all(asked.map((path) => settledPath(server, path)))
      await checkWho(server, pages[0] ?? '/', cookies)
      const turnOf = (who: string[]) => async () => {
        const us = await cpuOfTurn(server, { pages, cookies: who, seconds, signal })
        report(++turns)
        return us
      }
      const turn = { without: turnOf([]), withIt: turnOf(cookies) }
      measured.push(await compare(id, rounds, turn))
    }
    return measured
  } finally {
    await server.stop()
  }
}

/** Cookies of people who have been here before: with an account, a session, saves and pledges. */
async function signPeopleIn(db: Db): Promise<string[]> {
  const backers = await db.$client<{ id: number }[]>`
    insert into accounts (person_id, email, password_hash)
      select id, 'reader.' || id || '@example.test', 'none' from people
        where pledges_count > 0 order by id limit ${people}
      on conflict (person_id) do update set mail_key = accounts.mail_key
      returning person_id::int as id`
  return await Promise.all(
    backers.map(async ({ id }) => {
      const { token, hash } = newToken()
      await openSession(db, { tokenHash: hash, personId: id, userAgent: 'bench', pending: false })
      return `session=${token}`
    }),
  )
}

/** Throws a CommandError when the cookies sign nobody in: the two would be the same page. */
async function checkWho({ origin }: OurServer, path: string, cookies: string[]): Promise<void> {
  for (const cookie of ['', ...cookies]) {
    const html = await (await fetch(origin + path, { headers: { cookie } })).text()
    if (html.includes('action="/sign-out"') === (cookie === '')) {
      throw new CommandError(`${path} does not tell who is signed in: there is nothing to compare.`)
    }
  }
}
