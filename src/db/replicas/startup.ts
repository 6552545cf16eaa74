import { maskPassword } from '#config'
import { CommandError } from '#lib/errors'
import { within } from '#lib/within'
import { closeDb, type Db, openDb } from '../client'
import { serverOf } from './replica'
import { primaryProblem, readStanding, replicaProblem, type Standing } from './standing'

const answerMs = 3_000

/** What a server says of itself, or why it says nothing. */
export async function askServer(url: string): Promise<Standing | Error> {
  const db = openDb(url, { max: 1, applicationName: 'jumpstarter check' })
  const asked = readStanding(db).catch((error: unknown) =>
    error instanceof Error ? error : new Error(String(error)),
  )
  const answer = (await within(asked, answerMs)) ? await asked : new Error('no answer in time')
  void closeDb(db, 0).catch(() => {})
  return answer
}

/**
 * Whether the servers are what the settings say. Returns a sentence for each replica that cannot be
 * used for now: one that is down may come back, and after a failover one of them is the primary.
 * Throws CommandError for what only another setting can mend.
 */
export async function checkServers(db: Db, replicaUrls: readonly string[]): Promise<string[]> {
  const primary = await readStanding(db)
  const wrong = primaryProblem(primary)
  if (wrong) throw new CommandError(wrong, 2)
  const answers = await Promise.all(
    replicaUrls.map(async (url) => ({ url, answer: await askServer(url) })),
  )
  return answers.flatMap(({ url, answer }) => {
    if (answer instanceof Error) {
      return `DATABASE_REPLICA_URLS: ${maskPassword(url)} cannot be reached (${answer.message}).`
    }
    const problem = replicaProblem(primary, answer, serverOf(url))
    if (problem && answer.cluster !== primary.cluster) throw new CommandError(problem, 2)
    return problem ?? []
  })
}
