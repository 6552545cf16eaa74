import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { CommandError } from '#lib/errors'
import { median } from './report'

const root = resolve(import.meta.dir, '..')
const port = 3987
const base = `http://127.0.0.1:${port}`
const workers = 2
const startRounds = 5
const loadRounds = 7
const loadSeconds = 5
const connectionsPerWorker = 16
const readyDeadlineMs = 60_000

interface Load {
  requestsPerSecond: number
  errors: number
}

/**
 * How soon the executable serves, what the front page weighs, and how many uncached project pages
 * it makes over TCP and over Unix sockets, driven alike by one h2load for each worker. Returns the
 * rows of the report. Without `executable` one is built from the checkout.
 */
export async function measureServing(options: {
  executable: string | undefined
  say: (line: string) => void
}): Promise<object[]> {
  const { say } = options
  if (!Bun.which('h2load')) {
    throw new CommandError('bench serve needs h2load: apt-get install nghttp2-client.')
  }
  const directory = mkdtempSync(join(tmpdir(), 'jumpstarter-bench-'))
  try {
    const executable = options.executable ?? build(directory, say)
    return rowsOf(await measure(directory, executable, say))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

function build(directory: string, say: (line: string) => void): string {
  say('building the executable')
  const executable = join(directory, 'jumpstarter')
  const command = [process.execPath, 'src/build.ts', '--outfile', executable]
  const built = Bun.spawnSync(command, { cwd: root })
  if (!built.success) throw new CommandError(`The build failed: ${built.stderr}`)
  return executable
}

async function measure(directory: string, executable: string, say: (line: string) => void) {
  say('starting it')
  const start = (flags: string[], path: string) => timedStart(directory, executable, flags, path)
  const first = await start(['--demo'], '/')
  await first.stop()
  const readyMs: number[] = []
  for (let round = 0; round < startRounds; round++) {
    const again = await start([], '/readyz')
    readyMs.push(again.ms)
    await again.stop()
  }
  const running = await start([], '/readyz')
  try {
    const { url } = await fetch(`${base}/projects/1990`)
    const loads = await alternate(url, directory, say)
    return { firstPageMs: first.ms, readyMs, weight: await homeWeight(), url, loads }
  } finally {
    await running.stop()
  }
}

/** Milliseconds from the start of the process to the first answer with status 200. */
async function timedStart(cwd: string, executable: string, flags: string[], path: string) {
  const listen = ['--listen', `tcp:127.0.0.1:${port}`, '--listen', `unix:${cwd}/sockets`]
  const startedAt = performance.now()
  const child = Bun.spawn([executable, ...flags, '--workers', String(workers), ...listen], {
    cwd,
    env: { HOME: cwd, LOG_LEVEL: 'error' },
    stdout: 'ignore',
    stderr: 'ignore',
  })
  const stop = async () => {
    child.kill('SIGTERM')
    await child.exited
  }
  while (performance.now() - startedAt < readyDeadlineMs) {
    const answer = await fetch(base + path, { keepalive: false }).catch(() => undefined)
    if (answer?.ok) return { ms: performance.now() - startedAt, stop }
    await Bun.sleep(5)
  }
  await stop()
  throw new CommandError(`The executable did not answer at ${path}.`)
}

/** Bytes of the front page as they come over the wire, pictures aside. */
async function homeWeight() {
  const html = await (await fetch(base)).text()
  const bytesOf = async (path: string, coding: string) => {
    const options = { decompress: false, headers: { 'Accept-Encoding': coding } }
    return (await (await fetch(base + path, options)).arrayBuffer()).byteLength
  }
  const pathOf = (pattern: RegExp) => pattern.exec(html)?.[0] ?? ''
  const parts = {
    html: await bytesOf('/', 'gzip'),
    css: await bytesOf(pathOf(/\/assets\/site-[^"]+/), 'br'),
    font: await bytesOf(pathOf(/\/assets\/familjen[^"]+/), 'br'),
  }
  return { ...parts, total: parts.html + parts.css + parts.font }
}

/** TCP, Unix, TCP, Unix …: what drifts with the machine falls on both. */
async function alternate(url: string, directory: string, say: (line: string) => void) {
  const tcp: Load[] = []
  const unix: Load[] = []
  for (let round = 0; round < loadRounds; round++) {
    tcp.push(await load(url, () => []))
    unix.push(await load(url, (worker) => [`--base-uri=unix:${directory}/sockets/${worker}.sock`]))
    say(`round ${round + 1}: ${perSecond(tcp.at(-1))} TCP, ${perSecond(unix.at(-1))} Unix`)
  }
  return { tcp, unix }
}

async function load(url: string, extra: (worker: number) => string[]): Promise<Load> {
  const fixed = ['--h1', '-D', String(loadSeconds), '--warm-up-time', '1', '-t', '1']
  const runs = Array.from({ length: workers }, async (_, worker) => {
    const words = ['-c', String(connectionsPerWorker), ...extra(worker), url]
    const child = Bun.spawn(['h2load', ...fixed, ...words], { stdout: 'pipe', stderr: 'ignore' })
    const text = await new Response(child.stdout).text()
    const figure = (pattern: RegExp) => Number(pattern.exec(text)?.[1] ?? Number.NaN)
    const wrong = figure(/(\d+) failed/) + figure(/(\d+) 4xx/) + figure(/(\d+) 5xx/)
    return { requestsPerSecond: figure(/([\d.]+) req\/s/), errors: wrong }
  })
  const sums = await Promise.all(runs)
  return {
    requestsPerSecond: sums.reduce((sum, each) => sum + each.requestsPerSecond, 0),
    errors: sums.reduce((sum, each) => sum + each.errors, 0),
  }
}

const perSecond = (load: Load | undefined) => `${Math.round(load?.requestsPerSecond ?? 0)}/s`

function rowsOf(measured: Awaited<ReturnType<typeof measure>>): object[] {
  const { tcp, unix } = measured.loads
  const ratios = tcp.map(({ requestsPerSecond }, round) =>
    Number(((unix[round]?.requestsPerSecond ?? 0) / requestsPerSecond).toFixed(3)),
  )
  const throughput = (id: string, loads: Load[]) => ({
    id,
    requests_per_second: Math.round(median(loads.map((each) => each.requestsPerSecond))),
    errors: loads.reduce((sum, { errors }) => sum + errors, 0),
  })
  return [
    { id: 'empty directory to first page', ms: Math.round(measured.firstPageMs) },
    { id: 'ready on a migrated database', ms: Math.round(median(measured.readyMs)) },
    { id: 'home without pictures', bytes: measured.weight.total, ...measured.weight },
    throughput('uncached project page, TCP', tcp),
    throughput('uncached project page, Unix sockets', unix),
    {
      id: 'Unix sockets / TCP',
      ratio: median(ratios),
      ratio_low: Math.min(...ratios),
      ratio_high: Math.max(...ratios),
    },
  ]
}
