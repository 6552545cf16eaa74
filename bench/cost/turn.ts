import { CommandError } from '#lib/errors'
import { cpuUsBetween, readCpuTimes } from '../load/processes'
import type { OurServer } from '../load/servers'
import { browserHeaders } from '../load/wrk'
import { median } from '../report'
import { type Interval, intervalOf } from '../sockets/interval'

export interface CostOptions {
  rounds: number
  /** Of each turn. */
  seconds: number
  signal: AbortSignal
  /** Told of each turn that is over. */
  report(turns: number): void
}

/** What one kind of page takes without something and with it. */
export interface Cost {
  id: string
  /** Processor time of the program for a page, in microseconds: the median of the turns. */
  withoutUs: number
  withUs: number
  /** With against without, by rounds. */
  ratio: Interval | undefined
}

/** Readers at once: some wait for the database while others are answered. */
const readers = 16

export interface Turn {
  pages: readonly string[]
  /** Of those who ask; none for anonymous readers. */
  cookies?: readonly string[]
  seconds: number
  signal: AbortSignal
}

/** Processor time of the worker for one page. Throws a CommandError for any answer but a page. */
export async function cpuOfTurn(server: OurServer, turn: Turn): Promise<number> {
  const { pages, cookies = [], seconds, signal } = turn
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

/** Where a path leads to, so that no redirect is taken for a page. */
export async function settledPath({ origin }: OurServer, path: string): Promise<string> {
  const { url } = await fetch(origin + path)
  return url.slice(origin.length)
}

type TakeTurn = () => Promise<number>

/** By turns, after one of each of which nothing is kept: code, statements and plans are made. */
export async function compare(
  id: string,
  rounds: number,
  { without, withIt }: { without: TakeTurn; withIt: TakeTurn },
): Promise<Cost> {
  await withIt()
  await without()
  const [before, after]: [number[], number[]] = [[], []]
  for (let round = 0; round < rounds; round++) {
    before.push(await without())
    after.push(await withIt())
  }
  const ratio = intervalOf(after.map((us, round) => us / (before[round] as number)))
  return { id, withoutUs: median(before), withUs: median(after), ratio }
}

/** How many of them that makes. */
export const turnsOf = (kinds: number, rounds: number) => kinds * 2 * (rounds + 1)
