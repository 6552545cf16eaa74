import { existsSync } from 'node:fs'
import { basename, dirname, extname, join } from 'node:path'
import { connectionOptions } from '#db/client'
import { CommandError } from '#lib/errors'
import { endProcess, isRunning, processTree } from '../load/processes'
import type { PeerServer } from './peer'

const startDeadlineMs = 30_000
const stopDeadlineMs = 5_000
const pollMs = 20
/** Of what a peer prints, enough for the reason why it does not start. */
const outputCharactersMax = 4_000

export interface PeerProcesses {
  /** For messages. */
  title: string
  /** Each starts one process, which may have children. */
  commands: string[][]
  cwd?: string
  env: Record<string, string>
  /** When a command serves: it prints a line `ready`, or whatever this resolves for. */
  ready?: () => Promise<boolean>
  /** After the last process has ended. */
  cleanUp?: () => void
}

/** Throws CommandError where the programs of the peers are not: in the executable. */
export async function requireSources(): Promise<void> {
  if (existsSync(join(import.meta.dir, 'cluster.mjs'))) return
  throw new CommandError('The peers run from their sources: race them in a checkout.')
}

/** Starts processes that are one server; throws CommandError with what they print if they end. */
export async function startProcesses(server: PeerProcesses): Promise<PeerServer> {
  const children = server.commands.map((command) => spawn(command, server))
  const pids = () => children.flatMap(({ process }) => processTree(process.pid)).filter(isRunning)
  const stop = async () => {
    await Promise.all(children.map(({ process }) => endProcess(process, stopDeadlineMs)))
    server.cleanUp?.()
  }
  try {
    const deadline = performance.now() + startDeadlineMs
    while (!(await allReady(children, server))) {
      const ended = children.find(({ process }) => process.exitCode !== null)
      if (ended || performance.now() > deadline) {
        const output = (ended ?? children[0])?.output().trim()
        throw new CommandError(`${server.title} did not start: ${output || 'it printed nothing'}`)
      }
      await Bun.sleep(pollMs)
    }
  } catch (error) {
    await stop()
    throw error
  }
  return { pids, stop }
}

function spawn(command: string[], { cwd, env }: PeerProcesses) {
  const child = Bun.spawn(command, {
    ...(cwd === undefined ? {} : { cwd }),
    env,
    stdin: 'ignore',
    stdout: 'pipe',
    stderr: 'pipe',
  })
  let output = ''
  let ready = false
  const follow = async (stream: ReadableStream<Uint8Array>) => {
    for await (const chunk of stream) {
      output = (output + new TextDecoder().decode(chunk)).slice(-outputCharactersMax)
      ready ||= /^ready$/m.test(output)
    }
  }
  void follow(child.stdout)
  void follow(child.stderr)
  return { process: child, output: () => output, isReady: () => ready }
}

const allReady = async (children: ReturnType<typeof spawn>[], { ready }: PeerProcesses) =>
  ready ? await ready() : children.every(({ isReady }) => isReady())

/** A database's URL as the variables that every Postgres driver reads. */
export function postgresVariables(databaseUrl: string): Record<string, string> {
  const { user, password, database, path, host, port } = connectionOptions(databaseUrl)
  return {
    PGUSER: `${user}`,
    PGDATABASE: `${database}`,
    ...(password === undefined ? {} : { PGPASSWORD: `${password}` }),
    ...(path
      ? { PGHOST: dirname(path), PGPORT: extname(basename(path)).slice(1) }
      : { PGHOST: `${host}`, PGPORT: `${port}` }),
  }
}
