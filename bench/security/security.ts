import type { Db } from '#db/client'
import { verifyCounters } from '#db/verify'
import { CommandError, describeError } from '#lib/errors'
import type { Address } from '#server/ask'
import { startOurs } from '../load/servers'
import { type Arena, actorsOf, makeArena } from './arena'
import { control, twoByRight } from './corpus'
import { type Crawled, fuzzForms } from './forms'
import { type Fuzzed, fuzz } from './fuzz'
import { operationsOf } from './requests'
import { type Scan, scan } from './scanners'
import { directly, readLog, type Smuggled, smuggle } from './smuggling'
import { openWire } from './wire'

export interface SecurityOptions {
  db: Db
  /** Of the same database, for the server. */
  databaseUrl: string
  /** The executable; without it the checkout. */
  executable: string | undefined
  seed: number
  /** Of the API; a quarter as many forms. */
  requests: number
  /** Whether wapiti and sqlmap have their turn, and for how long at most. */
  scanSeconds: number
  signal: AbortSignal
  report(what: string, fraction: number): void
}

/** What was tried and found. */
export interface Attacked {
  seed: number
  /** By name. */
  operations: string[]
  api: Fuzzed
  forms: Crawled
  smuggled: Smuggled[]
  /** Of each scanner; none where they had no turn. */
  scans: Scan[]
  /** What does not agree in the database afterwards, and who has become staff. */
  disagreements: string[]
  /** What the server has logged of requests that failed. */
  errors: string[]
}

const formsShare = 0.25
const pagesMax = 120

/** Attacks a server of one worker in every way there is, and looks at what it did to the data. */
export async function attack(options: SecurityOptions): Promise<Attacked> {
  const { db, databaseUrl, executable, seed, requests, signal, report } = options
  report('making people and drafts', 0)
  const arena = await makeArena(db)
  const log = readLog()
  const server = await startOurs(
    {
      ...{ executable, databaseUrl, workers: 1, pageCache: true, hear: log.hear },
      transports: ['tcp', 'unix'],
      environment: { LOG_LEVEL: 'debug', JUMPSTARTER_SOCKET_MODE: '0666' },
    },
    signal,
  )
  const address = server.address as Address & { host: string; port: number }
  try {
    const operations = operationsOf(await readDocument(address))
    const api = await fuzz({
      ...{ address, seed, requests, operations, signal },
      actors: () => actorsOf(db, arena),
      report: (done) => report('the API', (done / requests) * 0.4),
    })
    report('forms', 0.4)
    const forms = await fuzzForms({
      ...{ db, arena, address, seed, signal, pagesMax },
      requests: Math.round(requests * formsShare),
    })
    const smuggled = await smuggle({
      ...{ server, answered: log.ids, signal },
      report: (way, fraction) => report(`smuggling: ${way}`, 0.5 + fraction * 0.2),
    })
    const scans: Scan[] = []
    if (options.scanSeconds > 0) {
      report('wapiti and sqlmap', 0.7)
      scans.push(...(await scan({ db, arena, address, seconds: options.scanSeconds, signal })))
    }
    report('comparing', 0.98)
    const disagreements = await compare(db, arena)
    const names = operations.map(({ id }) => id)
    return {
      seed,
      operations: names,
      api,
      forms,
      smuggled,
      scans,
      disagreements,
      errors: log.errors,
    }
  } catch (error) {
    signal.throwIfAborted()
    throw new CommandError(`${describeError(error)}\n${log.errors.join('\n')}`)
  } finally {
    await server.stop()
  }
}

async function readDocument(address: Address): Promise<unknown> {
  const wire = openWire(address)
  const request = 'GET /api/v1/openapi.json HTTP/1.1\r\nHost: localhost\r\n\r\n'
  const answer = await wire.ask(Buffer.from(request), 'GET')
  wire.close()
  if (answer?.status !== 200) throw new Error('the server does not give its OpenAPI document')
  return JSON.parse(answer.body.toString())
}

async function compare(db: Db, arena: Arena): Promise<string[]> {
  const found: string[] = []
  for await (const { name, count, first } of verifyCounters(db)) {
    if (count > 0) found.push(`verify: ${count} × ${name}: ${JSON.stringify(first[0])}`)
  }
  const staff = await db.$client`select person_id as id from accounts where role = 'staff'`
  const risen = staff.filter((row) => Number(row['id']) !== arena.people.at(-1))
  for (const row of risen) found.push(`person ${row['id']} has become staff`)
  return found
}

/** A sentence for each thing that must not be; none is the promise. */
export function violationsOf(attacked: Attacked): string[] {
  const { api, forms, smuggled, scans, disagreements, errors } = attacked
  return [
    ...errors.filter((line) => line.includes('worker ended unexpectedly')),
    ...[...api.failures, ...forms.failures].map(({ what, curl }) => `${what}\n    ${curl}`),
    ...smuggled
      .filter(isBad)
      .map(({ way, group, name, end }) => `${way}: ${group}: ${name}: ${end}`),
    ...scans.flatMap(({ tool, findings }) =>
      findings.filter(({ isHigh }) => isHigh).map(({ what }) => `${tool}: ${what}`),
    ),
    ...disagreements,
  ]
}

/**
 * A proxy that reads two where we would refuse sends us two, each whole in itself: then nobody is
 * deceived. We ourselves must not, for others may stand before us who read one.
 */
function isBad({ way, group, name, end }: Smuggled): boolean {
  if (group === control.group) return end !== 'two'
  if (end === 'two') return way.startsWith(directly) && !twoByRight.has(`${group}: ${name}`)
  return end === 'smuggled'
}
