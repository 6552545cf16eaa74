import { formatMoney } from '#lib/money'
import { plural } from '#lib/text'
import type { DueProject, EndedProject, PledgeCounts } from '../reads/due'

const countOf = (
  counts: PledgeCounts,
  status: PledgeCounts[number]['status'],
  isLastTryDue = false,
) =>
  counts.find((row) => row.status === status && row.isLastTryDue === isLastTryDue) ?? {
    ...{ count: 0, amount: 0 },
  }

/** How many pledges the next work on a settled project asks the provider for. */
export function chargesDue(project: DueProject, counts: PledgeCounts): number {
  const lastTries = countOf(counts, 'errored', true).count
  return project.isClosed ? 0 : countOf(counts, 'pledged').count + lastTries
}

/** What the next work on a project is, in a sentence. */
export function planOf(project: DueProject | EndedProject, counts: PledgeCounts): string {
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
  const [errored, lastTries] = [countOf(counts, 'errored'), countOf(counts, 'errored', true)]
  const steps = project.isClosed
    ? []
    : [
        ...(pledged.count > 0 ? [`charge ${told(pledged)}`] : []),
        ...(lastTries.count > 0
          ? [`try ${told(lastTries)} once more, and drop what is not paid`]
          : []),
        ...(errored.count > 0 && project.isReminderDue
          ? [`remind the backers of ${told(errored)}`]
          : []),
      ]
  if (project.isPayoutDue) steps.push('pay the creator what is due')
  return steps.join('; ') || 'finish what was begun'
}
