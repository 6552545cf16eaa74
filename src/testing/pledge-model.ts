import type { AddOn, PledgeOutcome, PledgeRequest } from '#features/pledges/rules'

// What pledging is to do, said a second time and as plainly as possible: one thing after the other,
// in memory.

export interface ModelReward {
  id: number
  amount: number
  isAddOn: boolean
  /** Null is unlimited. */
  quantity: number | null
  perBackerMax: number
  isClosed: boolean
  /** By country; null is shipped nowhere. */
  shipping: Readonly<Record<string, number>> | null
}

interface ModelPledge {
  status: 'pledged' | 'canceled'
  amount: number
  rewardId: number | null
  addOns: readonly AddOn[]
  anonymous: boolean
}

interface ModelLine {
  kind: 'pledge' | 'cancel'
  backerId: number
  amount: number
}

/** What is done to a project; `backerId` and `key` mean the same everywhere. */
export type Action =
  | { act: 'place'; request: PledgeRequest }
  | { act: 'change'; request: PledgeRequest }
  | { act: 'cancel'; backerId: number; key: string }
  | { act: 'hold'; backerId: number; rewardId: number }

/** An outcome of a pledge or the code of a refusal, and the total where there is one. */
export interface Said {
  outcome: string
  total?: number | null
}

const elsewhere = 'Rest of the world'

/** One project, and everything that was done to it. */
export class PledgeModel {
  pledges = new Map<number, ModelPledge>()
  /** What each request came to, by person and key. */
  requests = new Map<string, { asked: string; total: number }>()
  /** By person and reward; one of each. */
  holds = new Map<string, { personId: number; rewardId: number }>()
  lines: ModelLine[] = []
  isOpen = true
  isLastDay = false
  readonly creatorId: number
  readonly goal: number
  readonly rewards: readonly ModelReward[]

  constructor(given: Pick<PledgeModel, 'creatorId' | 'goal' | 'rewards'>) {
    this.creatorId = given.creatorId
    this.goal = given.goal
    this.rewards = given.rewards
  }

  /** Another one in the same state. */
  copy(): PledgeModel {
    const other = new PledgeModel(this)
    other.pledges = new Map([...this.pledges].map(([id, pledge]) => [id, { ...pledge }]))
    other.requests = new Map(this.requests)
    other.holds = new Map(this.holds)
    other.lines = [...this.lines]
    other.isOpen = this.isOpen
    other.isLastDay = this.isLastDay
    return other
  }

  do(action: Action): Said {
    if (action.act === 'place') return this.#take(action.request)
    if (action.act === 'change') return this.#change(action.request)
    if (action.act === 'cancel') return this.#cancel(action.backerId, action.key)
    return { outcome: this.#hold(action.backerId, action.rewardId) }
  }

  standing(): ModelPledge[] {
    return [...this.pledges.values()].filter(({ status }) => status === 'pledged')
  }

  pledged(): number {
    return this.standing().reduce((sum, { amount }) => sum + amount, 0)
  }

  /** How many of a reward are taken. */
  taken(id: number): number {
    return this.standing().reduce((sum, { rewardId, addOns }) => {
      const extra = addOns.find((each) => each.rewardId === id)?.quantity ?? 0
      return sum + extra + Number(rewardId === id)
    }, 0)
  }

  /** What it comes to, where it can be had. */
  priceOf({ rewardId, addOns, bonus, shipTo }: Omit<PledgeRequest, 'total'>): number {
    const reward = this.#rewardOf(rewardId)
    const extras = addOns.reduce(
      (sum, { rewardId, quantity }) => sum + (this.#rewardOf(rewardId)?.amount ?? 0) * quantity,
      0,
    )
    return (reward?.amount ?? 0) + (shippingOf(reward, shipTo) ?? 0) + extras + bonus
  }

  #rewardOf(id: number | null): ModelReward | undefined {
    return this.rewards.find((each) => each.id === id)
  }

  #standingOf(backerId: number): ModelPledge | undefined {
    const pledge = this.pledges.get(backerId)
    return pledge?.status === 'pledged' ? pledge : undefined
  }

  #free({ id, quantity }: ModelReward): number {
    const held = [...this.holds.values()].filter(({ rewardId }) => rewardId === id).length
    return (quantity ?? Number.POSITIVE_INFINITY) - this.taken(id) - held
  }

  #known(personId: number, key: string, asked: string): Said | undefined {
    const known = this.requests.get(`${personId} ${key}`)
    if (!known) return undefined
    return known.asked === asked
      ? { outcome: 'replayed', total: known.total }
      : { outcome: 'key_reused', total: known.total }
  }

  #take(request: PledgeRequest): Said {
    const { backerId, key, rewardId, addOns, anonymous } = request
    const known = this.#known(backerId, key, contentOf(request))
    if (known) return known
    const total = this.priceOf(request)
    const refusal = this.#refusal(request, total)
    if (refusal) return { outcome: refusal, total }
    // Nobody can ask for it on the site; Postgres itself refuses it.
    if (total === 0) return { outcome: 'pledges_amount' }
    this.pledges.set(backerId, { status: 'pledged', amount: total, rewardId, addOns, anonymous })
    this.requests.set(`${backerId} ${key}`, { asked: contentOf(request), total })
    this.lines.push({ kind: 'pledge', backerId, amount: total })
    for (const [name, { personId }] of this.holds) {
      if (personId === backerId) this.holds.delete(name)
    }
    return { outcome: 'taken', total }
  }

  #refusal(request: PledgeRequest, total: number): PledgeOutcome | undefined {
    const { backerId, rewardId, addOns, shipTo } = request
    const reward = this.#rewardOf(rewardId)
    if (!this.isOpen) return 'closed'
    if (backerId === this.creatorId) return 'own_project'
    if (this.#standingOf(backerId)) return 'already_pledged'
    if (rewardId !== null && (!reward || reward.isAddOn)) return 'no_such_reward'
    // Whoever has had it may keep it.
    const hadIt = this.pledges.get(backerId)?.rewardId === rewardId
    if (reward?.isClosed && !hadIt) return 'reward_closed'
    if (reward?.shipping && shippingOf(reward, shipTo) === undefined) return 'ships_elsewhere'
    if (!addOns.every((each) => this.#fits(each))) return 'no_such_add_on'
    if (total !== request.total) return 'price_changed'
    const wanted = [...(rewardId === null ? [] : [{ rewardId, quantity: 1 }]), ...addOns]
    return wanted.every((each) => this.#isLeft(backerId, each)) ? undefined : 'sold_out'
  }

  #fits({ rewardId, quantity }: AddOn): boolean {
    const addOn = this.#rewardOf(rewardId)
    return addOn?.isAddOn === true && !addOn.isClosed && quantity <= addOn.perBackerMax
  }

  #isLeft(backerId: number, { rewardId, quantity }: AddOn): boolean {
    const reward = this.#rewardOf(rewardId)
    const needed = quantity - Number(this.holds.has(`${backerId} ${rewardId}`))
    return !reward || needed <= 0 || needed <= this.#free(reward)
  }

  #change(request: PledgeRequest): Said {
    const { backerId, key } = request
    const known = this.#known(backerId, key, contentOf(request))
    if (known) return known.outcome === 'replayed' ? known : { outcome: 'key_reused' }
    const refusal = this.#unchangeable(backerId, request.total)
    if (refusal) return { outcome: refusal }
    const trial = this.copy()
    trial.#withdraw(backerId)
    const said = trial.#take(request)
    if (said.outcome === 'taken') this.#become(trial)
    return said
  }

  #cancel(backerId: number, key: string): Said {
    const known = this.#known(backerId, key, 'cancel')
    if (known) return { outcome: known.outcome === 'replayed' ? 'done' : 'key_reused' }
    const refusal = this.#unchangeable(backerId, 0)
    if (refusal) return { outcome: refusal }
    this.#withdraw(backerId)
    this.requests.set(`${backerId} ${key}`, { asked: 'cancel', total: 0 })
    return { outcome: 'done' }
  }

  #unchangeable(backerId: number, total: number): string | undefined {
    const pledge = this.#standingOf(backerId)
    if (!pledge) return 'pledge_not_found'
    if (!this.isOpen) return 'campaign_over'
    const pledged = this.pledged()
    const after = pledged - pledge.amount + total
    const fallsShort = total < pledge.amount && pledged >= this.goal && after < this.goal
    return this.isLastDay && fallsShort ? 'falls_short' : undefined
  }

  #withdraw(backerId: number): void {
    const pledge = this.pledges.get(backerId) as ModelPledge
    this.pledges.set(backerId, { ...pledge, status: 'canceled', addOns: [] })
    this.lines.push({ kind: 'cancel', backerId, amount: pledge.amount })
  }

  #hold(personId: number, rewardId: number): string {
    if (!this.isOpen) return 'campaign_over'
    const trial = this.copy()
    for (const [name, held] of trial.holds) {
      if (held.personId === personId && held.rewardId !== rewardId) trial.holds.delete(name)
    }
    const reward = trial.#rewardOf(rewardId)
    if (!reward || reward.isAddOn) return 'reward_not_found'
    const name = `${personId} ${rewardId}`
    const isTheirs = trial.holds.has(name) || trial.#standingOf(personId)?.rewardId === rewardId
    if (!isTheirs && reward.quantity !== null) {
      if (reward.isClosed) return 'reward_closed'
      if (trial.#free(reward) <= 0) return 'sold_out'
      trial.holds.set(name, { personId, rewardId })
    }
    this.#become(trial)
    return 'done'
  }

  #become({ pledges, requests, holds, lines }: PledgeModel): void {
    Object.assign(this, { pledges, requests, holds, lines })
  }
}

const contentOf = ({ rewardId, addOns, bonus, shipTo, anonymous, total, cardId }: PledgeRequest) =>
  JSON.stringify([rewardId, addOns, bonus, shipTo, anonymous, total, cardId])

const shippingOf = (reward: ModelReward | undefined, country: string | null) =>
  reward?.shipping?.[country ?? ''] ?? reward?.shipping?.[elsewhere]
