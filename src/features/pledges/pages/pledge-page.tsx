import { cardName } from '#features/payments/rules'
import type { Project } from '#features/projects/reads/projects'
import { takesLatePledges } from '#features/projects/rules'
import { formatMoney } from '#lib/money'
import { formatMoment, formatMonth } from '#lib/time'
import { Notice } from '#web/components/form'
import { paths } from '#web/paths'
import { useSite } from '#web/site'
import { PledgeFrame } from '../parts/frame'
import { Sums } from '../parts/sums'
import type { OwnPledge } from '../reads/own'
import { linesOf } from '../rules/lines'
import { chargeSentence, historyOf, statusSentences } from '../rules/sentences'

interface PledgeProps {
  project: Project
  pledge: OwnPledge
}

const doneSentences: Record<string, string> = {
  new: 'Thank you: you are backing this project. We have mailed you a receipt.',
  change: 'Your pledge has changed. We have mailed you the new receipt.',
  cancel: 'Your pledge is canceled. Your card is not charged.',
}

/** Somebody’s own pledge: what it is, where it stands, and what can be done about it. */
export function PledgePage(
  props: PledgeProps & {
    done?: string | undefined
    /** Why it can no longer be changed; undefined while it can. */
    locked: string | undefined
    isGuest: boolean
  },
) {
  const { project, pledge, done, locked, isGuest } = props
  const { label, sentence } = statusSentences[pledge.status]
  const told = done === undefined ? undefined : doneSentences[done]
  const isOpen = pledge.status === 'pledged' && locked === undefined
  return (
    <PledgeFrame project={project} title="Your pledge">
      {told && <Notice>{told}</Notice>}
      <div className="pledge-form">
        <section className="pledge-summary" aria-labelledby="what">
          <h2 id="what">{formatMoney(pledge.amount, project.currency)}</h2>
          <p>
            <span className={`badge pledge-badge-${pledge.status}`}>{label}</span> {sentence}
          </p>
          <Sums lines={linesOf(pledge)} total={pledge.amount} currency={project.currency} />
          <Facts pledge={pledge} />
        </section>
        <div className="form">
          {pledge.status === 'pledged' && <WhatNext {...{ project, pledge, isOpen }} />}
          {locked && pledge.status === 'pledged' && <p className="pledge-note">{locked}</p>}
          <Ways {...{ project, pledge, isOpen }} />
          {isGuest && (
            <p className="pledge-note">
              You back this without an account.{' '}
              <a href={paths.claimGuest()}>Make an account of it</a>: all you need is a password.
            </p>
          )}
          <section aria-labelledby="history">
            <h2 id="history">What has happened</h2>
            <ol className="pledge-history">
              {historyOf(pledge, project.currency).map(({ at, text }) => (
                <li key={`${at.getTime()} ${text}`}>
                  <time dateTime={at.toISOString()}>{formatMoment(at)}</time> {text}
                </li>
              ))}
            </ol>
          </section>
        </div>
      </div>
    </PledgeFrame>
  )
}

function Facts({ pledge }: { pledge: OwnPledge }) {
  const { cardBrand, cardLastFour, shipTo, anonymous, deliveryMonth } = pledge
  const card =
    cardBrand !== null && cardLastFour !== null
      ? cardName({ brand: cardBrand, lastFour: cardLastFour })
      : 'None'
  const facts: [string, string][] = [
    ['Card', card],
    ...(deliveryMonth === null
      ? []
      : [['Estimated delivery', formatMonth(deliveryMonth)] as [string, string]]),
    ...(shipTo === null ? [] : [['Ships to', shipTo] as [string, string]]),
    ['Name', anonymous ? 'Not shown' : 'Shown among the backers'],
  ]
  return (
    <dl className="pledge-facts">
      {facts.map(([label, value]) => (
        <div key={label}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  )
}

function WhatNext({ project, pledge, isOpen }: PledgeProps & { isOpen: boolean }) {
  return (
    <section aria-labelledby="next">
      <h2 id="next">What happens next</h2>
      <ol className="pledge-next">
        <li>{chargeSentence(project)}</li>
        {isOpen && (
          <li>
            Until then you can change or cancel your pledge. In the last 24 hours it can no longer
            be lowered or canceled where the project would fall short of its goal by it.
          </li>
        )}
        {pledge.rewardName !== null && (
          <li>After the end the creator asks you where your reward is to go, and sends it.</li>
        )}
      </ol>
    </section>
  )
}

function Ways({ project, pledge, isOpen }: PledgeProps & { isOpen: boolean }) {
  const isLate = takesLatePledges(project, useSite())
  const mayComeBack = pledge.status === 'canceled' || (pledge.status === 'dropped' && isLate)
  return (
    <p className="pledge-ways">
      {isOpen && (
        <a className="button" href={paths.pledgePart(project, 'change')}>
          Change it
        </a>
      )}
      {pledge.status === 'collected' && (
        <a className="button" href={paths.survey(project)}>
          Where your reward is
        </a>
      )}
      {pledge.status === 'errored' && (
        <a className="button" href={paths.mendPledge(project)}>
          Mend the payment
        </a>
      )}
      {mayComeBack ? (
        <a className="button" href={paths.newPledge(project)}>
          Back it again
        </a>
      ) : (
        <a className="button button-quiet" href={paths.pledgePart(project, 'receipt')}>
          Receipt
        </a>
      )}
      {isOpen && (
        <a className="button button-quiet" href={paths.pledgePart(project, 'cancel')}>
          Cancel it
        </a>
      )}
    </p>
  )
}

/** On paper: who, what, when, and whether it was charged. */
export function ReceiptPage(props: PledgeProps & { name: string; email: string }) {
  const { project, pledge, name, email } = props
  return (
    <PledgeFrame project={project} title="Receipt">
      <section className="pledge-receipt" aria-label="Receipt">
        <dl className="pledge-facts">
          <div>
            <dt>Pledge</dt>
            <dd>
              {project.id}-{pledge.id}
            </dd>
          </div>
          <div>
            <dt>Backer</dt>
            <dd>
              {name}, {email}
            </dd>
          </div>
          <div>
            <dt>Made</dt>
            <dd>{formatMoment(pledge.createdAt)}</dd>
          </div>
          {pledge.changedAt && (
            <div>
              <dt>Last changed</dt>
              <dd>{formatMoment(pledge.changedAt)}</dd>
            </div>
          )}
          <div>
            <dt>State</dt>
            <dd>
              {statusSentences[pledge.status].label}. {statusSentences[pledge.status].sentence}
            </dd>
          </div>
        </dl>
        <Sums lines={linesOf(pledge)} total={pledge.amount} currency={project.currency} />
        <Facts pledge={pledge} />
        <p className="pledge-ways pledge-screen-only">
          <a className="button button-quiet" href={paths.pledge(project)}>
            Back to your pledge
          </a>
        </p>
      </section>
    </PledgeFrame>
  )
}

export function CancelPage(
  props: PledgeProps & { requestKey: string; problem?: string | undefined },
) {
  const { project, pledge, requestKey, problem } = props
  return (
    <PledgeFrame project={project} title="Cancel your pledge?">
      <p className="lead">
        {problem ??
          `Your pledge of ${formatMoney(pledge.amount, project.currency)} is taken back, and your card is not charged.`}
        {!problem && pledge.rewardName !== null && ' Somebody else may have your reward then.'}
      </p>
      <form className="pledge-ways" method="post" action={paths.pledgePart(project, 'cancel')}>
        <input type="hidden" name="key" value={requestKey} />
        {!problem && (
          <button className="button" type="submit">
            Cancel my pledge
          </button>
        )}
        <a className="button button-quiet" href={paths.pledge(project)}>
          Keep it
        </a>
      </form>
    </PledgeFrame>
  )
}
