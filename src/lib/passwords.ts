import { AppError } from './errors'

// OWASP's choice. Bun's own default takes 64 MB for each.
const argon2id = { algorithm: 'argon2id', memoryCost: 19_456, timeCost: 2 } as const
// Each takes 20 MB and a core for 30 ms, and there is a worker for each core: more at once would
// take from those who read and pledge, and only make all of them late.
const atOnceMax = 1
const waitingMax = 100

/** What nobody's password is hashed to: checking it takes as long as checking a real one. */
let nobodys: Promise<string> | undefined

/** Hashes a password with argon2id. Throws AppError busy when too many wait. */
export const hashPassword = (password: string): Promise<string> =>
  inTurn(() => Bun.password.hash(password, argon2id))

const { memoryCost, timeCost } = argon2id
const today = `$argon2id$v=19$m=${memoryCost},t=${timeCost},p=1$`

/** Whether it was hashed with what was held for enough at another time. */
export const isOfOldTimes = (hash: string): boolean => !hash.startsWith(today)

/**
 * Whether the password is the one that was hashed; without a hash it takes as long to say no.
 * Throws AppError busy when too many wait.
 */
export async function verifyPassword(password: string, hash: string | undefined): Promise<boolean> {
  nobodys ??= Bun.password.hash(crypto.randomUUID(), argon2id)
  const against = hash ?? (await nobodys)
  const isRight = await inTurn(() => Bun.password.verify(password, against))
  return isRight && hash !== undefined
}

let running = 0
const waiting: (() => void)[] = []

async function inTurn<Result>(work: () => Promise<Result>): Promise<Result> {
  if (waiting.length >= waitingMax) throw new AppError('busy')
  if (running >= atOnceMax) await new Promise<void>((resolve) => waiting.push(resolve))
  else running += 1
  try {
    return await work()
  } finally {
    const next = waiting.shift()
    // The place goes to the next one.
    if (next) next()
    else running -= 1
  }
}
