import {
  type InputHTMLAttributes,
  type ReactNode,
  type SelectHTMLAttributes,
  type TextareaHTMLAttributes,
  useId,
} from 'react'

interface FieldProps {
  name: string
  label: string
  /** What is expected, below the label. */
  hint?: string
  /** What is wrong with what was typed. */
  error?: string | undefined
}

type InputProps = FieldProps & Omit<InputHTMLAttributes<HTMLInputElement>, 'name' | 'id'>

/** A field with its label; what is wrong stands between them and is read out with it. */
export function Field({ label, hint, error, ...input }: InputProps) {
  const id = useId()
  return (
    <FieldFrame {...{ id, label, hint, error }}>
      <input id={id} {...input} {...describedBy({ id, hint, error })} />
    </FieldFrame>
  )
}

type AreaProps = FieldProps & Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, 'name' | 'id'>

/** The same for a longer text. */
export function TextField({ label, hint, error, ...area }: AreaProps) {
  const id = useId()
  return (
    <FieldFrame {...{ id, label, hint, error }}>
      <textarea id={id} {...area} {...describedBy({ id, hint, error })} />
    </FieldFrame>
  )
}

type SelectProps = FieldProps & Omit<SelectHTMLAttributes<HTMLSelectElement>, 'name' | 'id'>

/** The same for one of a list; its options are the children. */
export function SelectField({ label, hint, error, ...select }: SelectProps) {
  const id = useId()
  return (
    <FieldFrame {...{ id, label, hint, error }}>
      <select id={id} {...select} {...describedBy({ id, hint, error })} />
    </FieldFrame>
  )
}

/** Several fields that are one question: its answers, or the rows of a list. */
export function FieldGroup(props: {
  label: string
  hint?: string | undefined
  error?: string | undefined
  children: ReactNode
}) {
  const { label, hint, error, children } = props
  const id = useId()
  return (
    <fieldset className="field-group" {...describedBy({ id, hint, error })}>
      <legend>{label}</legend>
      {hint && (
        <p className="field-hint" id={`${id}hint`}>
          {hint}
        </p>
      )}
      {error && (
        <p className="field-error" id={`${id}error`}>
          {error}
        </p>
      )}
      {children}
    </fieldset>
  )
}

type ChoiceProps = { label: string; hint?: string } & InputHTMLAttributes<HTMLInputElement>

/** A box to tick or, as `type="radio"`, one of several answers. */
export function Choice({ label, hint, type = 'checkbox', ...input }: ChoiceProps) {
  return (
    <label className="choice">
      <input type={type} {...input} />
      <span>
        {label}
        {hint && <small>{hint}</small>}
      </span>
    </label>
  )
}

interface Described {
  id: string
  hint?: string | undefined
  error?: string | undefined
}

function describedBy({ id, hint, error }: Described) {
  const ids = [hint && `${id}hint`, error && `${id}error`].filter(Boolean)
  return {
    ...(ids.length > 0 ? { 'aria-describedby': ids.join(' ') } : {}),
    ...(error ? { 'aria-invalid': true } : {}),
  }
}

function FieldFrame(props: Described & { label: string; children: ReactNode }) {
  const { id, label, hint, error, children } = props
  return (
    <div className="field">
      <label htmlFor={id}>{label}</label>
      {hint && (
        <p className="field-hint" id={`${id}hint`}>
          {hint}
        </p>
      )}
      {error && (
        <p className="field-error" id={`${id}error`}>
          {error}
        </p>
      )}
      {children}
    </div>
  )
}

/** Above a form that came back: what went wrong, and how much. */
export function FormAlert({ children }: { children: ReactNode }) {
  return (
    <p className="form-notice form-alert" role="alert">
      {children}
    </p>
  )
}

/** That something was done. */
export function Notice({ children }: { children: ReactNode }) {
  return (
    <p className="form-notice" role="status">
      {children}
    </p>
  )
}
