import { closeDb, connectionTrouble, type Db, type DbOptions, openDb } from '#db/client'
import { ping } from '#db/health/ask'
import { findPooler } from '#db/pooler'
import { CommandError } from '#lib/errors'
import type { Pooler } from '#lib/pooler'
import { within } from '#lib/within'
import { type Finding, type OpenSite, problem, type Site } from './check'
import type { Examined } from './examine'

const connectionsMax = 4
const answerMs = 6_000
const poolerMs = 10_000
const options: DbOptions = { max: connectionsMax, applicationName: 'jumpstarter doctor' }

/** What is asked of an open database. */
export type Asking = (opened: Omit<OpenSite, keyof Site>) => Promise<Examined[]>

/** Gives `asking` the database of the settings, or says why it cannot be had. */
export async function openOutside(
  databaseUrl: string,
  directUrl: string | null,
  asking: Asking,
): Promise<Examined[] | Finding> {
  if (directUrl !== null) {
    const refused = await tryOnce(databaseUrl, 'DATABASE_URL')
    if (refused) return refused
  }
  const url = directUrl ?? databaseUrl
  const refused = await tryOnce(url, directUrl === null ? 'DATABASE_URL' : 'DATABASE_DIRECT_URL')
  if (refused) return refused
  const pages = await lookForPooler(databaseUrl, 'DATABASE_URL')
  if ('gravity' in pages) return pages
  const direct = directUrl === null ? pages : await lookForPooler(directUrl, 'DATABASE_DIRECT_URL')
  if ('gravity' in direct) return direct
  const { pooler } = direct
  if (pooler?.mode === 'statement') return noTransactions
  const db = openDb(url, { ...options, pooler })
  try {
    return await asking({ db, pages, direct: pooler })
  } finally {
    await close(db)
  }
}

type FoundPooler = Awaited<ReturnType<typeof findPooler>>

export const noTransactions = problem(
  'DATABASE_URL leads to a pooler in statement mode, which has no transactions.',
  'Set its pool_mode = transaction.',
)

async function tryOnce(url: string, setting: string): Promise<Finding | undefined> {
  const db = openDb(url, { ...options, max: 1, pooler: unknownPooler })
  try {
    if (await within(ping(db), answerMs)) return undefined
    const remedy = `Restart it, or check the address of ${setting} and the network.`
    return problem('Postgres takes the connection and does not answer.', remedy)
  } catch (error) {
    const { cause, remedy } = connectionTrouble(error, setting)
    return problem(`${cause}.`, `${capitalized(remedy)}.`)
  } finally {
    await close(db)
  }
}

/** Whatever it may be. */
const unknownPooler: Pooler = { mode: 'transaction', keepsStatements: false }

async function lookForPooler(url: string, setting: string): Promise<FoundPooler | Finding> {
  try {
    const looking = findPooler(url, setting)
    if (await within(looking, poolerMs)) return await looking
    looking.catch(() => {})
    const remedy = 'Restart it, or give it more connections to the database: default_pool_size.'
    return problem(`What ${setting} leads to stops answering after a first statement.`, remedy)
  } catch (error) {
    if (error instanceof CommandError) return halved(error.message)
    const { cause, remedy } = connectionTrouble(error, setting)
    return problem(`${cause}.`, `${capitalized(remedy)}.`)
  }
}

/** A finding of the sentence of a CommandError, which says what to do after a colon. */
export function halved(sentence: string): Finding {
  const [, cause, remedy] = /^(.*?): (.*)$/s.exec(sentence) ?? []
  if (!cause || !remedy) return problem(sentence, 'Mend that, and ask again.')
  return problem(`${cause}.`, capitalized(remedy))
}

const capitalized = (text: string) => text.charAt(0).toUpperCase() + text.slice(1)

async function close(db: Db): Promise<void> {
  await within(closeDb(db, 1), answerMs).catch(() => {})
}
