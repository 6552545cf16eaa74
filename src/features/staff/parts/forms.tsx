import type { ReactNode } from 'react'
import type { FormErrors, FormValues } from '#http/forms'
import { TextField } from '#web/components/form'
import { reasonCharactersMax } from '../rules'

/** A form that came back, and which of those on the page it is. */
export interface Typed {
  form: string
  values: FormValues
  errors: FormErrors
}

/** A form behind its name, open when it came back. */
export function Fold(props: { label: string; isOpen: boolean; children: ReactNode }) {
  return (
    <details className="act" open={props.isOpen}>
      <summary>{props.label}</summary>
      {props.children}
    </details>
  )
}

interface ReasonFormProps {
  /** Also what it is called in `typed`. */
  action: string
  label: string
  /** What is asked for. */
  field: string
  hint?: string
  hidden?: Record<string, string | number>
  typed: Typed | undefined
}

/** An act that needs a reason. */
export function ReasonForm({ action, label, field, hint, hidden = {}, typed }: ReasonFormProps) {
  const own = typed?.form === action ? typed : undefined
  return (
    <Fold label={label} isOpen={own !== undefined}>
      <form className="form" method="post" action={action}>
        {Object.entries(hidden).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        <TextField
          name="reason"
          label={field}
          {...(hint === undefined ? {} : { hint })}
          required
          maxLength={reasonCharactersMax}
          rows={3}
          defaultValue={own?.values['reason']}
          error={own?.errors['reason']}
        />
        <button className="button" type="submit">
          {label}
        </button>
      </form>
    </Fold>
  )
}
