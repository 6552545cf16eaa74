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

/** So long a limited reward is set aside at the checkout; coming back makes it no longer. */
export const holdMinutes = 15

/** Placing, changing and canceling, of one person. */
export const pledgesPerPerson = { times: 60, seconds: 600 }
/** Each sets something aside that others wait for. */
export const holdsPerPerson = { times: 20, seconds: 3_600 }
/** Each is a mail. */
export const guestsPerAddress = { times: 20, seconds: 3_600 }
export const guestsPerEmail = { times: 4, seconds: 3_600 }
