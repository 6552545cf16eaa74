import { CardChoice } from '#features/payments/parts'
import type { Card } from '#features/payments/rules'
import type { FormErrors } from '#http/forms'
import { formatMoney } from '#lib/money'
import { formatMoment } from '#lib/time'
import { FormAlert, Notice } from '#web/components/form'
import { Document } from '#web/document'
import { paths } from '#web/paths'
import { reasonOf } from '../parts/letters'
import type { Unpaid } from '../reads/unpaid'

/** Where somebody pays what could not be charged. */
export function MendPage(props: {
  pledge: Unpaid
  cards: Card[]
  /** The one just added. */
  chosen: number | undefined
  isTest: boolean
  /** Another try has just failed. */
  isAgain?: boolean
  errors?: FormErrors
}) {
  const { pledge } = props
  return (
    <Document title={`Payment · ${pledge.title}`} hidden>
      <div className="form-page">
        <h1>Your payment</h1>
        <p className="lead">
          {formatMoney(pledge.amount, pledge.currency)} for{' '}
          <a href={paths.project(pledge)} dir="auto">
            {pledge.title}
          </a>
          .
        </p>
        <Standing {...props} />
        <p className="aside">
          <a href={paths.pledge(pledge)}>Your pledge</a>
        </p>
      </div>
    </Document>
  )
}

function Standing(props: Parameters<typeof MendPage>[0]) {
  const { pledge, isAgain = false } = props
  if (pledge.status === 'collected') return <Notice>It is paid. Thank you!</Notice>
  if (pledge.status === 'dropped') {
    return <p>It was not paid in time, so it was dropped. You have paid nothing.</p>
  }
  if (pledge.charge === 'intended') {
    return (
      <p>
        Your card is being charged. The bank has not answered yet; this page tells you more in a few
        minutes.
      </p>
    )
  }
  if (pledge.status !== 'errored') return <p>There is nothing to put right.</p>
  const reason = reasonOf(pledge.charge === 'needs_action' ? null : pledge.code)
  return (
    <>
      <div className="mend-reason">
        {isAgain ? <FormAlert>{reason}</FormAlert> : <p>{reason}</p>}
      </div>
      {pledge.retriesEndAt && (
        <p className="mend-reason">
          You have until {formatMoment(pledge.retriesEndAt)}. After that your pledge is dropped.
        </p>
      )}
      {pledge.charge === 'needs_action' && <Confirm pledge={pledge} />}
      <OtherCard {...props} />
    </>
  )
}

function Confirm({ pledge }: { pledge: Unpaid }) {
  return (
    <form
      className="form mend-confirm"
      method="post"
      action={`${paths.mendPledge(pledge)}/confirm`}
    >
      <button className="button" type="submit">
        Confirm it with your bank
      </button>
    </form>
  )
}

function OtherCard({ pledge, cards, chosen, isTest, errors = {} }: Parameters<typeof MendPage>[0]) {
  return (
    <form className="form" method="post" action={paths.mendPledge(pledge)}>
      <CardChoice
        cards={cards}
        chosen={chosen ?? pledge.cardId}
        to={paths.mendPledge(pledge)}
        isTest={isTest}
        error={errors['card']}
      />
      {cards.length > 0 && (
        <button className="button" type="submit">
          Pay {formatMoney(pledge.amount, pledge.currency)} now
        </button>
      )}
    </form>
  )
}
