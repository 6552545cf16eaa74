import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { basename, dirname, join } from 'node:path'
import { Glob } from 'bun'
import { connectionOptions, type Db } from '#db/client'
import { CommandError } from '#lib/errors'
import { sessionsCpuUs } from './cpu'
import { latencyFigures, type Run } from './load'
import type { Script } from './script'

export const pgbenchMissing =
  'pgbench is not installed, so our figures stand alone: it is in the package ' +
  'postgresql-contrib of Debian and Ubuntu.'

const sessionName = 'jumpstarter bench pgbench'
// Connecting and preparing are over by the one, and the end has not come at the other.
const cpuFrom = 0.3
const cpuUntil = 0.9

/** Where pgbench is; undefined when it is not installed. */
export async function findPgbench(): Promise<string | undefined> {
  const onPath = Bun.which('pgbench')
  if (onPath) return onPath
  const found = await Array.fromAsync(new Glob('*/bin/pgbench').scan('/usr/lib/postgresql')).catch(
    () => [],
  )
  const newest = found.toSorted((a, b) => Number.parseInt(b, 10) - Number.parseInt(a, 10))[0]
  return newest === undefined ? undefined : join('/usr/lib/postgresql', newest)
}

/** Such as `18.4`: it may be another than the server's. */
export function pgbenchVersion(program: string): string {
  const printed = Bun.spawnSync([program, '--version']).stdout.toString()
  return /[\d.]+/.exec(printed)?.[0] ?? 'unknown'
}

export interface PgbenchOptions {
  program: string
  url: string
  scripts: Script[]
  connections: number
  /** A whole number: pgbench knows no other. */
  seconds: number
  /** Share of the transactions whose time is written down; doing so takes time as well. */
  sampling: number
  /** A connection to the same server, to ask what the sessions are. */
  db: Db
  signal: AbortSignal
}

/** One run of pgbench with prepared statements, one thread and as many connections as told. */
export async function runPgbench(options: PgbenchOptions): Promise<Run> {
  const directory = await mkdtemp(join(tmpdir(), 'jumpstarter-pgbench-'))
  try {
    const words: string[] = []
    for (const [index, { text, defines }] of options.scripts.entries()) {
      const file = join(directory, `${index}.sql`)
      await Bun.write(file, text)
      words.push('-f', file, ...defines.flatMap((define) => ['-D', define]))
    }
    const { sampling, seconds, connections } = options
    const log = join(directory, 'log')
    const { address, environment } = connectionWords(options.url)
    words.push('-n', '-M', 'prepared', '-c', `${connections}`, '-j', '1', '-T', `${seconds}`)
    words.push('--log', `--log-prefix=${log}`, `--sampling-rate=${sampling}`, ...address)
    const { summary, cpuUs, sessionsCpuUsPerSecond } = await spawn(words, environment, options)
    const latencies = parseLatencies(await readLogs(directory))
    return {
      operations: summary.transactions,
      operationsPerSecond: summary.transactionsPerSecond,
      errors: summary.failed,
      firstError: summary.failed > 0 ? 'pgbench: transactions failed' : undefined,
      ...latencyFigures(latencies),
      clientCpuUs: summary.transactions > 0 ? cpuUs / summary.transactions : undefined,
      postgresCpuUs:
        sessionsCpuUsPerSecond === undefined
          ? undefined
          : sessionsCpuUsPerSecond / summary.transactionsPerSecond,
    }
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

async function spawn(
  words: string[],
  environment: Record<string, string>,
  options: PgbenchOptions,
) {
  const { program, seconds, db, signal } = options
  const child = Bun.spawn([program, ...words], {
    env: environment,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  const kill = () => child.kill('SIGTERM')
  signal.addEventListener('abort', kill)
  if (signal.aborted) kill()
  try {
    const [output, errors, sessionsCpuUsPerSecond] = await Promise.all([
      new Response(child.stdout).text(),
      new Response(child.stderr).text(),
      watchCpu(db, seconds, child.exited),
    ])
    const exitCode = await child.exited
    signal.throwIfAborted()
    if (exitCode !== 0) throw new CommandError(`pgbench failed: ${reasonOf(errors)}`)
    const cpu = child.resourceUsage()?.cpuTime
    const cpuUs = cpu === undefined ? Number.NaN : Number(cpu.total)
    return { summary: parseSummary(output), cpuUs, sessionsCpuUsPerSecond }
  } finally {
    signal.removeEventListener('abort', kill)
    if (child.exitCode === null) child.kill('SIGKILL')
  }
}

/** Its sessions are gone with it, so their time is read twice while it runs. */
async function watchCpu(db: Db, seconds: number, exited: Promise<number>) {
  const read = async () => ({ at: performance.now(), us: await sessionsCpuUs(db, sessionName) })
  const pause = (share: number) => Promise.race([Bun.sleep(seconds * 1000 * share), exited])
  await pause(cpuFrom)
  const before = await read()
  await pause(cpuUntil - cpuFrom)
  const after = await read()
  if (before.us === undefined || after.us === undefined) return undefined
  return ((after.us - before.us) / (after.at - before.at)) * 1000
}

const reasonOf = (errors: string) =>
  errors
    .split('\n')
    .findLast((line) => /error:|fatal:|ERROR|FATAL/.test(line))
    ?.trim() ?? 'it gave no reason.'

/** The same address as ours, as pgbench wants it. */
function connectionWords(url: string) {
  const options = connectionOptions(url)
  const { user, database, path, password, host, port, ssl, connection = {} } = options
  const socket = typeof path === 'string' ? path : undefined
  const address = [
    ...['-U', `${user}`],
    ...['-h', socket ? dirname(socket) : `${host}`],
    ...['-p', socket ? basename(socket).replace('.s.PGSQL.', '') : `${port}`],
    `${database}`,
  ]
  const settings = Object.entries(connection).map(([name, value]) => `-c ${name}=${value}`)
  const environment = {
    LC_ALL: 'C',
    PGAPPNAME: sessionName,
    PGOPTIONS: settings.join(' '),
    ...(password === undefined ? {} : { PGPASSWORD: `${password}` }),
    ...(ssl === undefined ? {} : { PGSSLMODE: `${ssl}` }),
  }
  return { address, environment }
}

export interface PgbenchSummary {
  transactions: number
  failed: number
  transactionsPerSecond: number
}

/** Reads what pgbench prints at its end. Throws when its figures are not there. */
export function parseSummary(output: string): PgbenchSummary {
  const figure = (pattern: RegExp) => {
    const text = pattern.exec(output)?.[1]
    return text === undefined ? undefined : Number(text)
  }
  const transactions = figure(/^number of transactions actually processed: (\d+)/m)
  // Before version 14 there were two of them: with connecting first, then without.
  const transactionsPerSecond =
    figure(/^tps = ([\d.]+) \((?:without initial connection time|excluding connections)/m) ??
    figure(/^tps = ([\d.]+)/m)
  if (transactions === undefined || transactionsPerSecond === undefined) {
    throw new CommandError(`pgbench printed no figures: ${output.trim() || 'nothing at all'}`)
  }
  return {
    transactions,
    failed: figure(/^number of failed transactions: (\d+)/m) ?? 0,
    transactionsPerSecond,
  }
}

/** Milliseconds of each transaction in pgbench's log; failed ones have none. */
export function parseLatencies(log: string): number[] {
  const latencies: number[] = []
  for (const line of log.split('\n')) {
    const microseconds = Number(line.split(' ')[2])
    if (line !== '' && !Number.isNaN(microseconds)) latencies.push(microseconds / 1000)
  }
  return latencies
}

async function readLogs(directory: string): Promise<string> {
  const names = (await readdir(directory)).filter((name) => name.startsWith('log.'))
  return (await Promise.all(names.map((name) => readFile(join(directory, name), 'utf8')))).join('')
}
