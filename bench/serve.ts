import { mkdtempSync, rmSync } from 'node:fs'
import { cpus, release, tmpdir, totalmem } from 'node:os'
import { join, resolve } from 'node:path'

// How soon the executable serves, what the front page weighs, and how many uncached project pages
// it makes over TCP and over Unix sockets, both driven alike: by one h2load for each worker.

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

async function main(): Promise<void> {
  if (!Bun.which('h2load')) throw new Error('h2load is missing: apt-get install nghttp2-client')
  const directory = mkdtempSync(join(tmpdir(), 'jumpstarter-bench-'))
  const executable = join(directory, 'jumpstarter')
  const command = ['bun', 'src/build.ts', '--outfile', executable]
  const built = Bun.spawnSync([process.execPath, ...command.slice(1)], { cwd: root })
  if (!built.success) throw new Error(`the build failed: ${built.stderr}`)
  try {
    await report(await measure(directory, executable))
  } finally {
    rmSync(directory, { recursive: true, force: true })
  }
}

async function measure(directory: string, executable: string) {
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
    const loads = await alternate(url, directory)
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
  throw new Error(`the executable did not answer at ${path}`)
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
async function alternate(url: string, directory: string) {
  const tcp: Load[] = []
  const unix: Load[] = []
  for (let round = 0; round < loadRounds; round++) {
    tcp.push(await load(url, () => []))
    unix.push(await load(url, (worker) => [`--base-uri=unix:${directory}/sockets/${worker}.sock`]))
    console.log(`round ${round + 1}: ${perSecond(tcp.at(-1))} TCP, ${perSecond(unix.at(-1))} Unix`)
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
const sorted = (values: number[]) => values.toSorted((a, b) => a - b)
const median = (values: number[]) => sorted(values)[Math.floor(values.length / 2)] ?? Number.NaN

async function report(measured: Awaited<ReturnType<typeof measure>>): Promise<void> {
  const { tcp, unix } = measured.loads
  const ratios = tcp.map(({ requestsPerSecond }, round) =>
    Number(((unix[round]?.requestsPerSecond ?? 0) / requestsPerSecond).toFixed(3)),
  )
  const throughput = (id: string, loads: Load[]) => ({
    id,
    requests_per_second: Math.round(median(loads.map((each) => each.requestsPerSecond))),
    errors: loads.reduce((sum, { errors }) => sum + errors, 0),
  })
  const rows = [
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
  console.table(rows.map(({ id, ...figures }) => ({ id, figures: JSON.stringify(figures) })))
  const commit = Bun.spawnSync(['git', 'rev-parse', '--short=12', 'HEAD'], { cwd: root })
  const result = {
    bench: 'serve',
    command: 'bun run bench',
    date: new Date().toISOString(),
    commit: commit.stdout.toString().trim(),
    machine: {
      cpu: cpus()[0]?.model,
      cores: cpus().length,
      memory_gb: Math.round(totalmem() / 2 ** 30),
      kernel: release(),
    },
    versions: { bun: Bun.version, postgres: '18.4' },
    scale: { projects: 2_000, people: 20_000, pledges: 60_000 },
    rows,
  }
  await Bun.write(join(root, 'bench/results/serve.json'), `${JSON.stringify(result, null, 2)}\n`)
}

await main()
