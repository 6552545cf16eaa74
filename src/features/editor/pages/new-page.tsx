import { Field, FormAlert } from '#web/components/form'
import { Document } from '#web/document'
import { paths } from '#web/paths'
import { CategoryField, type Filled, fieldsOf, PlaceFields } from '../parts/form'
import type { CategoryChoice } from '../reads/drafts'
import { titleCharactersMax } from '../rules'

/** The little that a draft begins with; everything can be changed until it is launched. */
export function NewProjectPage(props: {
  choices: CategoryChoice[]
  filled?: Filled | undefined
  problem?: string | undefined
}) {
  const { choices, filled, problem } = props
  const field = fieldsOf(filled?.values ?? {}, filled?.errors)
  return (
    <Document title="Start a project" hidden scripted>
      <div className="form-page">
        <h1>Start a project</h1>
        <p className="lead">
          What would you like to exist? This makes a draft that only you see. You can change all of
          it until you launch.
        </p>
        <form className="form" method="post" action={paths.newProject()}>
          {problem && <FormAlert>{problem}</FormAlert>}
          <Field
            {...field('title')}
            label="Title"
            hint={`In a few words: ${titleCharactersMax} characters at most.`}
            required
            maxLength={titleCharactersMax}
          />
          <CategoryField field={field} choices={choices} />
          <PlaceFields field={field} />
          <button className="button" type="submit">
            Make a draft
          </button>
        </form>
        <p className="aside">
          <a href={paths.making()}>Your projects</a>
        </p>
      </div>
    </Document>
  )
}
