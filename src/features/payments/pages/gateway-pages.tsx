import type { ReactNode } from 'react'
import type { FormErrors } from '#http/forms'
import { formatMoney } from '#lib/money'
import { testCards } from '#payments/test-cards'
import { Field, FormAlert } from '#web/components/form'
import { Document } from '#web/document'
import { paths } from '#web/paths'

/** The pages of the test gateway, which stands for another company. */

function GatewayPage({ title, children }: { title: string; children: ReactNode }) {
  return (
    <Document title={title} hidden>
      <div className="form-page gateway">
        <p className="gateway-mark">Test gateway · no money moves</p>
        <h1>{title}</h1>
        {children}
      </div>
    </Document>
  )
}

/** Where a card is typed in. What was typed as number and code is never shown again. */
export function CardEntryPage(props: {
  setup: string
  cancelUrl: string
  expiry?: string
  errors?: FormErrors
  alert?: string
}) {
  const { setup, cancelUrl, expiry, errors = {}, alert } = props
  return (
    <GatewayPage title="Add a card">
      {alert && <FormAlert>{alert}</FormAlert>}
      <p>
        Type one of the <a href={paths.testCards()}>test cards</a>, such as 4242 4242 4242 4242, any
        month to come and any three digits. Never type the number of a real card here.
      </p>
      <form className="form" method="post" action={paths.gatewayCard(setup)}>
        <Field
          {...{ name: 'number', label: 'Card number', inputMode: 'numeric', required: true }}
          autoComplete="off"
          maxLength={30}
          error={errors['number']}
        />
        <div className="card-fields">
          <Field
            {...{ name: 'expiry', label: 'Valid until', inputMode: 'numeric', required: true }}
            autoComplete="off"
            placeholder="MM/YY"
            maxLength={7}
            defaultValue={expiry}
            error={errors['expiry']}
          />
          <Field
            {...{ name: 'cvc', label: 'Security code', inputMode: 'numeric', required: true }}
            autoComplete="off"
            maxLength={4}
            error={errors['cvc']}
          />
        </div>
        <button className="button" type="submit">
          Add this card
        </button>
      </form>
      <p>
        <a href={cancelUrl}>Go back without a card</a>
      </p>
    </GatewayPage>
  )
}

/** Where the holder of a card tells their bank whether it was them. */
export function ConfirmPage({ action, amount }: { action: string; amount?: string }) {
  return (
    <GatewayPage title="Was it you?">
      <p>
        {amount
          ? `Your bank asks whether you want to pay ${amount}.`
          : 'Your bank asks whether you want to use this card. Nothing is charged now.'}
      </p>
      <form className="form" method="post" action={action}>
        <div className="card-acts">
          <button className="button" type="submit" name="answer" value="confirm">
            Confirm
          </button>
          <button className="button button-quiet" type="submit" name="answer" value="refuse">
            Refuse
          </button>
        </div>
      </form>
    </GatewayPage>
  )
}

/** The amount of a charge as its bank would say it. */
export const amountOf = ({ amount, currency }: { amount: number; currency: string }): string =>
  formatMoney(amount, currency)

/** The numbers that the test gateway takes. */
export function TestCardsPage() {
  return (
    <Document title="Test cards" hidden>
      <div className="form-page test-cards">
        <h1>Test cards</h1>
        <p>
          This site moves no money. It takes these card numbers and no others, with any month to
          come and any three digits as the security code.
        </p>
        <table>
          <thead>
            <tr>
              <th scope="col">Number</th>
              <th scope="col">What it does</th>
            </tr>
          </thead>
          <tbody>
            {testCards.map(({ number, brand, does }) => (
              <tr key={number}>
                <td>
                  <code>{number.replace(/(\d{4})(?=\d)/g, '$1 ')}</code>
                  <small>{brand}</small>
                </td>
                <td>{does}</td>
              </tr>
            ))}
          </tbody>
        </table>
      </div>
    </Document>
  )
}
