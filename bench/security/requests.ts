import { createRandom, mixSeeds, type Random } from '#web/pictures/random'
import { hostileText, type Known, rightValue, type Schema, spoiled, toText } from './values'

/** One request as it goes over the wire. */
export interface FuzzRequest {
  operation: string
  method: string
  /** Printable ASCII without a space. */
  target: string
  headers: [name: string, value: string][]
  body: Buffer | undefined
}

/** Somebody who asks: with a token that opens everything, and what is theirs. */
export interface Actor {
  token: string
  known: Known
}

export interface Actors {
  all: readonly Actor[]
  /** Opens reading alone. */
  narrowToken: string
}

export interface Operation {
  id: string
  method: string
  path: string
  parameters: { name: string; in: string; required: boolean; schema: Schema }[]
  body: { type: string; schema: Schema } | undefined
  needsToken: boolean
}

interface Document {
  servers: { url: string }[]
  paths: Record<string, Record<string, DocumentOperation>>
}
interface DocumentOperation {
  operationId: string
  security?: unknown[]
  parameters: Operation['parameters']
  requestBody?: { content: Record<string, { schema?: Schema }> }
}

/** What an OpenAPI document says that one may ask. */
export function operationsOf(document: unknown): Operation[] {
  const { servers, paths } = document as Document
  const root = servers[0]?.url ?? ''
  return Object.entries(paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, { operationId, security, parameters, requestBody }]) => {
      const [content] = Object.entries(requestBody?.content ?? {})
      return {
        ...{ id: operationId, method: method.toUpperCase(), path: root + path, parameters },
        body: content && { type: content[0], schema: content[1].schema ?? {} },
        needsToken: security !== undefined,
      }
    }),
  )
}

/** The request of this number: the same seed gives the same one, for the same site. */
export function drawRequest(
  seed: number,
  number: number,
  operations: readonly Operation[],
  actors: Actors,
): FuzzRequest {
  const random = createRandom(mixSeeds(seed, number))
  // Each in its turn, so that none is left out by chance.
  const operation = operations[number % operations.length] as Operation
  const actor = random.pick(actors.all)
  // In a request that is wrong everywhere only what is looked at first is tried.
  const spoils = random.chance(0.75)
    ? random.pick(['path', 'query', 'body', 'body', 'text', 'head'])
    : ''
  const spoil = (part: string) => spoils === part || random.chance(0.02)
  const target = drawTarget(operation, actor, random, spoil)
  const body = drawBody(operation, actor, random, spoil)
  const headers = drawHeaders(operation, { actor, actors, random, spoil })
  const method = spoil('head') && random.chance(0.1) ? random.pick(otherMethods) : operation.method
  return { operation: operation.id, method, target, headers, body }
}

const otherMethods = ['HEAD', 'OPTIONS', 'POST', 'PUT', 'PATCH', 'DELETE']

type Spoil = (part: string) => boolean

function drawTarget(operation: Operation, { known }: Actor, random: Random, spoil: Spoil): string {
  const spoilPath = spoil('path')
  const parameters = operation.parameters.filter((each) => each.in === 'path')
  const hit = random.int(0, Math.max(0, parameters.length - 1))
  let path = operation.path
  for (const [index, { name, schema }] of parameters.entries()) {
    // Below /people an id is somebody's, elsewhere a project's.
    const noun = name === 'id' && operation.path.includes('/people/') ? 'person' : name
    const right = String(rightValue(schema, noun, random, known))
    const wrong = spoilPath && index === hit
    path = path.replace(`{${name}}`, wrong ? hostileSegment(random) : encode(right))
  }
  if (spoilPath && parameters.length === 0) path += random.pick(strangeEndings)
  return path + drawQuery(operation, known, random, spoil('query'))
}

const strangeEndings = [
  '/',
  '/..%2f',
  '/%00',
  '%20',
  ';a=b',
  '/%2e%2e/me',
  '/__proto__',
  '%ff',
  '/%zz',
]
const encode = (text: string) => encodeURIComponent(text.toWellFormed())

const hostileSegment = (random: Random): string =>
  random.chance(0.4)
    ? random.pick([
        '%ZZ',
        '%00',
        '%ff%fe',
        '..%2f..%2fetc',
        '%2e%2e',
        '1;x=y',
        '1%0d%0aX-Injected:1',
        '-1',
      ])
    : encode(hostileText(random).slice(0, 1_500))

function drawQuery(operation: Operation, known: Known, random: Random, spoils: boolean): string {
  const pairs = operation.parameters
    .filter((each) => each.in === 'query' && (each.required || random.chance(0.4)))
    .map(({ name, schema }) => `${name}=${encode(String(rightValue(schema, name, random, known)))}`)
  if (!spoils) return pairs.length === 0 ? '' : `?${pairs.join('&')}`
  const all = operation.parameters.filter((each) => each.in === 'query')
  const { name } = all.length > 0 ? random.pick(all) : { name: 'x' }
  const wrong = encode(hostileText(random).slice(0, 1_500))
  const ways = [
    () => [...pairs, `${name}=${wrong}`],
    () => [`${name}=${wrong}`],
    () => [...pairs, `${name}=1`, `${name}=2`],
    () => [...pairs, `${name}[]=1&${name}[a]=${wrong}`],
    () => [
      ...pairs,
      random.pick(['__proto__=1', 'constructor=1', '&&&', '=', '%', '%ZZ=%ZZ', 'a=%ff']),
    ],
    () => [...pairs, `x=${'y'.repeat(random.int(1, 3_000))}`],
  ]
  return `?${random.pick(ways)().join('&')}`
}

function drawBody(
  { body }: Operation,
  { known }: Actor,
  random: Random,
  spoil: Spoil,
): Buffer | undefined {
  if (!body) return random.chance(0.02) ? Buffer.from('{"a":1}') : undefined
  if (body.type !== 'application/json') return drawFile(random)
  const right = rightValue(body.schema, 'body', random, known)
  const text = toText(spoil('body') ? spoiled(right, random) : right)
  return spoil('text') ? spoiledText(text, random) : Buffer.from(text)
}

const smallestPng =
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=='

/** A picture, or something that begins like one, and goes on like none. */
function drawFile(random: Random): Buffer {
  if (random.chance(0.2)) return Buffer.from(smallestPng, 'base64')
  const starts = [
    '89504e470d0a1a0a0000000d49484452',
    'ffd8ffe000104a464946',
    '474946383961',
    '',
    '3c737667',
  ]
  const noise = Array.from({ length: random.int(0, 400) }, () => random.int(0, 255))
  return Buffer.concat([Buffer.from(random.pick(starts), 'hex'), Buffer.from(noise)])
}

function spoiledText(text: string, random: Random): Buffer {
  const ways: (() => string | Buffer)[] = [
    () => text.slice(0, random.int(0, text.length)),
    () => `${text}}`,
    () => `\ufeff${text}`,
    () => '',
    () => '['.repeat(100_000),
    () => `{"a":${'{"a":'.repeat(20_000)}1${'}'.repeat(20_001)}`,
    () => Buffer.concat([Buffer.from(text.slice(0, -1)), Buffer.from([0xff, 0xfe, 0xc0, 0x80])]),
    () => text.replaceAll('"', "'"),
    () => text.padEnd(300_000),
    () => JSON.stringify(text),
    () => text.replace(/^\{/, '{"__proto__":{"role":"staff"},'),
    () => random.pick(['null', '1', '"x"', '[]', 'true', 'undefined', '{}', '{"":""}']),
  ]
  const made = random.pick(ways)()
  return typeof made === 'string' ? Buffer.from(made.toWellFormed()) : made
}

interface HeadersOf {
  actor: Actor
  actors: Actors
  random: Random
  spoil: Spoil
}

function drawHeaders(
  operation: Operation,
  { actor, actors, random, spoil }: HeadersOf,
): [string, string][] {
  const headers: [string, string][] = []
  const chance = random.float(0, 1)
  const token =
    chance < 0.8 ? actor.token : chance < 0.9 ? actors.narrowToken : hostileHeader(random)
  if (operation.needsToken ? chance < 0.95 : random.chance(0.2)) {
    headers.push(['Authorization', `Bearer ${token}`])
  }
  if (operation.body) headers.push(['Content-Type', operation.body.type])
  if (operation.parameters.some(({ name }) => name === 'Idempotency-Key')) {
    headers.push(['Idempotency-Key', random.chance(0.9) ? `key-${random.int(1, 1e9)}` : ''])
  }
  if (!spoil('head')) return headers
  const name = random.pick(strangeHeaders)
  const others = headers.filter(([each]) => each !== name)
  const wrong: [string, string] = [name, random.pick(valuesOf[name] ?? [hostileHeader(random)])]
  return random.chance(0.2) ? [...headers, wrong] : [...others, wrong]
}

const valuesOf: Record<string, string[]> = {
  'Content-Type': [
    ...['text/plain', 'application/x-www-form-urlencoded', 'multipart/form-data', 'image/svg+xml'],
    ...['application/jsonx', 'application/json; charset=utf-16', 'APPLICATION/JSON;x="', '', ';'],
  ],
  'Content-Encoding': ['gzip', 'br', 'x'],
  Range: ['bytes=0-0', 'bytes=-1,5-', 'bytes=9-1'],
  'If-None-Match': ['*', 'W/"', '"a","b"', 'W/"a'],
}
const strangeHeaders = [
  ...Object.keys(valuesOf),
  ...['Authorization', 'Idempotency-Key', 'Accept', 'Accept-Encoding', 'Accept-Language', 'Cookie'],
  ...[
    'Origin',
    'Referer',
    'User-Agent',
    'X-Forwarded-For',
    'X-Forwarded-Proto',
    'X-Forwarded-Host',
  ],
  ...['X-Request-Id', 'traceparent', 'tracestate', 'Jumpstarter-Position', 'Sec-Fetch-Site', 'Via'],
  ...[
    'X-HTTP-Method-Override',
    'X-Original-URL',
    'Forwarded',
    'If-Modified-Since',
    'Upgrade',
    'Host',
  ],
]

/** What may stand in a header: of everything else the request would be none. */
const hostileHeader = (random: Random): string =>
  Buffer.from(hostileText(random).toWellFormed())
    .toString('latin1')
    .replaceAll(/[^\t\x20-\x7e\x80-\xff]/g, '')
    .slice(0, 2_000)

/** As it is written on the wire. */
export function bytesOf({ method, target, headers, body }: FuzzRequest, host: string): Buffer {
  const own = headers.some(([name]) => name === 'Host') ? [] : [['Host', host]]
  const all = [...own, ...headers, ...(body ? [['Content-Length', String(body.length)]] : [])]
  const lines = all.map(([name, value]) => `${name}: ${value}\r\n`).join('')
  const head = Buffer.from(`${method} ${target} HTTP/1.1\r\n${lines}\r\n`, 'latin1')
  return body ? Buffer.concat([head, body]) : head
}

/** As a line for a shell that repeats it. */
export function curlOf({ method, target, headers, body }: FuzzRequest, origin: string): string {
  const words = [
    `curl -i --path-as-is -X ${method}`,
    ...headers.map(([name, value]) => `-H ${quoted(Buffer.from(`${name}: ${value}`, 'latin1'))}`),
    ...(body ? [`--data-binary ${quoted(body)}`] : []),
    quoted(Buffer.from(origin + target)),
  ]
  return words.join(' ')
}

/** For bash: bytes that cannot be typed by number. A NUL cannot be in a word at all. */
function quoted(bytes: Buffer): string {
  const text = [...bytes].map((byte) => {
    if (byte === 0x27 || byte === 0x5c) return `\\${String.fromCharCode(byte)}`
    if (byte >= 0x20 && byte < 0x7f) return String.fromCharCode(byte)
    return `\\x${byte.toString(16).padStart(2, '0')}`
  })
  return `$'${text.join('')}'`
}
