import { timingSafeEqual } from 'node:crypto'
import { endOfLog } from './lsn'

/** What a reader has written or seen: no later answer may be older. */
export interface Mark {
  /** Of the log: a replica must have replayed up to here … */
  position: bigint
  /** … and be this server, if one is named: by its start, so that a restart is another. */
  source?: string | undefined
}

const radix = 16
const signatureBytes = 16
const tokenCharactersMax = 100

/** Whoever reads with this mark reads from the primary. */
export const primaryOnly: Mark = { position: endOfLog }

/**
 * The mark as a token that is ours alone to make. Its key is the name of the cluster, which every
 * host learns from the database and no reader does; who guessed it could read from the primary.
 */
export function signMark({ position, source = '' }: Mark, cluster: string): string {
  const text = `${position.toString(radix)}.${source}`
  return `${text}.${signatureOf(text, cluster).toString('base64url')}`
}

/**
 * The marks of several tokens, separated by commas. What we have not signed says nothing; while the
 * cluster is not known, who can tell?
 */
export function readMarks(tokens: string, cluster: string | undefined): Mark[] {
  return tokens
    .split(',')
    .map((token) => token.trim())
    .filter((token) => token !== '')
    .flatMap((token) => (cluster === undefined ? primaryOnly : (readMark(token, cluster) ?? [])))
}

function readMark(token: string, cluster: string): Mark | undefined {
  const [, text, position = '', source = '', signature = ''] =
    /^(([0-9a-f]+)\.([0-9a-z]*))\.([\w-]+)$/.exec(token.slice(0, tokenCharactersMax)) ?? []
  if (text === undefined) return undefined
  const given = Buffer.from(signature, 'base64url')
  const isOurs =
    given.length === signatureBytes && timingSafeEqual(given, signatureOf(text, cluster))
  if (!isOurs) return undefined
  return { position: BigInt(`0x${position}`), source: source === '' ? undefined : source }
}

const signatureOf = (text: string, cluster: string): Buffer =>
  new Bun.CryptoHasher('sha256', `position ${cluster}`)
    .update(text)
    .digest()
    .subarray(0, signatureBytes)
