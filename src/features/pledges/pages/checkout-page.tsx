import type { FeeRates } from '#config'
import { CardChoice } from '#features/payments/parts'
import type { Card } from '#features/payments/rules'
import { nameCharactersMax } from '#features/people/rules'
import type { Project } from '#features/projects/reads/projects'
import { formatMoney } from '#lib/money'
import { Field, FormAlert } from '#web/components/form'
import { paths } from '#web/paths'
import { PledgeFrame } from '../parts/frame'
import { HoldNotice } from '../parts/hold'
import { Shares, Sums } from '../parts/sums'
import type { Hold } from '../reads/checkout'
import { type Choice, choiceFields, type Quote } from '../rules/choice'
import { chargeSentence } from '../rules/sentences'

interface CheckoutProps {
  project: Project
  rates: FeeRates
  choice: Choice
  quote: Quote
  isChange: boolean
  problem?: string | undefined
}

/** What there is to confirm: every line, who gets what, and the card that is to pay. */
export function CheckoutPage(
  props: CheckoutProps & {
    hold: Hold | undefined
    /** What was set aside has lapsed; it may still be there. */
    isHoldOver: boolean
    /** They have chosen it before they were known, so a script sets it aside at once. */
    isComing: boolean
    cards: readonly Card[]
    chosenCard: number | null | undefined
    cardError?: string | undefined
    isTest: boolean
    /** Names this form: however often it is sent, it does one thing. */
    requestKey: string
  },
) {
  const { project, choice, quote, isChange, problem, hold, isHoldOver, cards } = props
  const fields = choiceFields(choice, project.currency)
  const action = checkoutPath(project, isChange)
  const total = formatMoney(quote.total, project.currency)
  return (
    <PledgeFrame
      project={project}
      title={isChange ? 'Confirm the change' : 'Confirm your pledge'}
      scripted
    >
      {problem && <FormAlert>{problem}</FormAlert>}
      {hold && <HoldNotice hold={hold} />}
      {isHoldOver && <HoldOver {...{ project, fields, isChange }} isComing={props.isComing} />}
      <form className="form pledge-form" method="post" action={action}>
        <Chosen fields={fields} />
        <input type="hidden" name="key" value={props.requestKey} />
        <input type="hidden" name="total" value={quote.total} />
        <Bill {...props} />
        <section className="pledge-pay" aria-label="Payment">
          <CardChoice
            cards={cards}
            chosen={props.chosenCard}
            to={checkoutPath(project, isChange, fields)}
            isTest={props.isTest}
            error={props.cardError}
          />
          {cards.length > 0 && (
            <button className="button button-large" type="submit">
              {isChange ? `Change to ${total}` : `Pledge ${total}`}
            </button>
          )}
        </section>
      </form>
    </PledgeFrame>
  )
}

export const checkoutPath = (
  project: { id: number },
  isChange: boolean,
  query: Record<string, string> = {},
): string =>
  isChange ? paths.pledgePart(project, 'checkout', query) : paths.pledgeCheckout(project, query)

const Chosen = ({ fields }: { fields: Record<string, string> }) =>
  Object.entries(fields).map(([name, value]) => (
    <input key={name} type="hidden" name={name} value={value} />
  ))

function Bill({ project, rates, choice, quote, isChange }: CheckoutProps) {
  const fields = choiceFields(choice, project.currency)
  const back = isChange
    ? paths.pledgePart(project, 'change', fields)
    : paths.newPledge(project, fields)
  return (
    <section className="pledge-summary" aria-labelledby="summary">
      <h2 id="summary">Your pledge</h2>
      <Sums {...quote} currency={project.currency} />
      <Shares total={quote.total} currency={project.currency} rates={rates} />
      <p className="pledge-note">
        {choice.anonymous
          ? 'Your name is shown to nobody but the creator and us.'
          : 'Your name is among the backers on the project’s page.'}{' '}
        <a href={back}>Choose something else</a>
      </p>
      <p className="pledge-note">{chargeSentence(project)}</p>
    </section>
  )
}

/** Where somebody who chose before they were known goes on. */
export const comingPath = (project: { id: number }, fields: Record<string, string>): string =>
  paths.pledgeCheckout(project, { ...fields, coming: '1' })

/** The time is over: one press sets it aside again, if it is still there. */
function HoldOver(props: {
  project: Project
  fields: Record<string, string>
  isChange: boolean
  isComing: boolean
}) {
  const { project, fields, isChange, isComing } = props
  const action = isChange ? paths.pledgePart(project, 'change') : paths.newPledge(project)
  return (
    <form
      className="form form-notice"
      method="post"
      action={action}
      data-send-now={isComing ? '' : undefined}
    >
      <p>
        This reward is not set aside for you, or no longer. You can still confirm, as long as there
        are some left.
      </p>
      <Chosen fields={fields} />
      <button className="button button-quiet" type="submit">
        Set it aside for me
      </button>
    </form>
  )
}

/** For whoever has not signed in: the ways to go on. */
export function WhoPage(
  props: CheckoutProps & {
    values: Readonly<Record<string, string>>
    errors: Readonly<Record<string, string>>
  },
) {
  const { project, choice, values, errors } = props
  const fields = choiceFields(choice, project.currency)
  const next = comingPath(project, fields)
  return (
    <PledgeFrame project={project} title="Who is backing?">
      <div className="pledge-form">
        <div className="form">
          <p>
            <a className="button button-large" href={paths.signIn({ next })}>
              Sign in and go on
            </a>
          </p>
          <form className="form" method="post" action={paths.pledgeGuest(project)}>
            <h2>Without an account</h2>
            <p>
              We mail you a link by which you go on, and later see your pledge, and change or cancel
              it while the campaign runs. Nothing is pledged before you have confirmed it there.
              {choice.rewardId !== null &&
                ' A limited reward is set aside for you once you have followed it.'}
            </p>
            <Chosen fields={fields} />
            <Field
              name="name"
              label="Name"
              hint="Others see it, if you back with your name."
              autoComplete="name"
              required
              maxLength={nameCharactersMax}
              defaultValue={values['name']}
              error={errors['name']}
            />
            <Field
              name="email"
              label="E-mail"
              type="email"
              autoComplete="email"
              required
              maxLength={254}
              defaultValue={values['email']}
              error={errors['email']}
            />
            <button className="button" type="submit">
              Mail me a link
            </button>
          </form>
        </div>
        <Bill {...props} />
      </div>
    </PledgeFrame>
  )
}
