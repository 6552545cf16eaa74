import type { Reward } from '#features/projects/reads/rewards'
import {
  mostPerBacker,
  pledgeLimits,
  type RewardState,
  rewardState,
} from '#features/projects/rules'
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
  const rewards = offer.rewards
    .filter(({ isAddOn }) => !isAddOn)
    .map((each) => {
      const state = rewardState(each, true, { now })
      const isOpen = mayChoose(state) || each.id === ownReward || each.id === reward?.id
      return { each, state, isOpen }
    })
    .toSorted((a, b) => Number(b.isOpen) - Number(a.isOpen))
  return (
    <>
      <FieldGroup label="Your reward" error={errors['reward']}>
        <div className="pledge-rewards">
          <RewardChoice value="none" isChosen={!reward} name="No reward" price="Any amount">
            Because you want it to exist.
          </RewardChoice>
          {rewards.map(({ each, state, isOpen }) => (
            <RewardChoice
              key={each.id}
              value={each.id}
              isChosen={each.id === reward?.id}
              isClosed={!isOpen}
              name={each.name}
              price={formatMoney(each.amount, offer.currency)}
            >
              {`${factsOf(each)} ${each.id === ownReward ? 'You have it.' : stateText(state)}`}
            </RewardChoice>
          ))}
        </div>
      </FieldGroup>
      <div className="form" data-quote="parts">
        {reward && addOns.length > 0 && (
          <FieldGroup label="Add-ons" hint="If you want more of it.">
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
        <Field
          name="bonus"
          label={reward ? `Bonus in ${offer.currency}` : `Your pledge in ${offer.currency}`}
          hint={
            reward
              ? 'If you like. It helps the project and gets you nothing more.'
              : `${formatMoney(pledgeLimits(offer.currency).min, offer.currency)} at least.`
          }
          inputMode="decimal"
          autoComplete="off"
          maxLength={20}
          defaultValue={values['bonus']}
          error={errors['bonus']}
        />
      </div>
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

function RewardChoice(props: {
  value: number | string
  isChosen: boolean
  isClosed?: boolean
  name: string
  price: string
  children: string
}) {
  const { value, isChosen, isClosed = false, name, price, children } = props
  return (
    <label className="pledge-reward">
      <input
        type="radio"
        name="reward"
        value={value}
        defaultChecked={isChosen}
        disabled={isClosed}
      />
      <strong>{name}</strong>
      <b>{price}</b>
      <small>{children}</small>
    </label>
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
  const price = `${formatMoney(addOn.amount, offer.currency)} each`
  return (
    <div className="pledge-add-on">
      <Field
        name={name}
        label={addOn.name}
        hint={[`${price}, ${most} at most.`, stateText(state)].join(' ').trim()}
        type="number"
        min={0}
        max={most}
        step={1}
        disabled={!mayChoose(state) && values[name] === undefined}
        defaultValue={values[name] ?? '0'}
        error={errors[name]}
      />
    </div>
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
