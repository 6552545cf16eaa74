import { type Project, scarceAmount } from './arena'
import { attempt, type Backer, carryOut, type Site } from './backer'
import { newOperation, type Operation } from './history'

const repeatedAmount = 500
const lanesCount = 8

/** All of them want one of a reward for few, at once; `midway` happens while they ask. */
export async function rush(
  project: Project,
  backers: readonly Backer[],
  site: Site,
  midway: () => Promise<void>,
): Promise<Operation[]> {
  const operations = backers.map(({ id }) =>
    newOperation({
      ...{ projectId: project.id, backerId: id, key: `rush-${crypto.randomUUID()}`, verb: 'place' },
      wish: { reward: project.scarce, bonus: 0, total: scarceAmount },
    }),
  )
  let known = 0
  const isMidway = Promise.withResolvers<void>()
  const asking = Promise.all(
    operations.map(async (operation, index) => {
      await carryOut(operation, backers[index] as Backer, site)
      known++
      if (known === Math.ceil(backers.length / 20)) isMidway.resolve()
    }),
  )
  await Promise.all([asking, isMidway.promise.then(midway)])
  return operations
}

export interface Repeats {
  operations: Operation[]
  posts: number
  /** Of these, how many were not answered, or told to come again. */
  unanswered: number
  /** Keys that were answered in different ways. */
  problems: string[]
}

/**
 * Sends the same pledge so many times at once, for each of these backers; `midway` happens while
 * they ask. Then each is sent once more, until it is known.
 */
export async function repeat(
  wanted: { project: Project; backers: readonly Backer[]; times: number },
  site: Site,
  midway: () => Promise<void>,
): Promise<Repeats> {
  const { project, backers, times } = wanted
  const operations = backers.map(({ id }) =>
    newOperation({
      ...{ projectId: project.id, backerId: id, key: `repeat-${crypto.randomUUID()}` },
      ...{ verb: 'place', wish: { reward: null, bonus: repeatedAmount, total: repeatedAmount } },
    }),
  )
  const bodies = operations.map(() => new Set<string>())
  const problems: string[] = []
  let [posts, unanswered] = [0, 0]
  let isMidway: Promise<void> | undefined
  const ask = async (index: number) => {
    const operation = operations[index] as Operation
    const answer = await attempt(operation, backers[index] as Backer, site)
    posts++
    if (answer?.status === 201) bodies[index]?.add(answer.body)
    else if (answer && answer.status < 500 && answer.status !== 429) {
      problems.push(`${operation.key}: answered with ${answer.status} ${answer.body}`)
    } else unanswered++
    if (posts === Math.ceil((operations.length * times) / 2)) isMidway = midway()
  }
  // A few backers at a time, each with all of theirs at once.
  const waiting = operations.keys()
  const lane = async () => {
    for (const index of waiting) {
      await Promise.all(Array.from({ length: times }, () => ask(index)))
      // While there is no server nobody would be heard.
      await isMidway
    }
  }
  await Promise.all(Array.from({ length: lanesCount }, lane))
  await isMidway
  await Promise.all(
    operations.map(async (operation, index) => {
      const answer = await carryOut(operation, backers[index] as Backer, site)
      if (answer) bodies[index]?.add(answer.body)
    }),
  )
  for (const [index, { key }] of operations.entries()) {
    const said = bodies[index]
    if (said && said.size > 1) problems.push(`${key}: answered as ${[...said].join(' and ')}`)
  }
  return { operations, posts, unanswered, problems }
}
