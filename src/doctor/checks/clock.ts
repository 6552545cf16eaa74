import { readClock } from '#db/health/server'
import { type Check, type Finding, type OpenSite, problem, warning } from '../check'
import { duration } from '../units'

const noticedMs = 2_000
const severeMs = 60_000

/** The clock of the database's host against ours. */
export const clock: Check<OpenSite> = {
  name: 'clock',
  run: async ({ db }) => judgeClock('the database', await readClock(db)),
}

/** Deadlines are the database's to decide; what is signed, logged and cached goes by our own clock. */
export function judgeClock(
  whose: string,
  { aheadMs, doubtMs }: { aheadMs: number; doubtMs: number },
): Finding[] {
  const apart = Math.abs(aheadMs) - doubtMs
  if (apart < noticedMs) return []
  const direction = aheadMs > 0 ? 'ahead of' : 'behind'
  const finding = apart >= severeMs ? problem : warning
  return [
    finding(
      `The clock of ${whose} is ${duration(Math.abs(aheadMs) / 1000)} ${direction} this machine’s.`,
      'Have both kept by the network: `timedatectl set-ntp true`, or chrony.',
    ),
  ]
}
