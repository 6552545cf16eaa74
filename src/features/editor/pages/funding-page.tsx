import type { FormValues } from '#http/forms'
import { formatMoney, plainAmount } from '#lib/money'
import { plural } from '#lib/text'
import { formatMoment, plainMoment } from '#lib/time'
import { Choice, Field, FieldGroup, SelectField } from '#web/components/form'
import { paths } from '#web/paths'
import { At, EditForm, type Filled, fieldsOf } from '../parts/form'
import { EditorPage } from '../parts/frame'
import type { Draft } from '../reads/drafts'
import { areTermsFixed, durationDaysMax, durationDaysMin } from '../rules'
import { currencies } from '../rules/forms'

const labels = {
  ...{ goal: 'Goal', currency: 'Currency', mode: 'If the goal is not reached' },
  ...{ durationDays: 'Days', plannedEnd: 'End' },
}

const currencyNames = new Intl.DisplayNames('en', { type: 'currency' })

const fundingValues = (draft: Draft): FormValues => ({
  goal: draft.goal > 0 ? plainAmount(draft.goal, draft.currency) : '',
  currency: draft.currency,
  mode: draft.allOrNothing ? 'all-or-nothing' : 'flexible',
  durationDays: draft.durationDays === null ? '' : String(draft.durationDays),
  plannedEnd: draft.plannedEnd === null ? '' : plainMoment(draft.plannedEnd),
})

export function FundingPage(props: {
  draft: Draft
  filled?: Filled | undefined
  done?: string | undefined
}) {
  const { draft, filled, done } = props
  return (
    <EditorPage draft={draft} part="funding" done={done}>
      {areTermsFixed(draft.status) ? (
        <Terms draft={draft} />
      ) : (
        <FundingForm draft={draft} filled={filled} />
      )}
    </EditorPage>
  )
}

function FundingForm({ draft, filled }: { draft: Draft; filled?: Filled | undefined }) {
  const stored = fundingValues(draft)
  const values = filled?.values ?? stored
  const field = fieldsOf(values, filled?.errors)
  const mode = (value: string) => ({
    ...({ type: 'radio', name: 'mode', value, defaultChecked: values['mode'] === value } as const),
  })
  return (
    <EditForm
      action={paths.edit(draft, 'funding')}
      version={draft.version}
      stored={stored}
      filled={filled}
      labels={labels}
    >
      <At name="goal">
        <Field
          {...field('goal')}
          label={labels.goal}
          hint="The least you need to do what you promise, fees included."
          inputMode="decimal"
          maxLength={40}
        />
        <SelectField {...field('currency')} label={labels.currency}>
          {currencies.map((code) => (
            <option key={code} value={code}>
              {code} · {currencyNames.of(code)}
            </option>
          ))}
        </SelectField>
      </At>
      <FieldGroup label={labels.mode} error={filled?.errors?.['mode']}>
        <Choice
          {...mode('all-or-nothing')}
          label="All or nothing"
          hint="Nobody is charged, and you owe nothing to anybody."
        />
        <Choice
          {...mode('flexible')}
          label="Flexible"
          hint="You get what was pledged, and owe the rewards all the same."
        />
      </FieldGroup>
      <FieldGroup
        label="How long it runs"
        hint="Give one of both. Most give 30 days. From the launch on it is fixed."
      >
        <div className="editor-pair">
          <At name="durationDays">
            <Field
              {...field('durationDays')}
              label={labels.durationDays}
              hint={`From ${durationDaysMin} to ${durationDaysMax}.`}
              inputMode="numeric"
              maxLength={3}
            />
          </At>
          <At name="plannedEnd">
            <Field
              {...field('plannedEnd')}
              label="Or until"
              hint="The time is UTC."
              type="datetime-local"
            />
          </At>
        </div>
      </FieldGroup>
    </EditForm>
  )
}

/** From the submission on they can only be read. */
function Terms({ draft }: { draft: Draft }) {
  const { durationDays, plannedEnd, endsAt } = draft
  const end = endsAt ?? plannedEnd
  const lines: [string, string][] = [
    [labels.goal, formatMoney(draft.goal, draft.currency)],
    ['Currency', `${draft.currency} · ${currencyNames.of(draft.currency)}`],
    ['Mode', draft.allOrNothing ? 'All or nothing' : 'Flexible'],
    end
      ? ['End', formatMoment(end)]
      : ['Runs', durationDays === null ? 'Not said' : plural(durationDays, 'day')],
  ]
  return (
    <>
      <p className="form-notice">
        {draft.status === 'submitted'
          ? 'In review these cannot be changed.'
          : 'These were promised at the launch, so they stay.'}
      </p>
      <dl className="editor-terms">
        {lines.map(([name, text]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>{text}</dd>
          </div>
        ))}
      </dl>
    </>
  )
}
