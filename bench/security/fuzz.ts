import {
  type Actors,
  bytesOf,
  curlOf,
  drawRequest,
  type FuzzRequest,
  type Operation,
} from './requests'
import { type Answer, openWire } from './wire'

export interface FuzzOptions {
  address: { host: string; port: number }
  seed: number
  requests: number
  operations: readonly Operation[]
  /** Asked for between rounds: what is there has changed. */
  actors(): Promise<Actors>
  signal: AbortSignal
  report(done: number): void
}

export interface Fuzzed {
  requests: number
  /** By status; 0 is no answer. */
  statuses: Map<number, number>
  /** Operations that were done at least once. */
  done: Set<string>
  failures: Failure[]
}

export interface Failure {
  what: string
  /** Repeats it. */
  curl: string
}

const lanes = 8
/** Fewer than what one person may write in a minute, whose count then begins anew. */
const roundRequests = 240
const failuresMax = 50

const stack = /\n\s+at \S+ \(/
/** What an answer must never tell: how the program is built and what it asked the database. */
const leak = new RegExp(
  [
    '\\n\\s+at \\S+ \\(|node_modules|\\.tsx?:\\d+:\\d',
    '\\bselect\\b[^<"]{0,80}\\bfrom\\b[^<"]{0,80}\\bwhere\\b',
    'PostgresError|ZodError|TypeError|SyntaxError|RangeError|drizzle|violates .* constraint',
  ].join('|'),
)

/** Asks everything the document says one may ask, rightly and wrongly. */
export async function fuzz(options: FuzzOptions): Promise<Fuzzed> {
  const { address, seed, requests, operations, signal, report } = options
  const fuzzed: Fuzzed = { requests, statuses: new Map(), done: new Set(), failures: [] }
  const host = `${address.host}:${address.port}`
  const wires = Array.from({ length: lanes }, () => openWire(address))
  try {
    for (let from = 0; from < requests; from += roundRequests) {
      signal.throwIfAborted()
      const actors = await options.actors()
      const to = Math.min(requests, from + roundRequests)
      let next = from
      await Promise.all(
        wires.map(async (wire) => {
          while (next < to && fuzzed.failures.length < failuresMax) {
            const request = drawRequest(seed, next++, operations, actors)
            const answer = await wire.ask(bytesOf(request, host), request.method)
            take(fuzzed, request, answer, `http://${host}`)
          }
        }),
      )
      report(to)
    }
  } finally {
    for (const wire of wires) wire.close()
  }
  return fuzzed
}

function take(fuzzed: Fuzzed, request: FuzzRequest, answer: Answer | undefined, origin: string) {
  const status = answer?.status ?? 0
  fuzzed.statuses.set(status, (fuzzed.statuses.get(status) ?? 0) + 1)
  if (status >= 200 && status < 300) fuzzed.done.add(request.operation)
  const what = wrongIn(request, answer)
  if (what)
    fuzzed.failures.push({ what: `${request.operation}: ${what}`, curl: curlOf(request, origin) })
}

/** What is wrong with an answer, whatever was asked; undefined where nothing is. */
export function brokenIn(answer: Answer | undefined): string | undefined {
  if (!answer) return 'no whole answer'
  const { status, headers } = answer
  const text = answer.body.toString()
  if (status >= 500 && status !== 503) return `${status} ${text.slice(0, 200)}`
  if (headers.has('x-injected') || headers.get('set-cookie')?.startsWith('session=1')) {
    return 'a header that the request has brought'
  }
  // What people have written may read like anything.
  const told = status >= 400 ? leak.exec(text)?.[0] : stack.exec(text)?.[0]
  return told && `it tells “${told.trim()}”`
}

/** The same of the API, all of whose refusals look alike. */
export function wrongIn(
  { method, target }: Pick<FuzzRequest, 'method' | 'target'>,
  answer: Answer | undefined,
): string | undefined {
  const broken = brokenIn(answer)
  if (broken || !answer) return broken
  const isOfApi = URL.parse(target, 'http://x')?.pathname.startsWith('/api/') ?? false
  if (answer.status < 400 || method === 'HEAD' || !isOfApi) return undefined
  const text = answer.body.toString()
  if (isProblem(answer, text)) return undefined
  return `${answer.status} that is no problem+json: ${text.slice(0, 200)}`
}

function isProblem({ status, headers }: Answer, text: string): boolean {
  if (headers.get('content-type') !== 'application/problem+json') return false
  try {
    const problem = JSON.parse(text)
    return (
      problem.status === status &&
      /^urn:jumpstarter:\w+$/.test(problem.type) &&
      [problem.title, problem.detail].every((each) => typeof each === 'string' && each !== '')
    )
  } catch {
    return false
  }
}
