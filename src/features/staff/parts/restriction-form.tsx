import { restrictionKinds } from '#db/schema/trust'
import { Choice, FieldGroup, TextField } from '#web/components/form'
import { paths } from '#web/paths'
import { reasonCharactersMax, restrictionDays, restrictionNames, restrictionTerms } from '../rules'
import { Fold, type Typed } from './forms'

export const restrictAction = (person: { id: number }) =>
  `${paths.staffPerson(person)}/restrictions`

/** What is to be taken from a person, and for how long. */
export function RestrictionForm(props: {
  person: { id: number; name: string }
  /** The report it answers. */
  about?: number
  typed: Typed | undefined
}) {
  const { person, about } = props
  const action = restrictAction(person)
  const typed = props.typed?.form === action ? props.typed : undefined
  const { values = {}, errors = {} } = typed ?? {}
  return (
    <Fold label={`Restrict ${person.name}`} isOpen={typed !== undefined}>
      <form className="form" method="post" action={action}>
        {about !== undefined && <input type="hidden" name="about" value={about} />}
        <FieldGroup label="What they may not do" error={errors['kinds']}>
          {restrictionKinds.map((kind) => (
            <Choice
              key={kind}
              label={restrictionNames[kind]}
              name={kind}
              defaultChecked={values[kind] !== undefined}
            />
          ))}
        </FieldGroup>
        <FieldGroup label="How long" error={errors['days']}>
          {restrictionDays.map((days) => (
            <Choice
              key={days}
              type="radio"
              label={restrictionTerms[days]}
              name="days"
              value={days}
              required
              defaultChecked={values['days'] === days}
            />
          ))}
        </FieldGroup>
        <TextField
          name="reason"
          label="Why"
          hint="They read this."
          required
          maxLength={reasonCharactersMax}
          rows={3}
          defaultValue={values['reason']}
          error={errors['reason']}
        />
        <button className="button" type="submit">
          Restrict
        </button>
      </form>
    </Fold>
  )
}
