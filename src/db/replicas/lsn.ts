/** Positions in the write-ahead log, which Postgres writes as `16/B374D848`. */

const halfBits = 32n

/** Behind every position there is: no replica has come so far. */
export const endOfLog = (1n << (2n * halfBits)) - 1n

/** Throws a SyntaxError for what is none. */
export function parseLsn(text: string): bigint {
  const [high = '', low = ''] = text.split('/')
  return (BigInt(`0x${high}`) << halfBits) | BigInt(`0x${low}`)
}
