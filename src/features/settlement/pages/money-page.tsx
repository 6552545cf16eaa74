import { Figures } from '#features/ledger/parts'
import type { Books } from '#features/ledger/rules/books'
import { ProjectFrame } from '#features/projects/parts/frame'
import type { FormErrors, FormValues } from '#http/forms'
import { formatMoney } from '#lib/money'
import { formatDate, formatMoment, plainMoment } from '#lib/time'
import { EmptyState } from '#web/components/empty-state'
import { Field, Notice } from '#web/components/form'
import { paths } from '#web/paths'
import { useSite } from '#web/site'
import type { MoneyProject, PayoutRow, Returned } from '../reads/money'
import { lateDaysMax, payoutDays } from '../rules/dates'

interface MoneyProps {
  project: MoneyProject
  /** Null for what ended before there were books. */
  books: Books | null
  payouts: PayoutRow[]
  returned: Returned[]
  isCreator: boolean
  isDemo: boolean
  done: string | undefined
  values?: FormValues
  errors?: FormErrors
}

const doneSentences: Record<string, string> = {
  refunded: 'The refund is on its way to your backer.',
  late: 'Late pledges are open.',
  'late-over': 'Late pledges are closed.',
  asked: 'The refund is asked for. The payment provider has not answered yet; we keep asking.',
}

/** A project's money, for its makers: every figure is from the books. */
export function MoneyPage(props: MoneyProps) {
  const { project, books, payouts, returned, isCreator, isDemo, done, values, errors } = props
  const sentence = doneSentences[done ?? '']
  return (
    <ProjectFrame
      {...{ project, title: 'Money', className: 'money' }}
      lead={<p className="money-lead">{standingOf(project, useSite().now)}</p>}
    >
      {sentence && <Notice>{sentence}</Notice>}
      {books ? (
        <Figures
          books={books}
          currency={project.currency}
          isSuccess={project.status === 'successful'}
        />
      ) : (
        <EmptyState title="There are no books of this project: it ended before they were kept." />
      )}
      {project.lateUntil && (
        <p>
          Late pledges are in these figures. What they bring in is sent within {payoutDays} days.
        </p>
      )}
      <p className="money-ways">
        <a className="button button-quiet" href={paths.moneyFile(project)}>
          Download the statement
        </a>
        {isDemo && (
          <a className="button button-quiet" href={paths.clock(project)}>
            Move its clock (demo)
          </a>
        )}
      </p>
      <Payouts payouts={payouts} currency={project.currency} />
      <BackToBackers returned={returned} project={project} />
      {isCreator && project.status === 'successful' && project.endsAt && project.settledAt && (
        <LatePledges {...{ project, values, errors }} endsAt={project.endsAt} />
      )}
      {isCreator && project.status === 'successful' && <RefundWay project={project} />}
    </ProjectFrame>
  )
}

function standingOf(project: MoneyProject, now: Date): string {
  const { status, endsAt, retriesEndAt, payoutDueAt, closedAt } = project
  if (status === 'live') {
    return `Nothing is charged before the end${endsAt ? `, on ${formatMoment(endsAt)}` : ''}.`
  }
  if (status !== 'successful') return 'Nobody was charged.'
  const isAhead = payoutDueAt !== null && payoutDueAt > now
  const payout = isAhead ? ` What is yours is sent on ${formatDate(payoutDueAt)}.` : ''
  if (closedAt === null && retriesEndAt) {
    const left = retriesEndAt > now ? `until ${formatMoment(retriesEndAt)}` : 'a week from then'
    return `Pledges are being charged. Who could not be charged has ${left}.${payout}`
  }
  return `All pledges are charged or dropped.${payout}`
}

const payoutStates = { intended: 'on its way', paid: 'sent', failed: 'came back' } as const

function Payouts({ payouts, currency }: { payouts: PayoutRow[]; currency: string }) {
  return (
    <section aria-labelledby="payouts">
      <h2 id="payouts">Payouts</h2>
      {payouts.length === 0 && <p>None yet.</p>}
      <ul className="money-rows">
        {payouts.map((payout) => (
          <li key={payout.number}>
            <strong>{formatMoney(payout.amount, currency)}</strong> {payoutStates[payout.status]}{' '}
            <time dateTime={(payout.paidAt ?? payout.createdAt).toISOString()}>
              {formatMoment(payout.paidAt ?? payout.createdAt)}
            </time>
            <small>
              {formatMoney(payout.collected, currency)} collected, less{' '}
              {formatMoney(payout.platformFees + payout.processingFees, currency)} fees,{' '}
              {formatMoney(payout.refunded, currency)} refunds,{' '}
              {formatMoney(payout.disputed, currency)} disputes
              {payout.before > 0 && ` and ${formatMoney(payout.before, currency)} sent before`}
            </small>
          </li>
        ))}
      </ul>
    </section>
  )
}

const returnStates: Record<string, string> = {
  intended: 'Refund on its way',
  succeeded: 'Refunded',
  failed: 'Refund failed',
  open: 'In dispute',
  won: 'Dispute won',
  lost: 'Dispute lost',
}

function BackToBackers({ returned, project }: { returned: Returned[]; project: MoneyProject }) {
  return (
    <section aria-labelledby="returned">
      <h2 id="returned">Refunds and disputes</h2>
      {returned.length === 0 && <p>None.</p>}
      <ul className="money-rows">
        {returned.map((one) => (
          <li key={`${one.kind} ${one.pledgeId} ${one.createdAt.getTime()}`}>
            <strong>{formatMoney(one.amount, project.currency)}</strong> {returnStates[one.status]},
            pledge {one.pledgeId} of {one.backerName},{' '}
            <time dateTime={one.createdAt.toISOString()}>{formatMoment(one.createdAt)}</time>
            <small dir="auto">{one.reason}</small>
          </li>
        ))}
      </ul>
    </section>
  )
}

function LatePledges(props: {
  project: MoneyProject
  endsAt: Date
  values: FormValues | undefined
  errors: FormErrors | undefined
}) {
  const { project, endsAt, values = {}, errors = {} } = props
  const { lateUntil } = project
  const { now } = useSite()
  const isOpen = lateUntil !== null && lateUntil > now
  const last = new Date(endsAt.getTime() + lateDaysMax * 86_400_000)
  return (
    <section aria-labelledby="late">
      <h2 id="late">Late pledges</h2>
      <p>
        {isOpen
          ? `They are open until ${formatMoment(lateUntil)}.`
          : 'They are closed: your project takes no pledges.'}{' '}
        Who comes late may have what is left of your rewards, and is charged at once. They count in
        what was pledged.
      </p>
      <form className="money-find" method="post" action={paths.latePledges(project)}>
        <input type="hidden" name="when" value="later" />
        <Field
          name="until"
          label={isOpen ? 'Open until another moment' : 'Open until'}
          hint={`At the latest ${formatMoment(last)}; the time is UTC.`}
          type="datetime-local"
          max={plainMoment(last)}
          required
          defaultValue={values['until'] ?? (isOpen ? plainMoment(lateUntil) : undefined)}
          error={errors['until']}
        />
        <button className="button button-quiet" type="submit">
          {isOpen ? 'Change' : 'Open late pledges'}
        </button>
      </form>
      {isOpen && (
        <form method="post" action={paths.latePledges(project)}>
          <button className="button button-quiet" type="submit" name="when" value="now">
            Close them now
          </button>
        </form>
      )}
    </section>
  )
}

function RefundWay({ project }: { project: MoneyProject }) {
  return (
    <section aria-labelledby="refund">
      <h2 id="refund">Give money back</h2>
      <form className="money-find" action={paths.refund(project)}>
        <Field
          name="pledge"
          label="Number of the pledge"
          hint="It stands with each of your backers."
          inputMode="numeric"
          pattern="[1-9][0-9]{0,14}"
          required
        />
        <button className="button button-quiet" type="submit">
          Go on
        </button>
      </form>
    </section>
  )
}
