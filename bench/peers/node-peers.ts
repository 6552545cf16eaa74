import { existsSync } from 'node:fs'
import { cp, rename, rm } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { CommandError } from '#lib/errors'
import { buildPage } from './build-page'
import { ourPath, type Peer, type PeerStart } from './peer'
import { postgresVariables, requireSources, startProcesses } from './processes'

// The sources are copied to a directory of their own, and npm puts its packages there: the checkout
// stays as it is.

type NodePeer = 'express-2018' | 'next'
const workDirectory = (id: NodePeer) => resolve(import.meta.dir, '../../dist/peers', id)
const standalone = '.next/standalone'
const outputCharactersMax = 2_000

/** The stack of 2018 on today's versions; Redis is its cache. */
export const express2018: Peer = {
  id: 'express-2018',
  title: 'Express 5, pg, React, Redis (the stack of 2018)',
  serves: ['page', 'cached-page', 'api'],
  usesRedis: true,
  path: ourPath,
  prepare: (log) => prepare('express-2018', log),
  start: (options) =>
    startCluster(express2018.title, workDirectory('express-2018'), './server.mjs', options),
}

/** Its cache is incremental static regeneration, at routes of its own. */
export const next: Peer = {
  id: 'next',
  title: 'Next.js 16',
  serves: ['page', 'cached-page', 'api'],
  path: (kind, projectId) => (kind === 'cached-page' ? '/isr' : '') + ourPath(kind, projectId),
  prepare: (log) => prepare('next', log),
  start: async (options) => {
    // Pages it kept in another run may be of another database.
    const server = join(workDirectory('next'), standalone)
    await rm(join(server, '.next/server/route-cache'), { recursive: true, force: true })
    return startCluster(next.title, server, './server.js', options)
  },
}

/** Whether what was fetched and built is of the sources as they are now. */
export const isPrepared = async (id: NodePeer): Promise<boolean> =>
  isStamped(id, await sourcesOf(id))

async function prepare(id: NodePeer, log: (line: string) => void): Promise<void> {
  await requireSources()
  for (const program of ['node', 'npm']) {
    if (Bun.which(program)) continue
    throw new CommandError(`The peer ${id} needs ${program}: install Node 20.11 or later with npm.`)
  }
  const sources = await sourcesOf(id)
  if (await isStamped(id, sources)) return
  // Made aside and moved: whoever prepares it at the same time does not get in the way.
  const directory = `${workDirectory(id)}.${process.pid}`
  try {
    for (const [file, text] of sources) await Bun.write(join(directory, file), text)
    log(`${id}: fetching its packages`)
    await run(['npm', 'ci', '--no-audit', '--no-fund'], directory)
    if (id === 'next') {
      log(`${id}: building it`)
      await buildNext(directory)
    }
    await Bun.write(join(directory, stampName), stampOf(sources))
    await rm(workDirectory(id), { recursive: true, force: true })
    await rename(directory, workDirectory(id))
  } finally {
    await rm(directory, { recursive: true, force: true })
  }
}

type Sources = Map<string, string>

/** What it is made of: file name → text. */
async function sourcesOf(id: NodePeer): Promise<Sources> {
  const directory = join(import.meta.dir, id)
  const sources: Sources = new Map([
    ['cluster.mjs', await Bun.file(join(import.meta.dir, 'cluster.mjs')).text()],
    ['page.mjs', await buildPage({ serverComponents: id === 'next' })],
  ])
  for (const file of [...new Bun.Glob('**/*').scanSync(directory)].sort()) {
    sources.set(file, await Bun.file(join(directory, file)).text())
  }
  return sources
}

const stampName = 'prepared'
const stampOf = (sources: Sources) => Bun.hash(JSON.stringify([...sources])).toString(36)

async function isStamped(id: NodePeer, sources: Sources): Promise<boolean> {
  const stamp = Bun.file(join(workDirectory(id), stampName))
  return (await stamp.exists()) && (await stamp.text()) === stampOf(sources)
}

/** As Next's documentation of `output: 'standalone'` has it, static files go beside the server. */
async function buildNext(directory: string): Promise<void> {
  await run(['env', 'NEXT_TELEMETRY_DISABLED=1', 'npx', 'next', 'build'], directory)
  const server = join(directory, standalone)
  await cp(join(directory, '.next/static'), join(server, '.next/static'), { recursive: true })
  await cp(join(directory, 'cluster.mjs'), join(server, 'cluster.mjs'))
}

async function run(command: string[], cwd: string): Promise<void> {
  const child = Bun.spawn(command, { cwd, stdin: 'ignore', stdout: 'pipe', stderr: 'pipe' })
  const [stdout, stderr, exitCode] = await Promise.all([
    new Response(child.stdout).text(),
    new Response(child.stderr).text(),
    child.exited,
  ])
  if (exitCode === 0) return
  const output = (stdout + stderr).trim().slice(-outputCharactersMax)
  throw new CommandError(`${command.join(' ')} failed in ${cwd}:\n${output}`)
}

const keepAliveMs = 120_000

function startCluster(
  title: string,
  cwd: string,
  module: string,
  { port, databaseUrl, redisUrl, workers }: PeerStart,
) {
  const node = Bun.which('node')
  if (!node || !existsSync(cwd)) throw new Error(`${title} is started before it is prepared`)
  return startProcesses({
    title,
    commands: [[node, 'cluster.mjs', module]],
    cwd,
    env: {
      NODE_ENV: 'production',
      HOSTNAME: '127.0.0.1',
      PORT: `${port}`,
      WORKERS: `${workers}`,
      KEEP_ALIVE_TIMEOUT: `${keepAliveMs}`,
      REDIS_URL: redisUrl ?? '',
      ...postgresVariables(databaseUrl),
    },
  })
}
