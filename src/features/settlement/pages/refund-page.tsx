import type { FormErrors, FormValues } from '#http/forms'
import { formatMoney, plainAmount } from '#lib/money'
import { Field, FormAlert, TextField } from '#web/components/form'
import { Document } from '#web/document'
import { paths } from '#web/paths'
import type { Refundable } from '../reads/money'
import { reasonCharactersMax } from '../rules/forms'

/** Gives a backer all of a pledge back, or a part. */
export function RefundPage(props: {
  project: { id: number; title: string }
  pledgeId: number
  pledge: Refundable
  values?: FormValues | undefined
  errors?: FormErrors | undefined
}) {
  const { project, pledgeId, pledge, values = {}, errors = {} } = props
  const { currency, left } = pledge
  const alerts = ['pledge', 'number'].flatMap((field) => errors[field] ?? [])
  return (
    <Document title={`Refund · ${project.title}`} hidden>
      <div className="form-page">
        <h1>Refund {pledge.backerName}</h1>
        <p className="lead">
          Pledge {pledgeId} to <a href={paths.money(project)}>{project.title}</a>:{' '}
          {formatMoney(pledge.amount, currency)} collected
          {pledge.refunded > 0 && `, ${formatMoney(pledge.refunded, currency)} refunded`}
          {pledge.disputed > 0 && `, ${formatMoney(pledge.disputed, currency)} disputed`}.
        </p>
        {alerts.length > 0 && <FormAlert>{alerts[0]}</FormAlert>}
        {left === 0 ? (
          <p>Nothing is left of it to give back.</p>
        ) : (
          <form className="form" method="post" action={paths.refund(project)}>
            <input type="hidden" name="pledge" value={pledgeId} />
            <input type="hidden" name="number" value={pledge.nextNumber} />
            <Field
              name="amount"
              label={`Amount in ${currency}`}
              hint={`At most ${formatMoney(left, currency)}. Fees are not given back to you.`}
              inputMode="decimal"
              required
              defaultValue={values['amount'] ?? plainAmount(left, currency)}
              error={errors['amount']}
            />
            <TextField
              name="reason"
              label="Reason"
              hint="Your backer is told."
              rows={3}
              maxLength={reasonCharactersMax}
              required
              defaultValue={values['reason']}
              error={errors['reason']}
            />
            <button className="button" type="submit">
              Refund it
            </button>
          </form>
        )}
      </div>
    </Document>
  )
}
