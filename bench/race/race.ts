import { findCampaign, findProjectRecord } from '#features/projects/reads/projects'
import { listRewards } from '#features/projects/reads/rewards'
import { CommandError } from '#lib/errors'
import { paths } from '#web/paths'
import { type Ratio, ratioOf } from '../database/load'
import { findPgbench, runPgbench } from '../database/pgbench'
import { captureStatements, forOneKey, pgbenchScript, type Script } from '../database/script'
import { checkPages } from '../load/check'
import { get } from '../load/http'
import { type Measured, type MeasureOptions, measureSubjects, type Subject } from '../load/measure'
import { ourSubject } from '../load/ours'
import { startRedis } from '../load/redis'
import { freePort, startOurs } from '../load/servers'
import { drawnByPgbench, idsOf, onePage, type Page, type Traffic, withPaths } from '../load/traffic'
import { browserHeaders, runWrk } from '../load/wrk'
import type { Peer, PeerPage, PeerStart } from '../peers/peers'
import { budgetOf, kindTitles, pgbenchId } from './comparisons'

/** `connections` are those of the pages; the API is asked over 256. */
export interface RaceOptions extends MeasureOptions {
  databaseUrl: string
  /** Without it the checkout is raced. */
  executable: string | undefined
  workers: number
  /** Of pgbench: as many as our workers have to the database. */
  poolConnections: number
  traffic: Traffic
}

export interface Race {
  kind: PeerPage
  peer: string
  title: string
  ours: Measured
  theirs: Measured
  ratio: Ratio
  budget: number | undefined
}

type Constant = NonNullable<PeerStart['constant']>

export const kinds: PeerPage[] = ['cached-page', 'page', 'api']
const apiConnections = 256
const latencySampling = 0.1

/** What is to be raced: each peer in each kind of answer it gives, and pgbench. */
export function racesOf(peers: Peer[]): { kind: PeerPage; peer: Peer | undefined }[] {
  return kinds.flatMap((kind) => [
    ...peers.filter(({ serves }) => serves.includes(kind)).map((peer) => ({ kind, peer })),
    ...(kind === 'api' ? [{ kind, peer: undefined }] : []),
  ])
}

/** Ours against each of them in turns: ours, theirs, ours, theirs … */
export async function measureRaces(peers: Peer[], options: RaceOptions): Promise<Race[]> {
  const { newest } = options.traffic
  if (newest.length === 0) {
    throw new CommandError('The newest tenth of the ids has no project with a page to race for.')
  }
  await readRows(options)
  const constant = await ourAnswer(options)
  const races: Race[] = []
  for (const { kind, peer } of racesOf(peers)) {
    const connections = kind === 'api' ? [apiConnections] : options.connections
    const theirs = peer ? peerSubject(peer, kind, constant, options) : await pgbenchSubject(options)
    const subjects = [ourSide(kind, options), theirs]
    const measured = await measureSubjects(subjects, { ...options, connections })
    const id = peer?.id ?? pgbenchId
    const about = {
      ...{ kind, peer: id, title: peer?.title ?? 'pgbench -M prepared, the query alone' },
      budget: budgetOf(kind, id),
    }
    for (const number of connections) {
      const [ours, other] = measured.filter((each) => each.connections === number)
      if (!ours || !other) throw new Error('a race has two sides')
      races.push({ ...about, ours, theirs: other, ratio: ratioOf(ours.runs, other.runs) })
    }
  }
  return races
}

const readTogether = 500

/** Reads what the pages show once, so that no race finds Postgres colder than the others do. */
async function readRows({ db, traffic: { strides }, signal }: RaceOptions): Promise<void> {
  const ids = [...idsOf(strides.newest), ...idsOf(strides.others)]
  for (let start = 0; start < ids.length; start += readTogether) {
    signal.throwIfAborted()
    const some = ids.slice(start, start + readTogether)
    await Promise.all(some.flatMap((id) => [findCampaign(db, id), listRewards(db, id)]))
  }
}

/** The pages asked for, at the addresses that a side gives them. */
function trafficOf(kind: PeerPage, traffic: Traffic, pathOf: (page: Page) => string): Traffic {
  const [first] = traffic.newest
  const pages = kind === 'cached-page' && first ? onePage(first) : traffic
  return withPaths(pages, pathOf)
}

function ourSide(kind: PeerPage, options: RaceOptions): Subject {
  const { databaseUrl, executable, workers, traffic } = options
  return ourSubject({
    id: `${kindTitles[kind]}: ours`,
    ...{ databaseUrl, executable, workers, driver: 'wrk' },
    traffic: trafficOf(kind, traffic, (page) =>
      kind === 'api' ? paths.apiProject(page) : page.path,
    ),
    pageCache: kind === 'cached-page',
  })
}

const cachedDeadlineMs = 5_000
const cachedPollMs = 20

/** What ours answers for the one page once it is cached, byte by byte. */
async function ourAnswer(options: RaceOptions): Promise<Constant> {
  const { databaseUrl, executable, workers, traffic, signal } = options
  const server = await startOurs({ databaseUrl, executable, workers, pageCache: true }, signal)
  try {
    const path = traffic.newest[0]?.path ?? ''
    const deadline = performance.now() + cachedDeadlineMs
    let before: Constant | undefined
    while (performance.now() < deadline) {
      signal.throwIfAborted()
      const answer = await get(server.address, path, browserHeaders)
      const isKept = answer.headers['etag'] !== undefined
      if (isKept && before && Buffer.compare(answer.body, before.body) === 0) return answer
      before = isKept ? answer : undefined
      await Bun.sleep(cachedPollMs)
    }
    throw new CommandError(`Our server does not answer ${path} from its cache.`)
  } finally {
    await server.stop()
  }
}

function peerSubject(
  peer: Peer,
  kind: PeerPage,
  constant: Constant,
  options: RaceOptions,
): Subject {
  const { databaseUrl, workers } = options
  const traffic = trafficOf(kind, options.traffic, (page) => peer.path(kind, page.id))
  const id = `${kindTitles[kind]}: ${peer.title}`
  const start: Subject['start'] = async (signal) => {
    const redis = kind === 'cached-page' && peer.usesRedis ? await startRedis(signal) : undefined
    let server: Awaited<ReturnType<Peer['start']>> | undefined
    const stop = async () => {
      await server?.stop()
      await redis?.stop()
    }
    try {
      const port = await freePort()
      const cached = kind === 'cached-page' ? { constant } : {}
      const shared = { port, databaseUrl, redisUrl: redis?.url ?? null, workers, ...cached }
      const started = await peer.start(shared)
      server = started
      await checkPages({ host: '127.0.0.1', port }, traffic, id)
      const origin = `http://127.0.0.1:${port}`
      return {
        load: (run) => runWrk({ ...run, origin, traffic }),
        pids: () => [...started.pids(), ...(redis ? [redis.pid] : [])],
        stop,
      }
    } catch (error) {
      await stop()
      throw error
    }
  }
  return { id, start }
}

async function pgbenchSubject(options: RaceOptions): Promise<Subject> {
  const { db, databaseUrl, poolConnections, traffic } = options
  const program = (await findPgbench()) ?? 'pgbench'
  const scripts = [await projectScript(databaseUrl, traffic)]
  const shared = { program, url: databaseUrl, scripts, db, sampling: latencySampling }
  return {
    id: `${kindTitles.api}: pgbench over ${poolConnections}`,
    start: async () => ({
      load: async ({ seconds, signal }) => {
        const run = await runPgbench({ ...shared, connections: poolConnections, seconds, signal })
        return { ...run, averageMs: Number.NaN }
      },
      pids: () => [],
      stop: async () => {},
    }),
  }
}

/** The query of `GET /api/v1/projects/:id`, with ids drawn as the traffic is. */
export async function projectScript(url: string, traffic: Traffic): Promise<Script> {
  const id = traffic.newest[0]?.id ?? 0
  const sent = await captureStatements(url, (session) => findProjectRecord(session, id))
  const asked = forOneKey(sent, id)
  if (asked.length !== 1) throw new Error('the API no longer reads a project with one query')
  return pgbenchScript(asked, {
    lines: drawnByPgbench(traffic),
    variables: new Map([[`${id}`, 'id']]),
  })
}
