import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { parseH2load } from './h2load'
import type { OurServer } from './servers'
import { runTool } from './tool'
import type { Page, Traffic } from './traffic'
import { browserHeaders } from './wrk'

// The kernel gives a connection to any worker: that one of two gets none of so many is rare.
const tcpLanesPerWorker = 4
const unixLanesPerWorker = 16

/** Pages asked for one after the other over one connection. */
interface Lane {
  socket?: string
  pages: Page[]
}

/**
 * Asks every worker for every page: over Unix sockets surely and once, over TCP as far as the
 * connections come to all workers. Returns the number of requests.
 */
export async function sweepPages(
  { origin, sockets }: Pick<OurServer, 'origin' | 'sockets'>,
  { newest, others }: Traffic,
  workers: number,
  signal: AbortSignal,
): Promise<number> {
  const pages = [...newest, ...others]
  const lanes =
    sockets.length > 0
      ? sockets.flatMap((socket) =>
          slices(pages, unixLanesPerWorker).map((slice) => ({ socket, pages: slice })),
        )
      : rotations(pages, tcpLanesPerWorker * workers).map((all) => ({ pages: all }))
  const directory = await mkdtemp(join(tmpdir(), 'jumpstarter-sweep-'))
  const [name, value] = Object.entries(browserHeaders)[0] ?? []
  const ask = async (lane: Lane, index: number) => {
    const list = join(directory, `${index}.txt`)
    await Bun.write(list, lane.pages.map(({ path }) => `${origin}${path}\n`).join(''))
    const address = lane.socket === undefined ? [] : [`--base-uri=unix:${lane.socket}`]
    const shape = ['--h1', '-t', '1', '-c', '1', '-n', `${lane.pages.length}`]
    const words = [...shape, '-H', `${name}: ${value}`, ...address, '-i', list]
    return parseH2load((await runTool('h2load', words, signal)).stdout).requests
  }
  try {
    const asking = lanes.map(ask)
    // None of them may still run when the directory goes.
    await Promise.allSettled(asking)
    return (await Promise.all(asking)).reduce((sum, each) => sum + each, 0)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

const slices = (pages: Page[], count: number): Page[][] => {
  const size = Math.ceil(pages.length / count)
  return Array.from({ length: count }, (_, at) => pages.slice(at * size, (at + 1) * size)).filter(
    (slice) => slice.length > 0,
  )
}

/** All pages for each, begun at different places: so that they are not made one at a time. */
const rotations = (pages: Page[], count: number): Page[][] =>
  Array.from({ length: count }, (_, at) => {
    const start = Math.floor((at * pages.length) / count)
    return [...pages.slice(start), ...pages.slice(0, start)]
  })
