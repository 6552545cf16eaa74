import { createHmac, randomBytes } from 'node:crypto'

/** How deliveries are signed and how often they are tried: as standardwebhooks.com describes. */

export const secretPrefix = 'whsec_'

export const newSecret = (): string => secretPrefix + randomBytes(24).toString('base64')

/** After a new secret so long the old one signs as well, for programs that do not know it yet. */
export const oldSecretHours = 24

/** The headers that prove who sends this, and when: a signature for each of the secrets. */
export function signedHeaders(secrets: readonly string[], id: string, body: string, at: Date) {
  const timestamp = String(Math.floor(at.getTime() / 1000))
  const signatures = secrets.map((secret) => {
    const key = Buffer.from(secret.slice(secretPrefix.length), 'base64')
    const mac = createHmac('sha256', key).update(`${id}.${timestamp}.${body}`).digest('base64')
    return `v1,${mac}`
  })
  return {
    ...{ 'webhook-id': id, 'webhook-timestamp': timestamp },
    'webhook-signature': signatures.join(' '),
  }
}

/** The same however often it is sent, so that it can be told from others. */
export const deliveryName = (delivery: number): string => `delivery_${delivery}`

/** Over about three days. */
export const triesMax = 16
const firstWaitSeconds = 30
const waitSecondsMax = 12 * 3600
const spread = 0.2

/**
 * How long to wait after so many tries that failed; `random`, from 0 to 1, keeps those who failed
 * together from coming back together. Undefined when it is given up.
 */
export function waitSeconds(tries: number, random: number): number | undefined {
  if (tries >= triesMax) return undefined
  const wait = Math.min(firstWaitSeconds * 2 ** (tries - 1), waitSecondsMax)
  return wait * (1 + spread * random)
}

/** When one is given up and nothing has got through for so long, the webhook is switched off. */
export const failingHoursMax = 48

/** Of one answer, and of all of it. */
export const answerDeadlineMs = 10_000
export const answerCharactersMax = 500
/** Deliveries to one address at once. */
export const sendsAtOnce = 10
/** Before another webhook has its turn. */
export const deliveriesPerTurn = 20
/** Webhooks that have their turn side by side. */
export const webhooksPerBatch = 8
/** Longer than a turn takes when no answer comes. */
export const leaseSeconds = 90
/** After an address has not answered. */
export const pauseSeconds = 30
/** Lines of the books that become deliveries in one turn. */
export const linesPerTurn = 500
export const deliveriesKeptDays = 30

/** 410 is how a program says that it wants nothing more. */
export const goneStatus = 410
export const isTaken = (status: number): boolean => status >= 200 && status < 300
