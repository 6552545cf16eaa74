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
const readyDeadlineMs = 60_000

/**
 * How soon the executable serves, and what the front page weighs. Returns the rows of the report.
 * Without `executable` one is built from the checkout.
 */
export async function measureServing(options: {
  executable: string | undefined
  say: (line: string) => void
}): Promise<object[]> {
  const { say } = options
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
    return { firstPageMs: first.ms, readyMs, weight: await homeWeight() }
  } finally {
    await running.stop()
  }
}

/** Milliseconds from the start of the process to the first answer with status 200. */
async function timedStart(cwd: string, executable: string, flags: string[], path: string) {
  const listen = ['--listen', `tcp:127.0.0.1:${port}`]
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

function rowsOf({ firstPageMs, readyMs, weight }: Awaited<ReturnType<typeof measure>>): object[] {
  return [
    { id: 'empty directory to first page', ms: Math.round(firstPageMs) },
    { id: 'ready on a migrated database', ms: Math.round(median(readyMs)) },
    { id: 'home without pictures', bytes: weight.total, ...weight },
  ]
}
