import type { Reward } from '#features/projects/reads/rewards'
import { mostPerBacker, type RewardState, rewardState } from '#features/projects/rules'
import { formatMoney } from '#lib/money'
import { formatCount } from '#lib/text'
import { formatDate, formatMonth } from '#lib/time'
import { Field, FieldGroup, SelectField, Choice as Tick } from '#web/components/form'
import { useSite } from '#web/site'
import { addOnField, type Offer, shippingCountries, shippingPrice } from '../rules/choice'

type Texts = Readonly<Record<string, string>>

interface FieldsProps {
  offer: Offer
  /** The reward that is chosen. */
  reward: Reward | undefined
  /** Had already, so that it may be chosen whatever its stock. */
  ownReward?: number | null | undefined
  values: Texts
  errors: Texts
}

/** Everything there is to choose, as the fields of a form. */
export function ChoiceFields({ offer, reward, ownReward, values, errors }: FieldsProps) {
  const { now } = useSite()
  const addOns = offer.rewards.filter(({ isAddOn }) => isAddOn)
  return (
    <>
      <FieldGroup label="Your reward" error={errors['reward']}>
        <Tick
          type="radio"
          name="reward"
          value="none"
          label="No reward"
          hint="Any amount helps, because you want it to exist."
          defaultChecked={!reward}
        />
        {offer.rewards
          .filter(({ isAddOn }) => !isAddOn)
          .map((each) => {
            const state = rewardState(each, true, { now })
            const isOpen = mayChoose(state) || each.id === ownReward
            return (
              <Tick
                key={each.id}
                type="radio"
                name="reward"
                value={each.id}
                label={`${each.name}, ${formatMoney(each.amount, offer.currency)}`}
                hint={`${factsOf(each)} ${isOpen && !mayChoose(state) ? 'You have it.' : stateText(state)}`}
                defaultChecked={each.id === reward?.id}
                disabled={!isOpen}
              />
            )
          })}
      </FieldGroup>
      <div className="form" data-quote="parts">
        {reward && addOns.length > 0 && (
          <FieldGroup label="Add-ons" hint="As many of each as you like, up to its limit.">
            {addOns.map((each) => (
              <AddOnField
                key={each.id}
                {...{ offer, addOn: each, values, errors }}
                state={rewardState(each, true, { now })}
              />
            ))}
          </FieldGroup>
        )}
        {reward && reward.shipsTo !== 'nobody' && (
          <CountryField {...{ offer, reward, values, errors }} />
        )}
      </div>
      <Field
        name="bonus"
        label={reward ? `Bonus in ${offer.currency}` : `Your pledge in ${offer.currency}`}
        hint={
          reward ? 'If you like, on top of the rest. It gets you nothing more.' : 'What you give.'
        }
        inputMode="decimal"
        autoComplete="off"
        maxLength={20}
        defaultValue={values['bonus']}
        error={errors['bonus']}
      />
      <Tick
        name="anonymous"
        value="1"
        label="Back it without my name"
        hint="Nobody but the creator and us sees that it was you."
        defaultChecked={values['anonymous'] !== undefined}
      />
    </>
  )
}

const mayChoose = ({ kind }: RewardState): boolean => kind === 'available' || kind === 'limited'

const factsOf = (reward: Reward): string =>
  `Estimated delivery ${formatMonth(reward.deliveryMonth)}${reward.shipsTo === 'nobody' ? ', nothing to ship' : ''}.`

function stateText(state: RewardState): string {
  switch (state.kind) {
    case 'available':
      return ''
    case 'limited':
      return `${formatCount(state.left)} left.`
    case 'gone':
      return 'All gone.'
    case 'held':
      return 'The last ones are set aside for others just now.'
    case 'upcoming':
      return `Opens ${formatDate(state.opensAt)}.`
    case 'closed':
      return 'No longer to be had.'
  }
}

function AddOnField(props: {
  offer: Offer
  addOn: Reward
  state: RewardState
  values: Texts
  errors: Texts
}) {
  const { offer, addOn, state, values, errors } = props
  const name = addOnField(addOn.id)
  const most = mostPerBacker(addOn)
  return (
    <Field
      name={name}
      label={`${addOn.name}, ${formatMoney(addOn.amount, offer.currency)} each`}
      hint={[`${most} at most.`, stateText(state)].join(' ').trim()}
      type="number"
      min={0}
      max={most}
      step={1}
      disabled={!mayChoose(state) && values[name] === undefined}
      defaultValue={values[name] ?? '0'}
      error={errors[name]}
    />
  )
}

function CountryField(props: { offer: Offer; reward: Reward; values: Texts; errors: Texts }) {
  const { offer, reward, values, errors } = props
  return (
    <SelectField
      name="country"
      label="Ships to"
      defaultValue={values['country'] ?? ''}
      error={errors['country']}
    >
      <option value="">Choose a country</option>
      {shippingCountries(reward).map((country) => {
        const price = shippingPrice(reward, country) ?? 0
        return (
          <option key={country} value={country}>
            {country} ({price === 0 ? 'free' : formatMoney(price, offer.currency)})
          </option>
        )
      })}
    </SelectField>
  )
}
