import { PictureField } from '#features/images/parts/picture-field'
import type { FormValues } from '#http/forms'
import { Field, TextField } from '#web/components/form'
import { paths } from '#web/paths'
import { At, CategoryField, EditForm, type Filled, fieldsOf, PlaceFields } from '../parts/form'
import { EditorPage, Frozen } from '../parts/frame'
import type { CategoryChoice, Draft } from '../reads/drafts'
import {
  areTermsFixed,
  blurbCharactersMax,
  isEditable,
  tagCharactersMax,
  tagsMax,
  titleCharactersMax,
} from '../rules'

const labels = {
  ...{ title: 'Title', description: 'In one line', category: 'Category', tags: 'Tags' },
  ...{ city: 'City', state: 'State or region', country: 'Country' },
}

/** What is stored, as the form shows it. */
const basicsValues = (draft: Draft): FormValues => ({
  ...{ title: draft.title, description: draft.description, category: draft.subcategory },
  ...{ tags: draft.tags.join(', '), city: draft.city, state: draft.state, country: draft.country },
})

export function BasicsPage(props: {
  draft: Draft
  choices: CategoryChoice[]
  filled?: Filled | undefined
  /** The picture that came with a form that was otherwise wrong. */
  image?: string | null | undefined
  done?: string | undefined
}) {
  const { draft, choices, filled, image, done } = props
  const stored = basicsValues(draft)
  const field = fieldsOf(filled?.values ?? stored, filled?.errors)
  const isFiled = areTermsFixed(draft.status)
  return (
    <EditorPage draft={draft} part="basics" done={done}>
      {isEditable(draft) ? (
        <EditForm
          action={paths.edit(draft, 'basics')}
          version={draft.version}
          stored={isFiled ? { ...stored, ...placed(filled) } : stored}
          filled={filled}
          labels={labels}
        >
          <At name="title">
            <Field {...field('title')} label={labels.title} maxLength={titleCharactersMax} />
          </At>
          <At name="description">
            <TextField
              {...field('description')}
              label={labels.description}
              hint={`What it is, for whoever sees only this: ${blurbCharactersMax} characters at most.`}
              maxLength={blurbCharactersMax}
              rows={3}
            />
          </At>
          <PictureField
            name="image"
            label="Picture"
            hint="Without one of yours, the site draws one."
            hash={image === undefined ? draft.image : image}
            error={filled?.errors?.['image']}
          />
          <Field
            {...field('tags')}
            label={labels.tags}
            hint={`Up to ${tagsMax}, with commas between them.`}
            maxLength={(tagCharactersMax + 2) * tagsMax}
          />
          {isFiled ? (
            <p className="field-hint">
              Category ({draft.subcategoryName}) and place ({draft.city}, {draft.state}) stay as
              they were at the launch.
            </p>
          ) : (
            <>
              <CategoryField field={field} choices={choices} />
              <At name="city">
                <PlaceFields field={field} />
              </At>
            </>
          )}
        </EditForm>
      ) : (
        <Frozen draft={draft} />
      )}
    </EditorPage>
  )
}

/** What a launched project's form does not have cannot differ. */
const placed = (filled: Filled | undefined): FormValues => {
  const { category = '', city = '', state = '', country = '' } = filled?.values ?? {}
  return { category, city, state, country }
}
