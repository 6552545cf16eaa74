import type { FeeRates } from '#config'
import type { Db } from '#db/client'
import type { PaymentProvider } from '#payments/provider'

/** What settling a project works with. */
export interface Settling {
  db: Db
  payments: PaymentProvider
  fees: FeeRates
  /** The address of the site, for the links in mails. */
  site: string
  /** In a demo pledges without a card are paid with a card of the test gateway. */
  demo: boolean
  /** Whether to stop after the batch that is under way; the rest stays due. */
  isEnding?: () => boolean
  /** Told of each step of the work when it is done. */
  reached?: (step: Step) => void
  /** Told how many pledges have been asked for. */
  onCharged?: (count: number) => void
}

/** What the jobs and commands of a running program settle with. */
export const settlingOf = (deps: {
  db: Db
  payments: PaymentProvider
  config: { fees: FeeRates; baseUrl: string; demo: boolean }
}): Settling => ({
  ...{ db: deps.db, payments: deps.payments },
  ...{ fees: deps.config.fees, site: deps.config.baseUrl, demo: deps.config.demo },
})

export type Step =
  | `${'moved' | 'released' | 'told' | 'settled'}`
  | `charges_${'intended' | 'asked' | 'recorded'}`
  | `payout_${'intended' | 'asked' | 'recorded'}`
  | `refund_${'intended' | 'asked' | 'recorded'}`
  | 'reminded'
  | 'dropped'

/** A provider that has not answered by then is asked again later, with the same key. */
export const providerDeadlineMs = 20_000
/** Calls to a provider under way at once, for one project. */
const callsAtOnce = 16

/** Asks for each of many, a bounded number at once; the answers are in the order of the asking. */
export async function askEach<One, Answer>(
  all: readonly One[],
  ask: (one: One) => Promise<Answer>,
): Promise<Answer[]> {
  const answers: Answer[] = []
  let next = 0
  const work = async () => {
    while (next < all.length) {
      const index = next++
      answers[index] = await ask(all[index] as One)
    }
  }
  await Promise.all(Array.from({ length: Math.min(callsAtOnce, all.length) }, work))
  return answers
}
