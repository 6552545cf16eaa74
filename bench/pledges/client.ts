import { apiRoot } from '#http/api'
import { CommandError } from '#lib/errors'
import type { Address } from '#server/ask'
import { paths } from '#web/paths'
import { latencyFigures } from '../database/load'
import { type Answer, newAnswer, takePart } from '../sockets/answer'
import { bonusAmount, drawProject, rewardedTotal } from './arena'
import { type Costs, costsBetween, look } from './costs'
import { type SignedIn, sessionOf, tokenOf } from './people'

/** By the API with a token, or by the form of the checkout with a cookie. */
export const ways = ['api', 'form'] as const
export type Way = (typeof ways)[number]

/** What a process that backs projects is to do. */
export interface BackOrder {
  /** Connections go to them in turns. */
  addresses: Address[]
  /** The origin that the site believes to have. */
  origin: string
  way: Way
  connections: number
  seconds: number
  projects: readonly number[]
  /** A reward of each project, in the same order. */
  rewards: readonly number[]
  people: SignedIn
  /** Who begins, counted from the first of them; everybody backs once. */
  from: number
  /** The first processes of the server and of Postgres, whose processor time is counted. */
  watched: { server: number; postgres: number }
}

export interface BackFigures {
  /** Pledges; every one of them was acknowledged, and rightly. */
  operations: number
  seconds: number
  p50Ms: number
  p75Ms: number
  p90Ms: number
  p99Ms: number
  costs: Costs
}

interface Lane {
  address: Address
  answer: Answer
  /** What a right answer is. */
  isRight: (answer: Answer) => boolean
  begunAt: number
  end: () => void
  fail: (reason: Error) => void
}

/**
 * Over so many connections at once, places one pledge after the other, each of somebody else, until
 * the time is over and the last is answered. Throws a CommandError at the first answer that is not
 * a right one: what was stored could not be compared any more.
 */
export async function runBackers(order: BackOrder): Promise<BackFigures> {
  const encoder = new TextEncoder()
  const latencies: number[] = []
  const before = look(order)
  const startedAt = performance.now()
  let drawn = 0

  const next = (socket: Bun.Socket<Lane>) => {
    const lane = socket.data
    const now = performance.now()
    if (now - startedAt >= order.seconds * 1000) {
      lane.end()
      return
    }
    if (drawn === order.people.count) return lane.fail(new CommandError('There is nobody left.'))
    const { request, isRight } = pledgeOf(order, drawn++)
    Object.assign(lane, { isRight, answer: newAnswer(), begunAt: now })
    lane.answer.body = ''
    // A request is far smaller than any socket's buffer.
    socket.write(encoder.encode(request))
  }
  const socket: Bun.SocketHandler<Lane> = {
    open: next,
    data(socket, part) {
      const lane = socket.data
      const { answer } = lane
      if (takePart(answer, part) === 'more') return
      if (!lane.isRight(answer)) return lane.fail(wrong(answer))
      latencies.push(performance.now() - lane.begunAt)
      next(socket)
    },
    close: ({ data: lane }) => lane.fail(new CommandError('A connection was closed.')),
    connectError: ({ data: lane }, error) => lane.fail(error),
  }

  const open: Promise<Bun.Socket<Lane>>[] = []
  try {
    await Promise.all(
      Array.from({ length: order.connections }, (_, index) => {
        const address = order.addresses[index % order.addresses.length] as Address
        const { promise, resolve: end, reject: fail } = Promise.withResolvers<void>()
        const begun = { answer: newAnswer(), isRight: () => false, begunAt: 0 }
        const connection = connect(address, socket, { address, end, fail, ...begun })
        open.push(connection)
        return Promise.all([connection, promise])
      }),
    )
  } finally {
    for (const each of await Promise.allSettled(open)) {
      if (each.status === 'fulfilled') each.value.terminate()
    }
  }
  const seconds = (performance.now() - startedAt) / 1000
  const costs = costsBetween(before, look(order))
  return { operations: latencies.length, seconds, ...latencyFigures(latencies), costs }
}

const connect = (address: Address, socket: Bun.SocketHandler<Lane>, data: Lane) =>
  'socketPath' in address
    ? Bun.connect({ unix: address.socketPath, socket, data })
    : Bun.connect({ hostname: address.host, port: address.port, socket, data })

const wrong = ({ status, head, body }: Answer) =>
  new CommandError(`A pledge was answered with ${status}: ${body || head}`)

/** The nth pledge: every other one takes the limited reward. */
export function pledgeOf(order: BackOrder, nth: number) {
  const { people, projects, rewards } = order
  const index = drawProject(projects.length)
  const offset = (order.from + nth) % people.count
  const wish = {
    project: { id: projects[index] as number },
    reward: nth % 2 === 0 ? (rewards[index] as number) : null,
    total: nth % 2 === 0 ? rewardedTotal : bonusAmount,
    person: people.first + offset,
    card: people.firstCard + offset,
  }
  return order.way === 'api' ? byApi(order, wish) : byForm(order, wish)
}

interface Wish {
  project: { id: number }
  reward: number | null
  total: number
  person: number
  card: number
}

function byApi({ origin }: BackOrder, { project, reward, total, person, card }: Wish) {
  const request = post(`${apiRoot}/projects/${project.id}/pledge`, {
    Host: new URL(origin).host,
    Authorization: `Bearer ${tokenOf(person)}`,
    'Idempotency-Key': crypto.randomUUID(),
    'Content-Type': 'application/json',
  })
  const isRight = ({ status, body = '' }: Answer) =>
    status === 201 && (JSON.parse(body) as Made).total.amount === total
  return { request: request(JSON.stringify({ reward, bonus: bonusAmount, total, card })), isRight }
}

interface Made {
  total: { amount: number }
}

function byForm({ origin }: BackOrder, { project, reward, total, person, card }: Wish) {
  const request = post(paths.pledgeCheckout(project), {
    Host: new URL(origin).host,
    Cookie: `session=${sessionOf(person)}`,
    'Sec-Fetch-Site': 'same-origin',
    Origin: origin,
    'Content-Type': 'application/x-www-form-urlencoded',
  })
  const fields = new URLSearchParams({
    ...{ key: crypto.randomUUID(), reward: String(reward ?? 'none'), bonus: '5' },
    ...{ total: String(total), card: String(card) },
  })
  const shown = paths.pledge(project, { done: 'new' })
  const isRight = ({ status, head }: Answer) =>
    status === 303 && head.toLowerCase().includes(`\r\nlocation: ${shown.toLowerCase()}\r\n`)
  return { request: request(fields.toString()), isRight }
}

const post = (path: string, headers: Readonly<Record<string, string>>) => (body: string) =>
  [
    `POST ${path} HTTP/1.1`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    `Content-Length: ${Buffer.byteLength(body)}`,
    '',
    body,
  ].join('\r\n')
