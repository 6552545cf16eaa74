import { createHmac, timingSafeEqual } from 'node:crypto'

/** Older than this, a webhook may be one that somebody has kept and sends again. */
const ageSecondsMax = 300

const mac = (secret: string, seconds: number, body: string) =>
  createHmac('sha256', secret).update(`${seconds}.${body}`).digest()

/** The header that proves who sent a body, and when: `t=SECONDS,v1=HEX`. */
export function signBody(secret: string, body: string, at: Date): string {
  const seconds = Math.floor(at.getTime() / 1000)
  return `t=${seconds},v1=${mac(secret, seconds, body).toString('hex')}`
}

/** Undefined when the signature is right and fresh, otherwise what is wrong with it. */
export function signatureProblem(
  secret: string,
  body: string,
  header: string | null,
  at: Date,
): string | undefined {
  const [, time, hex] = /^t=(\d{1,12}),v1=([0-9a-f]{64})$/.exec(header ?? '') ?? []
  if (!time || !hex) return 'There is no signature.'
  if (!timingSafeEqual(mac(secret, Number(time), body), Buffer.from(hex, 'hex'))) {
    return 'The signature is wrong.'
  }
  const age = Math.abs(at.getTime() / 1000 - Number(time))
  return age > ageSecondsMax ? 'The signature is too old.' : undefined
}
