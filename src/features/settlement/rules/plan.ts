import type { PledgeStatus } from '#db/schema/backing'
import { formatMoney } from '#lib/money'
import { plural } from '#lib/text'
import type { DueProject, EndedProject } from '../reads/due'

type Counts = readonly { status: PledgeStatus; count: number; amount: number }[]

const countOf = (counts: Counts, status: PledgeStatus) =>
  counts.find((row) => row.status === status) ?? { count: 0, amount: 0 }

/** How many pledges the next work on a settled project asks the provider for. */
export function chargesDue(project: DueProject, counts: Counts): number {
  const errored = project.isLastTryDue ? countOf(counts, 'errored').count : 0
  return project.isClosed ? 0 : countOf(counts, 'pledged').count + errored
}

/** What the next work on a project is, in a sentence. */
export function planOf(project: DueProject | EndedProject, counts: Counts): string {
  const { currency } = project
  const pledged = countOf(counts, 'pledged')
  const told = ({ count, amount }: { count: number; amount: number }) =>
    `${plural(count, 'pledge')}, ${formatMoney(amount, currency)}`
  if ('goal' in project) {
    const isSuccess = project.allOrNothing ? project.pledged >= project.goal : project.pledged > 0
    const result = `${formatMoney(project.pledged, currency)} of ${formatMoney(project.goal, currency)}`
    return isSuccess
      ? `is successful with ${result}; charge ${told(pledged)}`
      : `has failed with ${result}; let go of ${told(pledged)}`
  }
  const errored = countOf(counts, 'errored')
  const steps = project.isClosed
    ? []
    : [
        ...(pledged.count > 0 ? [`charge ${told(pledged)}`] : []),
        ...(errored.count > 0 && project.isLastTryDue
          ? [`try ${told(errored)} once more, and drop what is not paid`]
          : []),
        ...(errored.count > 0 && !project.isLastTryDue && project.isReminderDue
          ? [`remind the backers of ${told(errored)}`]
          : []),
      ]
  if (project.isPayoutDue) steps.push('pay the creator what is due')
  return steps.join('; ') || 'finish what was begun'
}
