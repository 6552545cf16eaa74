import { paths } from '#web/paths'
import { headersOf, pledgePath } from '../faults/backer'
import { type Answer, type Question, send } from '../faults/send'
import type { OurServer } from '../load/servers'
import { type Person, password } from './people'

// What people do on the site, each over and over, whatever happens to it.

/** The columns of the matrix. */
export const deeds = [
  { id: 'browse', title: 'browse' },
  { id: 'project', title: 'project page' },
  { id: 'sign-in', title: 'sign in' },
  { id: 'session', title: 'signed in' },
  { id: 'pledge', title: 'pledge' },
  { id: 'settle', title: 'settle' },
  { id: 'upload', title: 'upload' },
] as const
export type DeedId = (typeof deeds)[number]['id']

/** One request, and what became of it. */
export interface Seen {
  /** `performance.now()` when it was sent. */
  at: number
  ms: number
  /** 0 is no whole answer. */
  status: number
  /** Whether it is what was asked for, as it is now. */
  isGood: boolean
  /** Shown as it once was, and marked so. */
  isOld: boolean
  /** Refused, and says when to come again. */
  saysWhen: boolean
  /** What must never be, whatever is down. */
  wrong?: string
  /** Somebody else had asked for the page before all this. */
  wasKept: boolean
}

/** A pledge that was asked for, until it is taken. */
export interface Asked {
  person: Person
  key: string
  isTaken: boolean
}

export interface Scene {
  server: OurServer
  /** Of a project; both workers have been asked for it. */
  keptPage: string
  /** To be backed. */
  project: number
  /** Each signs in or pledges when their turn comes. */
  people: Person[]
  member: { person: Person; cookie: string }
  /** One whose turn has come; pledges of all of them are asked for in the end. */
  asked: Asked[]
}

const thinkMs = 25
const ownSite = { 'sec-fetch-site': 'same-origin' }
const formType = { 'content-type': 'application/x-www-form-urlencoded' }
const pledged = { reward: null, bonus: 500, total: 500 }

/** Somebody else each time, for whom there are limits of their own. */
const from = () => ({
  'x-forwarded-for': `10.${Math.floor(Math.random() * 250)}.${Math.floor(Math.random() * 250)}.7`,
})

async function ask(
  { server }: Scene,
  question: Question,
  judge: (answer: Answer) => { isGood: boolean; wrong?: string | undefined },
  wasKept = false,
): Promise<Seen> {
  const at = performance.now()
  const headers = { ...from(), ...question.headers }
  const answer = await send(server.address, { ...question, headers })
  const ms = performance.now() - at
  if (!answer) {
    return { ...{ at, ms, status: 0, isGood: false, isOld: false, saysWhen: false, wasKept } }
  }
  const { status } = answer
  const isOld = answer.headers['age'] !== undefined && status === 200
  const { isGood, wrong } = judge(answer)
  const lineIsThere = answer.body.includes('This is the page as it was on ')
  const unmarked = isOld !== lineIsThere ? 'headers and page do not agree that it is old' : wrong
  const isRefusal = status === 503 || status === 507
  return {
    ...{ at, ms, status, isGood: isGood && !isOld, isOld, wasKept },
    saysWhen: isRefusal && (status === 507 || answer.headers['retry-after'] !== undefined),
    ...(unmarked === undefined ? {} : { wrong: unmarked }),
  }
}

const page = (path: string, headers: Record<string, string> = {}): Question => ({
  ...{ method: 'GET', path, headers },
})
const isThere = ({ status }: Answer) => ({ isGood: status === 200 })
let turns = 0

const browse = (scene: Scene): Promise<Seen> =>
  ++turns % 2 === 0
    ? ask(scene, page(paths.home()), isThere, true)
    : ask(scene, page(`/search?q=word${turns}`), isThere)

const readProject = (scene: Scene): Promise<Seen> => ask(scene, page(scene.keptPage), isThere, true)

function signIn(scene: Scene): Promise<Seen> {
  const { email } = nextPerson(scene)
  const body = new URLSearchParams({ email, password }).toString()
  const question = { method: 'POST', path: '/sign-in', headers: { ...ownSite, ...formType }, body }
  return ask(scene, question as Question, ({ status, headers }) => ({
    isGood: status === 303 && Boolean(headers['set-cookie']?.join().includes('session=')),
  }))
}

/** Never sent to sign in again, never told to forget the cookie. */
function goOn(scene: Scene): Promise<Seen> {
  const { cookie, person } = scene.member
  return ask(scene, page('/settings', { cookie }), ({ status, headers, body }) => ({
    isGood: status === 200 && body.includes(person.email),
    wrong:
      status === 303 || headers['set-cookie']?.join().includes('session=')
        ? 'signed out'
        : undefined,
  }))
}

function pledge(scene: Scene): Promise<Seen> {
  const asked = { person: nextPerson(scene), key: crypto.randomUUID(), isTaken: false }
  scene.asked.push(asked)
  return sendPledge(scene, asked)
}

/** Once more is the same. */
export async function sendPledge(scene: Scene, asked: Asked): Promise<Seen> {
  const { person, key } = asked
  const seen = await ask(
    scene,
    {
      ...{ method: 'POST', path: pledgePath(scene.project) },
      headers: { ...headersOf(person), 'idempotency-key': key },
      body: JSON.stringify({ ...pledged, card: person.card }),
    },
    ({ status }) => ({ isGood: status === 201 }),
  )
  asked.isTaken ||= seen.isGood
  return seen
}

function nextPerson({ people }: Scene): Person {
  const person = people.pop()
  if (!person) throw new Error('There is nobody left to do it.')
  return person
}

type Repeated = Exclude<DeedId, 'settle' | 'upload'>
const repeated: Record<Repeated, (scene: Scene) => Promise<Seen>> = {
  browse,
  project: readProject,
  'sign-in': signIn,
  session: goOn,
  pledge,
}
const slowThinkMs: Partial<Record<DeedId, number>> = { 'sign-in': 120, pledge: 60 }

export interface Doings {
  seen: Record<Repeated, Seen[]>
  stop(): Promise<void>
}

/** All of them at once, each again and again, until they are stopped. */
export function startDoings(scene: Scene): Doings {
  const ids = Object.keys(repeated) as Repeated[]
  const seen = Object.fromEntries(ids.map((id) => [id, []])) as unknown as Doings['seen']
  let running = true
  const work = Promise.all(
    ids.map(async (id) => {
      while (running) {
        seen[id].push(await repeated[id](scene))
        await Bun.sleep(slowThinkMs[id] ?? thinkMs)
      }
    }),
  )
  // Whoever stops them hears of it.
  work.catch(() => {})
  return {
    seen,
    stop: async () => {
      running = false
      await work
    },
  }
}
