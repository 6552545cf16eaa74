import type { ReactNode } from 'react'
import type { FormErrors, FormValues } from '#http/forms'
import { countries } from '#lib/countries'
import { plural } from '#lib/text'
import { Field, FormAlert, SelectField } from '#web/components/form'
import type { CategoryChoice } from '../reads/drafts'
import { placeCharactersMax } from '../rules'
import { Differences, VersionField } from './frame'

/** A form that came back: what was typed, and what is wrong with it. */
export interface Filled {
  values: FormValues
  errors?: FormErrors
  /** Somebody else has saved since the form was made. */
  isConflict?: boolean
}

interface EditFormProps {
  action: string
  version: number
  /** What is stored, as the form shows it. */
  stored: FormValues
  filled?: Filled | undefined
  labels: Readonly<Record<string, string>>
  children: ReactNode
}

/**
 * A part of the project as one form, which a script saves while its reader types. It is sent in
 * parts, or the letters of some languages would take nine characters each.
 */
export function EditForm(props: EditFormProps) {
  const { action, version, stored, filled, labels, children } = props
  const wrong = Object.keys(filled?.errors ?? {}).length
  return (
    <form
      className="form"
      method="post"
      action={action}
      encType="multipart/form-data"
      // What somebody else has saved is replaced knowingly or not at all.
      data-autosave={filled?.isConflict ? 'off' : 'on'}
      {...(filled ? { 'data-unsaved': '' } : {})}
    >
      {filled?.isConflict && <Differences labels={labels} typed={filled.values} stored={stored} />}
      {wrong > 0 && (
        <FormAlert>{`Not saved yet: ${plural(wrong, 'thing')} to mend below.`}</FormAlert>
      )}
      <VersionField version={version} />
      {children}
      <div className="editor-save">
        <button className="button" type="submit">
          Save
        </button>
        <p role="status" data-save-state="">
          {filled && 'Not saved yet.'}
        </p>
      </div>
    </form>
  )
}

/** Where a link to what is missing leads. */
export const At = ({ name, children }: { name: string; children: ReactNode }) => (
  <div className="editor-field" id={name}>
    {children}
  </div>
)

export type FieldOf = (name: string) => {
  name: string
  defaultValue: string | undefined
  error: string | undefined
}

/** How each field is filled in. */
export const fieldsOf =
  (values: FormValues, errors: FormErrors = {}): FieldOf =>
  (name) => ({ name, defaultValue: values[name], error: errors[name] })

export function CategoryField({ field, choices }: { field: FieldOf; choices: CategoryChoice[] }) {
  return (
    <SelectField {...field('category')} label="Category" required>
      <option value="">Choose one</option>
      {choices.map(({ slug, name, children }) => (
        <optgroup key={slug} label={name}>
          {children.map((child) => (
            <option key={child.slug} value={child.slug}>
              {child.name}
            </option>
          ))}
        </optgroup>
      ))}
    </SelectField>
  )
}

export function PlaceFields({ field }: { field: FieldOf }) {
  const name = { required: true, maxLength: placeCharactersMax }
  return (
    <>
      <Field {...field('city')} {...name} label="City" autoComplete="address-level2" />
      <Field {...field('state')} {...name} label="State or region" autoComplete="address-level1" />
      <SelectField {...field('country')} label="Country" required autoComplete="country-name">
        <option value="">Choose one</option>
        {countries.map((country) => (
          <option key={country}>{country}</option>
        ))}
      </SelectField>
    </>
  )
}
