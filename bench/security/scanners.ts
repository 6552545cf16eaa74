import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Db } from '#db/client'
import { CommandError } from '#lib/errors'
import { hashToken } from '#lib/tokens'
import { findInstrument } from '../load/instruments'
import { type Arena, addSession } from './arena'

export interface ScanOptions {
  db: Db
  arena: Arena
  address: { host: string; port: number }
  /** For each scanner at most. */
  seconds: number
  signal: AbortSignal
}

export interface Scan {
  tool: 'wapiti' | 'sqlmap'
  version: string
  seconds: number
  /** Pages and forms, or addresses with parameters, that it has tried. */
  targets: number
  findings: Finding[]
}

export interface Finding {
  what: string
  isHigh: boolean
}

const limitsEveryMs = 1_000

/** wapiti from page to page, and sqlmap on every parameter, as somebody who is signed in. */
export async function scan(options: ScanOptions): Promise<Scan[]> {
  const { db, arena, signal } = options
  const personId = arena.people[0] as number
  const token = await addSession(db, personId)
  // Not our limits are what is tried here; and whoever presses every button signs out as well.
  const freeing = setInterval(() => {
    void keepGoing(db, personId, token).catch(() => {})
  }, limitsEveryMs)
  const directory = await mkdtemp(join(tmpdir(), 'jumpstarter-scan-'))
  try {
    const cookie = `session=${token}`
    signal.throwIfAborted()
    const wapiti = await runWapiti(options, directory, cookie)
    signal.throwIfAborted()
    return [wapiti, await runSqlmap(options, directory, cookie)]
  } finally {
    clearInterval(freeing)
    await rm(directory, { recursive: true, force: true })
  }
}

async function keepGoing({ $client: sql }: Db, personId: number, token: string): Promise<void> {
  await sql`delete from rate_limits`
  await sql`
    insert into sessions (token_hash, person_id, user_agent, expires_at)
    values (${hashToken(token)}, ${personId}, 'bench', now() + interval '1 day')
    on conflict do nothing`
}

async function runWapiti(
  { address, seconds, signal }: ScanOptions,
  directory: string,
  cookie: string,
): Promise<Scan> {
  const origin = `http://${address.host}:${address.port}`
  const out = join(directory, 'wapiti.json')
  const begun = performance.now()
  const said = await runTool(
    'wapiti',
    [
      ...['-u', `${origin}/`, '-H', `Cookie: ${cookie}`, '-H', 'Sec-Fetch-Site: same-origin'],
      ...['--scope', 'domain', '-d', '4', '--max-links-per-page', '30', '--max-files-per-dir', '8'],
      ...['--max-scan-time', share(seconds, 4), '--max-attack-time', share(seconds, 20)],
      ...['--max-parameters', '20', '-m', modules.join()],
      ...['--store-session', directory, '--flush-session', '--no-bugreport', '-v', '1'],
      ...['-f', 'json', '-o', out, '-t', '5'],
    ],
    { directory, seconds, signal },
  )
  const file = Bun.file(out)
  if (!(await file.exists())) {
    throw new CommandError(
      `wapiti has left no report after ${secondsSince(begun)} seconds: give it more by --scan.\n` +
        said.slice(-lastWordsCharactersMax),
    )
  }
  const found: WapitiReport = await file.json()
  return {
    ...{ tool: 'wapiti', version: found.infos.version?.replace('Wapiti ', '') ?? 'unknown' },
    seconds: secondsSince(begun),
    targets: Number(/found (\d+) URLs and forms/.exec(said)?.[1] ?? 0),
    findings: findingsOf(found),
  }
}

const share = (seconds: number, of: number) => String(Math.max(1, Math.round(seconds / of)))

/**
 * Those that ask nobody elsewhere, and not csrf: that looks for a token in each form, where we know
 * a form by where it comes from.
 */
const modules = [
  ...[
    'cookieflags',
    'csp',
    'http_headers',
    'methods',
    'htaccess',
    'crlf',
    'redirect',
    'shellshock',
  ],
  ...['sql', 'blindsql', 'exec', 'file', 'xss', 'permanentxss', 'backup'],
]
const lastWordsCharactersMax = 2_000

interface WapitiReport {
  infos: { version?: string }
  vulnerabilities: Record<string, WapitiFinding[]>
  anomalies: Record<string, WapitiFinding[]>
}
interface WapitiFinding {
  level: number
  method: string
  path: string
  info: string
}

const highLevel = 3

/** One for each kind and path: of every value it is told again. */
function findingsOf({ vulnerabilities, anomalies }: WapitiReport): Finding[] {
  const all = [...Object.entries(vulnerabilities), ...Object.entries(anomalies)]
  const findings = all.flatMap(([kind, list]) =>
    list.map(
      ({ level, method, path, info }): Finding => ({
        what: `${kind}: ${method} ${path.replace(/\?.*/, '')}: ${info.split('\n')[0]}`.slice(
          0,
          200,
        ),
        isHigh: level >= highLevel,
      }),
    ),
  )
  return [...new Map(findings.map((each) => [each.what, each])).values()]
}

/** What takes words from outside, each with something in every parameter. */
const targets = [
  '/search?q=lamp',
  '/discover?sort=newest&status=live&category=games',
  '/discover?state=x&city=y',
  '/discover?after=1200.5.6',
  '/api/v1/projects?q=lamp&sort=newest',
  '/api/v1/projects?category=games&state=x&city=y',
  '/people/1/backed?after=5',
  '/messages?after=5',
  '/activity?after=5',
  '/saved?after=5',
  '/sign-in?next=/x',
]

async function runSqlmap(
  { address, seconds, signal }: ScanOptions,
  directory: string,
  cookie: string,
): Promise<Scan> {
  const origin = `http://${address.host}:${address.port}`
  const list = join(directory, 'targets')
  await Bun.write(list, targets.map((path) => `${origin}${path}\n`).join(''))
  const begun = performance.now()
  const said = await runTool(
    'sqlmap',
    [
      ...['-m', list, '--batch', '--level', '2', '--risk', '2', '--dbms', 'PostgreSQL'],
      ...['--cookie', cookie, '--skip', 'session', '--timeout', '10', '--time-sec', '2'],
      ...['--output-dir', join(directory, 'sqlmap'), '--flush-session', '--disable-coloring'],
      ...['--ignore-code', '400,404,422'],
    ],
    { directory, seconds, signal },
  )
  const names = await readdir(join(directory, 'sqlmap')).catch(() => [])
  const results = names.filter((name) => /^results.*\.csv$/.test(name))
  const texts = await Promise.all(
    results.map((name) => Bun.file(join(directory, 'sqlmap', name)).text()),
  )
  const injectable = texts
    .flatMap((text) => text.trim().split('\n').slice(1))
    .filter((line) => line.split(',')[3])
  return {
    ...{ tool: 'sqlmap', version: /\{([\d.]+)/.exec(said)?.[1] ?? 'unknown' },
    ...{ seconds: secondsSince(begun), targets: said.split('testing URL').length - 1 },
    findings: injectable.map((line) => ({ what: `injectable: ${line}`, isHigh: true })),
  }
}

const secondsSince = (begun: number) => Math.round((performance.now() - begun) / 1000)

interface Running {
  directory: string
  seconds: number
  signal: AbortSignal
}

/** To its end, or until the time is over; what it has said. */
async function runTool(
  name: Scan['tool'],
  words: string[],
  { directory, seconds, signal }: Running,
): Promise<string> {
  const child = Bun.spawn([findInstrument(name) ?? name, ...words], {
    cwd: directory,
    env: { HOME: directory, PATH: '/usr/bin:/bin', LANG: 'C.UTF-8' },
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: seconds * 1000,
    signal,
  })
  const said = await new Response(child.stdout).text()
  await child.exited
  return said
}
