import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommandError } from '#lib/errors'
import { latencyFigures } from '../database/load'
import { type LoadRun, withErrors } from './run'
import { runTool } from './tool'
import { drawPage, pageCount, type Traffic } from './traffic'
import { browserHeaders } from './wrk'

export interface H2loadOptions {
  /** Names the host and, without sockets, the address: `http://127.0.0.1:3000`. */
  origin: string
  /** Unix sockets instead of TCP, dealt to the generators in turns. */
  sockets?: string[]
  /** As many processes, but no more than connections. */
  generators: number
  traffic: Traffic
  /** All together. */
  connections: number
  seconds: number
  signal: AbortSignal
}

// Reading the list is in h2load's processor time: it is about as long as one connection gets far,
// as each walks all of it from its beginning.
const listLengths = { least: 1_000, most: 50_000, perSecond: 5_000 }
// As wrk has it. h2load's own timeouts close the connection, on which it may abort.
const lateMs = 2_000

/**
 * h2load speaking HTTP/1.1 as one or several processes, their figures taken together. Without a
 * warm-up of its own, whose processor time would be in that of the run.
 */
export async function runH2load(options: H2loadOptions): Promise<LoadRun> {
  const { origin, sockets, traffic, connections, seconds, signal } = options
  const generators = Math.min(options.generators, connections)
  const directory = await mkdtemp(join(tmpdir(), 'jumpstarter-h2load-'))
  const [name, value] = Object.entries(browserHeaders)[0] ?? []
  const generate = async (index: number) => {
    const list = join(directory, `${index}.txt`)
    const log = join(directory, `${index}.log`)
    const own = Math.floor(connections / generators) + (index < connections % generators ? 1 : 0)
    await Bun.write(list, drawnList(origin, traffic, (seconds * listLengths.perSecond) / own))
    const shape = ['--h1', '-t', '1', '-c', `${own}`, '-D', `${Math.round(seconds * 1000)}ms`]
    const socket = sockets?.[index % sockets.length]
    const address = socket === undefined ? [] : [`--base-uri=unix:${socket}`]
    const words = [...shape, '-H', `${name}: ${value}`, ...address, '-i', list, `--log-file=${log}`]
    const { stdout, cpuUs } = await runTool('h2load', words, signal)
    const latencies = parseLog(await Bun.file(log).text())
    return { ...parseH2load(stdout), cpuUs, latencies }
  }
  try {
    const parts = Array.from({ length: generators }, (_, at) => generate(at))
    // None of them may still run when the directory goes.
    await Promise.allSettled(parts)
    return together(await Promise.all(parts))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

function drawnList(origin: string, traffic: Traffic, expected: number): string {
  const { least, most } = listLengths
  const length = pageCount(traffic) === 1 ? 1 : Math.ceil(Math.min(most, Math.max(least, expected)))
  const lines = Array.from({ length }, () => origin + drawPage(traffic).path)
  return `${lines.join('\n')}\n`
}

export interface H2loadSummary {
  /** Answered, whether with success or not. */
  requests: number
  requestsPerSecond: number
  succeeded: number
  socket: number
  timeout: number
  status: number
}

/** Reads what h2load prints at its end. Throws when its figures are not there. */
export function parseH2load(stdout: string): H2loadSummary {
  const figure = (pattern: RegExp) => {
    const text = pattern.exec(stdout)?.[1]
    if (text !== undefined) return Number(text)
    throw new CommandError(`h2load printed no figures: ${stdout.trim() || 'nothing at all'}`)
  }
  return {
    requests: figure(/ (\d+) done,/),
    requestsPerSecond: figure(/finished in [\d.]+\w+, ([\d.]+) req\/s/),
    succeeded: figure(/ (\d+) 2xx,/),
    socket: figure(/ (\d+) errored,/),
    timeout: figure(/ (\d+) timeout/),
    status: figure(/ (\d+) 3xx,/) + figure(/ (\d+) 4xx,/) + figure(/ (\d+) 5xx/),
  }
}

/** Milliseconds of each request in h2load's log: start, status, microseconds. */
export function parseLog(log: string): number[] {
  return log
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => Number(line.split('\t')[2]) / 1000)
}

type Part = H2loadSummary & { cpuUs: number; latencies: number[] }

function together(parts: Part[]): LoadRun {
  const sum = (of: (part: Part) => number) => parts.reduce((total, part) => total + of(part), 0)
  const latencies = parts.flatMap((part) => part.latencies)
  const late = latencies.filter((each) => each > lateMs).length
  const operations = Math.max(0, sum(({ succeeded }) => succeeded) - late)
  const answered = sum(({ requests }) => requests)
  const answeredPerSecond = sum(({ requestsPerSecond }) => requestsPerSecond)
  const cpuUs = sum((part) => part.cpuUs)
  return withErrors(
    {
      operations,
      operationsPerSecond: answered > 0 ? (answeredPerSecond * operations) / answered : 0,
      averageMs: latencies.reduce((total, each) => total + each, 0) / latencies.length,
      ...latencyFigures(latencies),
      clientCpuUs: operations > 0 ? cpuUs / operations : undefined,
    },
    {
      socket: sum(({ socket }) => socket),
      timeout: sum(({ timeout }) => timeout) + late,
      status: sum(({ status }) => status),
    },
  )
}
