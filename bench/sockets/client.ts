import type { Address } from '#server/ask'
import { latencyFigures } from '../database/load'
import type { LoadErrors } from '../load/run'
import { type Answer, newAnswer, takePart } from './answer'

/** What our own load generator is to do. */
export interface ClientOrder {
  /** Connections go to them in turns. */
  addresses: Address[]
  /** Whole requests, asked for one after the other, again and again. */
  requests: string[]
  /** Over the same connections; otherwise each over one of its own, as the requests must ask. */
  keepAlive: boolean
  /** At the same time. */
  connections: number
  seconds: number
}

export interface ClientFigures {
  /** Right answers in time. */
  operations: number
  seconds: number
  averageMs: number
  p50Ms: number
  p75Ms: number
  p90Ms: number
  p99Ms: number
  errorKinds: LoadErrors
  /** The first broken connection's own words. */
  firstError?: string | undefined
  /** Processor time of this process for all of it. */
  cpuUs: number
}

/** A GET as it goes over the wire. */
export const requestBytes = (path: string, headers: Record<string, string>): string =>
  [
    `GET ${path} HTTP/1.1`,
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
    '\r\n',
  ].join('\r\n')

// As h2load and wrk have it here.
const lateMs = 2_000
const lookForLateEveryMs = 250
/** A refused connection is tried again, though not as fast as one can. */
const afterErrorMs = 5

interface Lane {
  index: number
  request: Uint8Array
  answer: Answer
  begunAt: number
  socket: Bun.Socket<Lane> | undefined
  /** When the last byte came. */
  endedAt: number
}

/** Asks for `seconds`; errors are counted, not thrown. */
export async function runClient(order: ClientOrder): Promise<ClientFigures> {
  const encoder = new TextEncoder()
  const requests = order.requests.map((each) => encoder.encode(each))
  const { count, broke, late, figures } = newTally()
  let next = 0
  const cpuBefore = process.cpuUsage()
  const startedAt = performance.now()
  const isOver = () => performance.now() - startedAt >= order.seconds * 1000

  const handlers: Bun.SocketHandler<Lane> = {
    open(socket) {
      socket.data.socket = socket
      // A request is far smaller than any socket's buffer.
      socket.write(socket.data.request)
    },
    data(socket, part) {
      const lane = socket.data
      if (lane.endedAt > 0 || takePart(lane.answer, part) === 'more') return
      lane.endedAt = performance.now()
      if (order.keepAlive) {
        count(lane)
        if (begin(lane)) socket.write(lane.request)
      } else socket.end()
    },
    close({ data: lane }, error) {
      if (isOver()) return
      if (lane.endedAt === 0 && lane.answer.untilClose) lane.endedAt = performance.now()
      if (lane.endedAt > 0) count(lane)
      else broke(lane, error?.message ?? 'the connection was closed before its answer')
      ask(lane)
    },
    // The promise of the connection says the same.
    connectError() {},
  }
  const begin = (lane: Lane): boolean => {
    const request = requests[next++ % requests.length]
    if (isOver() || !request) return false
    Object.assign(lane, { request, answer: newAnswer(), begunAt: performance.now(), endedAt: 0 })
    return true
  }
  const ask = (lane: Lane) => {
    const address = order.addresses[lane.index % order.addresses.length]
    lane.socket = undefined
    if (!address || !begin(lane)) return
    connect(address, handlers, lane).catch((error: unknown) => {
      if (isOver()) return
      broke(lane, error instanceof Error ? error.message : String(error))
      setTimeout(ask, afterErrorMs, lane)
    })
  }

  const lanes = Array.from({ length: order.connections }, (_, index) => newLane(index))
  for (const lane of lanes) ask(lane)
  while (!isOver()) {
    const left = order.seconds * 1000 - (performance.now() - startedAt)
    await Bun.sleep(Math.max(0, Math.min(lookForLateEveryMs, left)))
    if (!isOver()) for (const lane of lanes.filter(hangs)) lane.socket?.terminate()
  }
  const seconds = (performance.now() - startedAt) / 1000
  const cpu = process.cpuUsage(cpuBefore)
  for (const lane of lanes) {
    if (lane.endedAt === 0 && hangs(lane)) late()
    lane.socket?.terminate()
  }
  return { ...figures(), seconds, cpuUs: cpu.user + cpu.system }
}

const hangs = ({ begunAt }: Lane) => performance.now() - begunAt >= lateMs

/** What has come of the requests so far. */
function newTally() {
  const latencies: number[] = []
  const errorKinds: LoadErrors = { socket: 0, timeout: 0, status: 0 }
  let firstError: string | undefined
  const late = () => {
    errorKinds.timeout++
  }
  return {
    late,
    count({ answer, begunAt, endedAt }: Lane) {
      if (answer.status !== 200) errorKinds.status++
      else if (endedAt - begunAt > lateMs) late()
      else latencies.push(endedAt - begunAt)
    },
    broke(lane: Lane, reason: string) {
      if (hangs(lane)) return late()
      errorKinds.socket++
      firstError ??= reason
    },
    figures: () => ({
      operations: latencies.length,
      averageMs: latencies.reduce((sum, each) => sum + each, 0) / latencies.length,
      ...latencyFigures(latencies),
      errorKinds,
      firstError,
    }),
  }
}

const newLane = (index: number): Lane => ({
  ...{ index, request: new Uint8Array(), answer: newAnswer(), begunAt: 0, endedAt: 0 },
  socket: undefined,
})

const connect = (address: Address, socket: Bun.SocketHandler<Lane>, data: Lane) =>
  'socketPath' in address
    ? Bun.connect({ unix: address.socketPath, socket, data })
    : Bun.connect({ hostname: address.host, port: address.port, socket, data })
