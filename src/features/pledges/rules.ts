/** What comes of a pledge that was asked for; all but the first two leave everything as it was. */
export type PledgeOutcome =
  | 'taken'
  /** This very request was done before: here is what came of it. */
  | 'replayed'
  | 'key_reused'
  | 'project_not_found'
  | 'closed'
  | 'own_project'
  | 'already_pledged'
  | 'no_such_reward'
  | 'no_such_add_on'
  | 'reward_closed'
  | 'ships_elsewhere'
  | 'sold_out'
  | 'price_changed'

export interface AddOn {
  rewardId: number
  quantity: number
}

/** A pledge as its backer asks for it. Money is in minor units of the project's currency. */
export interface PledgeRequest {
  projectId: number
  backerId: number
  /** The same one is done once, however often it comes. */
  key: string
  rewardId: number | null
  addOns: readonly AddOn[]
  bonus: number
  /** The country it is to be shipped to. */
  shipTo: string | null
  anonymous: boolean
  /** All of it, as the backer has seen it. */
  total: number
  cardId: number | null
}

export interface PledgeResult {
  outcome: PledgeOutcome
  pledgeId: number | null
  /** What it comes to now, where that can be said: with price_changed, the new price. */
  total: number | null
}
