import type { Db } from '#db/client'
import { openSession } from '#db/sessions'
import { CommandError } from '#lib/errors'
import { newToken } from '#lib/tokens'
import { paths } from '#web/paths'
import { cpuUsBetween, readCpuTimes } from '../load/processes'
import { type OurServer, startOurs } from '../load/servers'
import { browserHeaders } from '../load/wrk'
import { median } from '../report'
import { type Interval, intervalOf } from '../sockets/interval'

export interface SignedOptions {
  rounds: number
  /** Of each turn. */
  seconds: number
  signal: AbortSignal
  report(turns: number): void
}

/** One kind of page, made anew for each reader. */
export interface SignedPage {
  id: string
  /** Processor time of the worker for a page, in microseconds: the median of the turns. */
  anonymousUs: number
  signedUs: number
  /** Signed in against anonymous, by rounds. */
  ratio: Interval | undefined
}

/** Readers at once: some wait for the database while others are answered. */
const readers = 16
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

export const kindsCount = 5
/** Turns of which nothing is kept, before the first: code, statements and plans are made. */
export const turnsOf = (rounds: number) => kindsCount * (rounds * 2 + 2)

/** The same pages by turns without a cookie and by people who are signed in, on one worker. */
export async function measureSigned(
  { db, url }: { db: Db; url: string },
  { rounds, seconds, signal, report }: SignedOptions,
): Promise<SignedPage[]> {
  const cookies = await signPeopleIn(db)
  const kinds = await kindsOf(db)
  const server = await startOurs({ databaseUrl: url, workers: 1, pageCache: false }, signal)
  let turns = 0
  try {
    const measured: SignedPage[] = []
    for (const [id, asked] of Object.entries(kinds)) {
      const pages = await Promise.all(asked.map((path) => settledPath(server, path)))
      await checkWho(server, pages[0] ?? '/', cookies)
      const turn = async (signed: boolean) => {
        const us = await cpuOfTurn(server, {
          pages,
          cookies: signed ? cookies : [],
          seconds,
          signal,
        })
        report(++turns)
        return us
      }
      await turn(true)
      await turn(false)
      const anonymous: number[] = []
      const own: number[] = []
      for (let round = 0; round < rounds; round++) {
        anonymous.push(await turn(false))
        own.push(await turn(true))
      }
      const ratio = intervalOf(own.map((us, round) => us / (anonymous[round] as number)))
      measured.push({ id, anonymousUs: median(anonymous), signedUs: median(own), ratio })
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

/** Where a path leads to, so that no redirect is taken for a page. */
async function settledPath({ origin }: OurServer, path: string): Promise<string> {
  const { url } = await fetch(origin + path)
  return url.slice(origin.length)
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

interface Turn {
  pages: string[]
  /** Of those who ask; none for anonymous readers. */
  cookies: string[]
  seconds: number
  signal: AbortSignal
}

/** Processor time of the worker for one page. Throws a CommandError for any answer but a page. */
async function cpuOfTurn(server: OurServer, turn: Turn): Promise<number> {
  const { pages, cookies, seconds, signal } = turn
  const end = performance.now() + seconds * 1000
  const before = readCpuTimes(server.pids())
  let answers = 0
  const read = async (_: unknown, reader: number) => {
    const cookie = cookies[reader % cookies.length]
    const headers = { ...browserHeaders, ...(cookie ? { cookie } : {}) }
    for (let next = reader; performance.now() < end; next++) {
      const path = pages[next % pages.length] ?? '/'
      const answer = await fetch(server.origin + path, { headers, signal })
      await answer.arrayBuffer()
      if (answer.status !== 200) throw new CommandError(`${path} answered ${answer.status}.`)
      answers++
    }
  }
  await Promise.all(Array.from({ length: readers }, read))
  return cpuUsBetween(before, readCpuTimes(server.pids())) / answers
}
