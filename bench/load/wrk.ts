import { mkdtemp, rm } from 'node:fs/promises'
import { cpus, tmpdir } from 'node:os'
import { join } from 'node:path'
import { CommandError } from '#lib/errors'
import { type LoadRun, withErrors } from './run'
import { runTool } from './tool'
import { newestPercent, type Traffic, writePaths } from './traffic'

/** What a browser sends that changes the answer. */
export const browserHeaders = { 'Accept-Encoding': 'gzip' } as const

export interface WrkOptions {
  /** Such as `http://127.0.0.1:3000`. */
  origin: string
  traffic: Traffic
  connections: number
  seconds: number
  signal: AbortSignal
}

const resultMark = 'jumpstarter '
const percentiles = { p50Ms: 50, p75Ms: 75, p90Ms: 90, p99Ms: 99 } as const

// Requests are written once, so that drawing one costs the generator next to nothing.
const script = `
local threads = 0
function setup(thread)
  thread:set('seed', os.time() + threads)
  threads = threads + 1
end

local newest, others = {}, {}
local newestCount, othersCount = 0, 0
function init(args)
  math.randomseed(seed)
${Object.entries(browserHeaders)
  .map(([name, value]) => `  wrk.headers['${name}'] = '${value}'`)
  .join('\n')}
  for line in io.lines(args[1]) do
    local kind, path = line:match('^(%a) (.+)$')
    table.insert(kind == 'n' and newest or others, wrk.format('GET', path))
  end
  newestCount, othersCount = #newest, #others
end

function request()
  if othersCount == 0 or (newestCount > 0 and math.random(100) <= ${newestPercent}) then
    return newest[math.random(newestCount)]
  end
  return others[math.random(othersCount)]
end

function done(summary, latency)
  local figures = {
    requests = summary.requests, duration = summary.duration, bytes = summary.bytes,
    connect = summary.errors.connect, read = summary.errors.read, write = summary.errors.write,
    status = summary.errors.status, timeout = summary.errors.timeout, averageMs = latency.mean,
${Object.entries(percentiles)
  .map(([name, share]) => `    ${name} = latency:percentile(${share}),`)
  .join('\n')}
  }
  local parts = {}
  for name, value in pairs(figures) do
    table.insert(parts, string.format('"%s":%.3f', name, value))
  end
  io.write('\\n${resultMark}{' .. table.concat(parts, ',') .. '}\\n')
end
`

// It shares the cores with what it asks.
const threads = Math.max(1, Math.floor(cpus().length / 2))

/** One run of wrk. Redirects count as answers, so `checkPages` before. */
export async function runWrk(options: WrkOptions): Promise<LoadRun> {
  const { origin, traffic, connections, seconds, signal } = options
  const directory = await mkdtemp(join(tmpdir(), 'jumpstarter-wrk-'))
  try {
    const file = join(directory, 'traffic.lua')
    await Bun.write(file, script)
    const pathsFile = await writePaths(directory, traffic)
    const shape = ['-t', `${Math.min(threads, connections)}`, '-c', `${connections}`]
    const words = [...shape, '-d', `${seconds}s`, '-s', file, origin, '--', pathsFile]
    const { stdout, cpuUs } = await runTool('wrk', words, signal)
    return parseWrk(stdout, cpuUs)
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

type Figures = Record<keyof typeof percentiles | 'requests' | 'duration' | 'averageMs', number> &
  Record<'connect' | 'read' | 'write' | 'status' | 'timeout', number>

/** Reads the line that our script has wrk print at its end, times in microseconds. */
export function parseWrk(stdout: string, cpuUs: number): LoadRun {
  const line = stdout.split('\n').findLast((each) => each.startsWith(resultMark))
  // Without a single answer some of its figures are not numbers, which JSON has no word for.
  const text = line?.slice(resultMark.length).replaceAll(/-?(nan|inf)/g, 'null')
  if (text === undefined) {
    throw new CommandError(`wrk printed no figures: ${stdout.trim() || 'nothing at all'}`)
  }
  const figures = JSON.parse(text) as Figures
  const { requests, duration, connect, read, write, status, timeout } = figures
  const ms = (microseconds: number) => (requests > 0 ? microseconds / 1000 : Number.NaN)
  // What wrk counts as answered has the refused and the late among it.
  const succeeded = Math.max(0, requests - status - timeout)
  return withErrors(
    {
      operations: succeeded,
      operationsPerSecond: succeeded / (duration / 1e6),
      averageMs: ms(figures.averageMs),
      p50Ms: ms(figures.p50Ms),
      p75Ms: ms(figures.p75Ms),
      p90Ms: ms(figures.p90Ms),
      p99Ms: ms(figures.p99Ms),
      clientCpuUs: succeeded > 0 ? cpuUs / succeeded : undefined,
    },
    { socket: connect + read + write, timeout, status },
  )
}
