import { promisify } from 'node:util'
import { brotliCompress, constants, gunzipSync } from 'node:zlib'
import { compressBytesMin, gzip } from '#lib/compression'
import { program } from '#version'
import type { Stamp } from './changes'

export type Coding = 'br' | 'gzip' | 'identity'

/** A finished answer, as it goes out to anybody who asks without being signed in. */
export interface Entry {
  headers: Record<string, string>
  /** The body in at least one coding. */
  bodies: Partial<Record<Coding, Uint8Array<ArrayBuffer>>>
  tags: readonly string[]
  /** By the clock of the database, in milliseconds: until then it goes out as it is, … */
  freshUntil: number
  /** … and until then while a new one is made. */
  staleUntil: number
  /** When it was begun, by the same clock. */
  madeAt: number
  /** Until then it is better than nothing, marked as old, where none can be made. */
  standInUntil: number
  /** The project whose campaign page this is; nothing else is visited. */
  visitOf?: number | undefined
  /** Answers given: what is asked for again is compressed better. */
  hits: number
  triedBrotli: boolean
  /** The headers as they go out with the body of this coding, once they have. */
  built: Partial<Record<Coding, Headers>>
  /** It says of itself that it is old. */
  isMarked?: boolean
  /** Where its answers are counted, once there have been some. */
  counts?: Float64Array
}

/** Besides body and texts: the place in the store, and the headers as they go out. */
const entryBytes = 2_000
const brotliQuality = 5
const compressBrotli = promisify(brotliCompress)

/** As long as a night in which nobody looks after the database. */
const standInMs = 24 * 60 * 60_000

/** From now on it only stands in for what cannot be made, at most until then. */
export function expire(entry: Entry, until: number): void {
  entry.freshUntil = Number.NEGATIVE_INFINITY
  entry.staleUntil = Number.NEGATIVE_INFINITY
  entry.standInUntil = Math.min(entry.standInUntil, until)
}

/** Hashes and compresses the body; the headers get what belongs to that. */
export function makeEntry(
  answer: Pick<Entry, 'headers' | 'tags' | 'freshUntil' | 'staleUntil' | 'madeAt' | 'visitOf'>,
  body: Uint8Array<ArrayBuffer>,
): Entry {
  const headers = {
    // Proxies and browsers ask whether theirs is still right, so they are as fresh as we are.
    'cache-control': 'public, max-age=0, must-revalidate',
    ...Object.fromEntries(Object.entries(answer.headers).map((pair) => pair.map(once))),
    // Weak, because the same answer goes out in several codings.
    etag: answer.headers['etag'] ?? `W/"${hashOf(body)}"`,
  }
  const small = body.length < compressBytesMin || !isText(headers)
  return {
    ...answer,
    standInUntil: answer.madeAt + standInMs,
    headers: small ? headers : { vary: 'Accept-Encoding', ...headers },
    // Nearly everybody takes gzip; whoever does not gets it unpacked.
    bodies: small ? { identity: body } : { gzip: gzip(body) },
    hits: 0,
    triedBrotli: false,
    built: {},
  }
}

// Nearly all pages have the same headers: each text is held once, whichever answer it came with.
const texts = new Map<string, string>()
const textsMax = 1_000

function once(text: string): string {
  const known = texts.get(text)
  if (known !== undefined) return known
  if (texts.size < textsMax) texts.set(text, text)
  return text
}

const hashOf = (bytes: Uint8Array) => Bun.hash(bytes).toString(36)

const isText = (headers: Record<string, string>) =>
  /^text\/|json|xml|svg/.test(headers['content-type'] ?? '')

/** Memory it takes, about, in bytes. */
export const bytesOf = ({ bodies, headers, tags }: Entry): number =>
  entryBytes +
  Object.values(bodies).reduce((sum, body) => sum + body.length, 0) +
  [...Object.values(headers), ...tags].reduce((sum, text) => sum + text.length, 0)

/** The body in the best coding there is for somebody who takes these. */
export function bodyFor(entry: Entry, takes: { br: boolean; gzip: boolean }) {
  const { bodies } = entry
  if (bodies.br && takes.br) return { coding: 'br' as const, body: bodies.br }
  if (bodies.gzip && takes.gzip) return { coding: 'gzip' as const, body: bodies.gzip }
  // Few ask for it, and it is five times as large: not kept.
  const identity = bodies.identity ?? new Uint8Array(gunzipSync(bodies.gzip ?? new Uint8Array()))
  return { coding: 'identity' as const, body: identity }
}

/** Adds brotli, on another thread; it has to be worth it. */
export async function addBrotli(entry: Entry): Promise<void> {
  const { gzip: packed } = entry.bodies
  if (!packed || entry.bodies.br) return
  const identity = gunzipSync(packed)
  const body = await compressBrotli(identity, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: brotliQuality,
      [constants.BROTLI_PARAM_SIZE_HINT]: identity.length,
    },
  })
  if (body.length < packed.length) entry.bodies.br = body
}

// Another program writes another page, and perhaps in another format.
const writtenBy = `${program.version} ${program.commit}`
const lengthBytes = 4

/** An entry as bytes for other processes of the same site, with what they judge it by. */
export function encodeEntry(entry: Entry, stamp: Stamp, site: string): Uint8Array {
  const { headers, tags, freshUntil, staleUntil, madeAt, visitOf } = entry
  const coding = entry.bodies.gzip ? 'gzip' : 'identity'
  const body = entry.bodies[coding] ?? new Uint8Array()
  const hash = hashOf(body)
  const times = { freshUntil, staleUntil, madeAt }
  const head = { writtenBy, site, headers, tags, ...times, visitOf, coding, hash, stamp }
  const headBytes = Buffer.from(JSON.stringify(head))
  const length = Buffer.alloc(lengthBytes)
  length.writeUInt32BE(headBytes.length)
  return Buffer.concat([length, headBytes, body])
}

/** The reverse; undefined for what is none, is damaged, or is of another program or site. */
export function decodeEntry(
  bytes: Buffer,
  site: string,
): { entry: Entry; stamp: Stamp } | undefined {
  try {
    const headEnd = lengthBytes + bytes.readUInt32BE(0)
    const head = JSON.parse(bytes.toString('utf8', lengthBytes, headEnd))
    if (head.writtenBy !== writtenBy || head.site !== site) return undefined
    const { headers, tags, freshUntil, staleUntil, madeAt, visitOf, coding, stamp } = head
    // A copy: what the driver gives is a window into its receive buffer.
    const body = new Uint8Array(bytes.subarray(headEnd))
    if (hashOf(body) !== head.hash) return undefined
    const times = { freshUntil, staleUntil, madeAt, standInUntil: madeAt + standInMs }
    const kept = { headers, tags, ...times, visitOf, bodies: { [coding]: body } }
    return { entry: { ...kept, hits: 0, triedBrotli: false, built: {} }, stamp }
  } catch {
    return undefined
  }
}
