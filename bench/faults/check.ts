import { type History, type Operation, pairOf } from './history'

export interface StoredPledge {
  projectId: number
  backerId: number
  id: number
  status: string
  amount: number
  rewardId: number | null
}

/** Everything about some projects, as Postgres has it. */
export interface Stored {
  pledges: readonly StoredPledge[]
  /** Keys that are remembered, of each backer of a project. */
  keys: readonly { projectId: number; backerId: number; key: string }[]
  /** In the order of the books. */
  lines: readonly { projectId: number; pledgeId: number; kind: string; amount: number }[]
  rewards: readonly { id: number; quantity: number | null; taken: number }[]
  projects: readonly { id: number; pledged: number; backers: number }[]
}

/** What one backer's operations come to. */
interface Due {
  pledge: { amount: number; rewardId: number | null; status: 'pledged' | 'canceled' } | undefined
  pledgeId: number | null
  lines: string[]
  keys: string[]
}

/**
 * The same, where what nobody knows is decided: it was done if its key is stored, which is written
 * with what it does, and otherwise not.
 */
export function decided(history: History, { keys }: Pick<Stored, 'keys'>): Operation[] {
  const stored = new Set(keys.map((each) => `${pairOf(each)} ${each.key}`))
  return history.map((operation) => {
    // What was sent before changes nothing, whatever was answered.
    if (operation.outcome !== 'unknown' || operation.repeats !== null) return operation
    const isDone = stored.has(`${pairOf(operation)} ${operation.key}`)
    return { ...operation, isDecided: true, outcome: isDone ? 'ok' : 'refused' }
  })
}

/**
 * Compares a decided history with what is stored, and returns a sentence for everything that is
 * lost, doubled, wrong, or that nobody has asked for.
 */
export function check(history: History, stored: Stored): string[] {
  const wrong: string[] = []
  const pledges = new Map(stored.pledges.map((pledge) => [pairOf(pledge), pledge]))
  const pledgeIds = new Map(stored.pledges.map(({ id, ...pledge }) => [id, pairOf(pledge)]))
  const keys = Map.groupBy(stored.keys, pairOf)
  const lines = Map.groupBy(stored.lines, ({ pledgeId }) => pledgeIds.get(pledgeId) ?? 'nobody')
  const operations = Map.groupBy(history, pairOf)
  for (const [pair, own] of operations) {
    const pledge = pledges.get(pair)
    const found = {
      pledge: pledge && describe(pledge),
      lines: (lines.get(pair) ?? []).map(({ kind, amount }) => `${kind} ${amount}`),
      keys: (keys.get(pair) ?? []).map(({ key }) => key).toSorted(),
    }
    const { due, problems } = replay(own)
    wrong.push(...problems.map((problem) => `${pair}: ${problem}`))
    const expected = {
      ...{ pledge: due.pledge && describe(due.pledge), lines: due.lines },
      keys: due.keys.toSorted(),
    }
    if (!Bun.deepEquals(expected, found)) {
      const sentence = `${JSON.stringify(found)} instead of ${JSON.stringify(expected)}`
      wrong.push(`${pair}: stored is ${sentence}`)
    }
    if (due.pledgeId && pledge && due.pledgeId !== pledge.id) {
      wrong.push(`${pair}: the pledge has another number`)
    }
  }
  for (const pair of new Set([...pledges.keys(), ...keys.keys(), ...lines.keys()])) {
    if (!operations.has(pair)) wrong.push(`${pair}: stored, and nobody has asked for it`)
  }
  return [...wrong, ...wrongTotals(stored)]
}

const describe = ({
  amount,
  rewardId,
  status,
}: Omit<StoredPledge, 'id' | 'projectId' | 'backerId'>) =>
  `${status} ${amount} for ${rewardId ?? 'no reward'}`

/** What one backer's operations come to. */
function replay(own: readonly Operation[]): { due: Due; problems: string[] } {
  const problems: string[] = []
  let due: Due = { pledge: undefined, pledgeId: null, lines: [], keys: [] }
  for (const [index, operation] of own.entries()) {
    const { verb, key, outcome, repeats, isDecided } = operation
    problems.push(...problemsOf(operation, due).map((problem) => `${verb} ${key}: ${problem}`))
    if (isDecided && index < own.length - 1) {
      problems.push(`${verb} ${key}: went on without knowing`)
    }
    if (repeats === null && outcome === 'ok') due = after(due, operation)
  }
  return { due, problems }
}

/** What is wrong with an answer to whoever knows what was answered before. */
function problemsOf({ verb, repeats, outcome, wish, ...said }: Operation, due: Due): string[] {
  if (outcome === 'unknown') return []
  const isOk = outcome === 'ok'
  // Nobody was told that it was done, or anything at all.
  if (said.isDecided && (isOk || said.code === null)) return []
  const isStanding = due.pledge?.status === 'pledged'
  if (isOk && verb !== 'cancel') {
    const wrong: string[] = []
    if (said.total !== wish?.total) wrong.push(`${said.total} was acknowledged for ${wish?.total}`)
    if (due.pledgeId !== null && said.pledgeId !== due.pledgeId) wrong.push('it has another number')
    if (wrong.length > 0) return wrong
  }
  if (repeats === 'same') return isOk ? [] : [`sent again it was refused: ${said.code}`]
  if (repeats === 'other') return said.code === 'key_reused' ? [] : ['its key was taken twice']
  const refusal =
    verb === 'place' ? isStanding && 'already_pledged' : !isStanding && 'pledge_not_found'
  if (refusal) return said.code === refusal ? [] : [`${said.code ?? 'done'} instead of ${refusal}`]
  const mayBeSoldOut = verb !== 'cancel' && wish?.reward !== null && said.code === 'sold_out'
  return isOk || mayBeSoldOut ? [] : [`refused with ${said.status} ${said.code}`]
}

function after({ pledge, pledgeId, lines, keys }: Due, operation: Operation): Due {
  const { verb, wish, key } = operation
  const isStanding = pledge?.status === 'pledged'
  const canceled = isStanding && verb !== 'place' ? [`cancel ${pledge.amount}`] : []
  const number = operation.pledgeId ?? pledgeId
  if (verb === 'cancel' || wish === null) {
    const left = pledge && { ...pledge, status: 'canceled' as const }
    return { pledge: left, pledgeId: number, lines: [...lines, ...canceled], keys: [...keys, key] }
  }
  return {
    pledge: { amount: wish.total, rewardId: wish.reward, status: 'pledged' },
    pledgeId: number,
    lines: [...lines, ...canceled, `pledge ${wish.total}`],
    keys: [...keys, key],
  }
}

/** Totals and stock against the rows. */
function wrongTotals({ pledges, rewards, projects }: Stored): string[] {
  const standing = pledges.filter(({ status }) => status === 'pledged')
  const ofProject = Map.groupBy(standing, ({ projectId }) => projectId)
  const ofReward = Map.groupBy(standing, ({ rewardId }) => rewardId)
  return [
    ...projects.flatMap(({ id, pledged, backers }) => {
      const own = ofProject.get(id) ?? []
      const sum = own.reduce((all, { amount }) => all + amount, 0)
      if (sum === pledged && own.length === backers) return []
      return [`project ${id}: ${pledged} of ${backers} instead of ${sum} of ${own.length}`]
    }),
    ...rewards.flatMap(({ id, quantity, taken }) => {
      const own = ofReward.get(id)?.length ?? 0
      if (quantity !== null && own > quantity) return [`reward ${id}: ${own} of ${quantity} taken`]
      return own === taken ? [] : [`reward ${id}: ${taken} counted, ${own} taken`]
    }),
  ]
}
