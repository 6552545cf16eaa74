import { paths } from '#web/paths'
import { createRandom, mixSeeds, type Random } from '#web/pictures/random'
import { type Project, plentyAmount, scarceAmount } from './arena'
import { type Backer, carryOut, headersOf, pledgePath, type Site } from './backer'
import { newOperation, type Operation, type Wish } from './history'
import { send } from './send'

export interface Load {
  projects: readonly Project[]
  backers: readonly Backer[]
  clients: number
  seed: number
  site: Site
}

export interface RunningLoad {
  operations: Operation[]
  /** What somebody read of a pledge of theirs that is not so. */
  misread: string[]
  /** Resolves when all that was begun is known. */
  stop(): Promise<void>
}

/** One backer and one project, as that backer knows it. */
interface Pair {
  backer: Backer
  project: Project
  standing: Wish | undefined
  done: Operation[]
  /** Nobody knows what came of the last operation, so that there is no next one. */
  isOver: boolean
}

const thinkMs = { min: 20, max: 80 }
/** Of a pair's operations, the last few may be sent again. */
const rememberedMax = 5

/**
 * Clients who place, change, cancel, send again and read, each for backers of its own, until they
 * are stopped. A few projects are wanted most.
 */
export function startLoad({ projects, backers, clients, seed, site }: Load): RunningLoad {
  const operations: Operation[] = []
  const misread: string[] = []
  let running = true

  async function run(client: number): Promise<void> {
    const random = createRandom(mixSeeds(seed, client))
    const own = backers.filter((_, index) => index % clients === client)
    const pairs = new Map<string, Pair>()
    while (running) {
      site.signal.throwIfAborted()
      await Bun.sleep(random.int(thinkMs.min, thinkMs.max))
      const pair = drawPair(random, own, projects, pairs)
      if (pair.isOver) continue
      const operation = draw(random, pair)
      operations.push(operation)
      await carryOut(operation, pair.backer, site)
      learn(pair, operation)
      if (random.chance(0.1)) await readPage(pair.project, site)
      const problem = random.chance(0.1) && (await readOwn(pair, site))
      if (problem) misread.push(problem)
    }
  }

  const ended = Promise.all(Array.from({ length: clients }, (_, client) => run(client)))
  // Whoever waits for `stop` hears of it.
  ended.catch(() => {})
  return {
    operations,
    misread,
    stop: async () => {
      running = false
      await ended
    },
  }
}

function drawPair(
  random: Random,
  backers: readonly Backer[],
  projects: readonly Project[],
  pairs: Map<string, Pair>,
): Pair {
  if (pairs.size > 0 && random.chance(0.6)) return random.pick([...pairs.values()])
  const backer = random.pick(backers)
  const rank = Math.floor(random.float(0, 1) ** 2 * projects.length)
  const project = projects[rank] as Project
  const name = `${project.id}/${backer.id}`
  const pair = pairs.get(name) ?? { backer, project, standing: undefined, done: [], isOver: false }
  pairs.set(name, pair)
  return pair
}

function draw(random: Random, pair: Pair): Operation {
  const { backer, project, standing, done } = pair
  const about = { projectId: project.id, backerId: backer.id }
  const before = done.length > 0 && random.chance(0.15) ? random.pick(done) : undefined
  if (before) {
    const { verb, key, wish } = before
    if (random.chance(0.7)) return newOperation({ ...about, verb, key, wish, repeats: 'same' })
    const other = { bonus: 77_777, reward: null, total: 77_777 }
    return newOperation({ ...about, verb: 'place', key, wish: other, repeats: 'other' })
  }
  const chance = random.float(0, 1)
  const [place, change] = standing ? [0.1, 0.6] : [0.9, 0.95]
  const verb = chance < place ? 'place' : chance < change ? 'change' : 'cancel'
  const key = `${verb}-${crypto.randomUUID()}`
  return newOperation({
    ...about,
    verb,
    key,
    wish: verb === 'cancel' ? null : drawWish(random, project),
  })
}

function drawWish(random: Random, { plenty, scarce }: Project): Wish {
  const bonus = random.int(0, 20) * 100
  const kind = random.int(0, 2)
  if (kind === 0) return { reward: null, bonus: bonus + 100, total: bonus + 100 }
  const amount = kind === 1 ? plentyAmount : scarceAmount
  return { reward: kind === 1 ? plenty : scarce, bonus, total: amount + bonus }
}

function learn(pair: Pair, operation: Operation): void {
  if (operation.repeats !== null) return
  if (operation.outcome === 'unknown') pair.isOver = true
  if (operation.outcome !== 'ok') return
  pair.standing = operation.wish ?? undefined
  pair.done = [...pair.done, operation].slice(-rememberedMax)
}

/** As anybody does, so that there is something in the caches. */
async function readPage({ id }: Project, { address, answers }: Site): Promise<void> {
  const answer = await send(address, { method: 'GET', path: paths.apiProject({ id }) })
  const status = answer?.status ?? 0
  answers.set(status, (answers.get(status) ?? 0) + 1)
}

/** Whoever has been told that it is done reads it so. */
async function readOwn(pair: Pair, { address }: Site): Promise<string | undefined> {
  const { project, backer, standing } = pair
  if (pair.isOver) return undefined
  const question = { path: pledgePath(project.id), headers: headersOf(backer) }
  const answer = await send(address, { method: 'GET', ...question })
  if (answer?.status !== 200 && answer?.status !== 404) return undefined
  const { status, amount } = JSON.parse(answer.body) as { status: unknown; amount?: Amount }
  const isStanding = status === 'pledged'
  if (isStanding === (standing !== undefined) && (!standing || amount?.amount === standing.total)) {
    return undefined
  }
  return `${project.id}/${backer.id}: read ${answer.body} instead of ${JSON.stringify(standing)}`
}

interface Amount {
  amount: number
}
