import type { ReactNode } from 'react'
import { PictureField } from '#features/images/parts/picture-field'
import { addOnsPerBackerMax, pledgeLimits } from '#features/projects/rules'
import type { FormErrors, FormValues } from '#http/forms'
import { countries } from '#lib/countries'
import { formatMoney } from '#lib/money'
import { formatMonth } from '#lib/time'
import { Choice, Field, FieldGroup, SelectField, TextField } from '#web/components/form'
import { useSite } from '#web/site'
import {
  countriesMax,
  deliveryMonths,
  imageAltCharactersMax,
  itemNameCharactersMax,
  itemsMax,
  rewardDescriptionCharactersMax,
  rewardNameCharactersMax,
  typedRows,
} from '../rules/rewards'

export interface RewardFields {
  currency: string
  values: FormValues
  errors: FormErrors
  /** Of the picture it has. */
  image: string | null
}

const fieldOf =
  ({ values, errors }: Pick<RewardFields, 'values' | 'errors'>) =>
  (name: string) => ({
    ...{ name, defaultValue: values[name], error: errors[name] },
  })

/** Everything a reward has. */
export function RewardFormFields(props: RewardFields) {
  const { currency, values, errors } = props
  const field = fieldOf(props)
  const { min, max } = pledgeLimits(currency)
  return (
    <>
      <FieldGroup label="What it is" error={errors['kind']}>
        <Choice
          type="radio"
          name="kind"
          value="reward"
          label="A reward"
          hint="A backer takes one."
          defaultChecked={values['kind'] !== 'add-on'}
        />
        <Choice
          type="radio"
          name="kind"
          value="add-on"
          label="An add-on"
          hint="A backer takes it on top of a reward, also several times."
          defaultChecked={values['kind'] === 'add-on'}
        />
      </FieldGroup>
      <Field
        {...field('amount')}
        label={`Amount in ${currency}`}
        hint={`Without shipping: ${formatMoney(min, currency)} to ${formatMoney(max, currency)}.`}
        inputMode="decimal"
        autoComplete="off"
        required
      />
      <Field {...field('name')} label="Name" required maxLength={rewardNameCharactersMax} />
      <TextField
        {...field('description')}
        label="Description"
        hint={`Up to ${rewardDescriptionCharactersMax} characters.`}
        required
        maxLength={rewardDescriptionCharactersMax}
        rows={4}
      />
      <Items {...props} />
      <Limits {...props} />
      <Delivery {...props} />
      <RewardPictureFields {...props} />
    </>
  )
}

const spareRows = 3

/** Rows to fill in, always some of them empty; more of them without a script by a button. */
function Rows(props: {
  kind: 'item' | 'country'
  values: FormValues
  add: string
  children: (index: number) => ReactNode
}) {
  const { kind, values, add, children } = props
  const last = typedRows(values, kind).at(-1)?.index ?? 0
  const rows = Array.from({ length: last + spareRows }, (_, index) => index + 1)
  return (
    <>
      <div className="reward-rows">
        {rows.map((index) => (
          <div key={index} className="reward-row">
            {children(index)}
          </div>
        ))}
      </div>
      <button
        className="button button-quiet"
        type="submit"
        name="more"
        value={kind}
        formNoValidate
        data-add-row=""
      >
        {add}
      </button>
    </>
  )
}

function Items(props: RewardFields) {
  const { values, errors } = props
  const field = fieldOf(props)
  return (
    <FieldGroup
      label="What is in it"
      hint={`Up to ${itemsMax} items. Leave rows empty that you do not need.`}
      error={errors['items']}
    >
      <Rows kind="item" values={values} add="Add an item">
        {(index) => (
          <>
            <Field
              {...field(`item-${index}`)}
              label={`Item ${index}`}
              maxLength={itemNameCharactersMax}
            />
            <Field {...field(`item-${index}-number`)} label="How many" inputMode="numeric" />
          </>
        )}
      </Rows>
    </FieldGroup>
  )
}

/** How many there are. */
export function QuantityField(props: Pick<RewardFields, 'values' | 'errors'> & { hint?: string }) {
  const { hint = 'Leave it empty if there is no limit.' } = props
  return (
    <Field
      {...fieldOf(props)('quantity')}
      label="How many there are"
      hint={hint}
      inputMode="numeric"
    />
  )
}

function Limits(props: RewardFields) {
  const field = fieldOf(props)
  return (
    <>
      <QuantityField {...props} />
      <Field
        {...field('perBackerMax')}
        label="How many one backer may take"
        hint={`Up to ${addOnsPerBackerMax}. Left empty: one of a reward, ${addOnsPerBackerMax} of an add-on.`}
        inputMode="numeric"
      />
      <FieldGroup label="When it can be had" hint="Leave both empty for the whole campaign.">
        <div className="reward-window">
          <Field {...field('opensAt')} label="From (UTC)" type="datetime-local" />
          <Field {...field('closesAt')} label="Until (UTC)" type="datetime-local" />
        </div>
      </FieldGroup>
    </>
  )
}

function Delivery(props: RewardFields) {
  const { currency, values, errors } = props
  const { now } = useSite()
  const field = fieldOf(props)
  const months = deliveryMonths({ currency, now, deliveryMonth: values['deliveryMonth'] })
  const ships = (kind: string) => ({
    ...{ type: 'radio', name: 'shipsTo', value: kind },
    defaultChecked: values['shipsTo'] === kind,
  })
  return (
    <>
      <SelectField
        {...field('deliveryMonth')}
        label="Estimated delivery"
        hint="When you honestly expect backers to have it."
        required
      >
        <option value="">Choose a month</option>
        {months.map((month) => (
          <option key={month} value={month}>
            {formatMonth(`${month}-01`)}
          </option>
        ))}
      </SelectField>
      <FieldGroup label="Ships to" error={errors['shipsTo']}>
        <Choice {...ships('nobody')} label="Nobody: there is nothing to ship" />
        <Choice {...ships('some')} label="Only the countries below" />
        <Choice {...ships('anywhere')} label="Anywhere in the world" />
      </FieldGroup>
      <FieldGroup
        label="Shipping prices"
        hint={`In ${currency}; 0 is free. Up to ${countriesMax} countries.`}
        error={errors['countries']}
      >
        <Rows kind="country" values={values} add="Add a country">
          {(index) => (
            <>
              <Field
                {...field(`country-${index}`)}
                label={`Country ${index}`}
                list="countries"
                autoComplete="off"
              />
              <Field {...field(`country-${index}-number`)} label="Price" inputMode="decimal" />
            </>
          )}
        </Rows>
        <Field
          {...field('worldPrice')}
          label="Everywhere else"
          hint="For a reward that ships anywhere."
          inputMode="decimal"
        />
        <datalist id="countries">
          {countries.map((country) => (
            <option key={country} value={country} />
          ))}
        </datalist>
      </FieldGroup>
    </>
  )
}

/** The picture of a reward, which may always change. */
export function RewardPictureFields(props: Omit<RewardFields, 'currency'>) {
  return (
    <>
      <PictureField name="image" label="Picture" hash={props.image} error={props.errors['image']} />
      <Field
        {...fieldOf(props)('imageAlt')}
        label="What the picture shows"
        hint="A few words for those who cannot see it. Needed if there is a picture."
        maxLength={imageAltCharactersMax}
      />
    </>
  )
}
