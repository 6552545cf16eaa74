import { AppError, type ErrorCode } from '#lib/errors'
import { formatMoney } from '#lib/money'
import type { PledgeOutcome, PledgeResult } from '../rules'

type Refused = Exclude<PledgeOutcome, 'taken' | 'replayed'>

/** Each refusal as the catalogue has it, and the field it is about. */
const refusals: Record<Refused, { code: ErrorCode; field?: string }> = {
  key_reused: { code: 'key_reused' },
  project_not_found: { code: 'project_not_found' },
  closed: { code: 'campaign_over' },
  own_project: { code: 'own_project' },
  already_pledged: { code: 'already_pledged' },
  no_such_reward: { code: 'reward_not_found', field: 'reward' },
  no_such_add_on: { code: 'add_on_unavailable', field: 'addOns' },
  reward_closed: { code: 'reward_closed', field: 'reward' },
  ships_elsewhere: { code: 'ships_elsewhere', field: 'shipTo' },
  sold_out: { code: 'sold_out', field: 'reward' },
  price_changed: { code: 'price_changed', field: 'total' },
}

/** A pledge that stands: its number, and what it comes to in minor units. */
export interface Taken {
  id: number
  total: number
}

/** What came of a request. Throws AppError for what was refused. */
export function requireTaken(result: PledgeResult, currency: string): Taken {
  const { outcome, pledgeId, total } = result
  if (outcome === 'taken' || outcome === 'replayed') return { id: pledgeId ?? 0, total: total ?? 0 }
  const { code, field } = refusals[outcome]
  const price =
    outcome === 'price_changed' && total !== null
      ? { detail: `It comes to ${formatMoney(total, currency)} now. Nothing was charged.` }
      : {}
  throw new AppError(code, { ...price, ...(field ? { field } : {}) })
}
