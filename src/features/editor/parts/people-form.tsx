import { permissions } from '#db/schema/making'
import type { FormErrors, FormValues } from '#http/forms'
import { Choice, Field, FieldGroup } from '#web/components/form'
import { permissionNames, titleCharactersMax } from '../rules/people'

/** What somebody is called beside their name, and what they may do. */
export function PartFields({ values, errors }: { values: FormValues; errors: FormErrors }) {
  return (
    <>
      <Field
        name="title"
        label="What they are called"
        hint="Shown beside their name, such as “Illustrator”. May be left empty."
        maxLength={titleCharactersMax}
        defaultValue={values['title']}
        error={errors['title']}
      />
      <FieldGroup label="What they may do" error={errors['permissions']}>
        {permissions.map((permission) => (
          <Choice
            key={permission}
            name={permission}
            value="yes"
            {...permissionNames[permission]}
            defaultChecked={values[permission] === 'yes'}
          />
        ))}
      </FieldGroup>
    </>
  )
}
