import type { ReactNode } from 'react'
import type { Access } from '#features/projects/reads/access'
import type { FormErrors, FormValues } from '#http/forms'
import { Choice, Field, FieldGroup, TextField } from '#web/components/form'
import { Document } from '#web/document'
import { paths } from '#web/paths'
import { bodyCharactersMax, titleCharactersMax } from '../rules'

/** What the fields of an update are called. */
export const labels = { title: 'Title', body: 'Text', audience: 'Who may read it' }

/** The frame of the pages where updates are written. */
export function WritingPage(props: {
  project: Access['project']
  title: string
  children: ReactNode
}) {
  const { project, title, children } = props
  return (
    <Document title={`${title} · ${project.title}`} hidden scripted>
      <div className="update-writing">
        <p>
          <a href={paths.projectTab(project, 'updates')}>Updates</a> of{' '}
          <a href={paths.project(project)}>{project.title}</a>
          {' · '}
          <a href={paths.updateDrafts(project)}>Drafts</a>
        </p>
        <h1>{title}</h1>
        {children}
      </div>
    </Document>
  )
}

export function TextFields(props: { values: FormValues; errors: FormErrors | undefined }) {
  const { values, errors } = props
  return (
    <>
      <Field
        name="title"
        label={labels.title}
        hint={`At most ${titleCharactersMax} characters.`}
        maxLength={titleCharactersMax}
        defaultValue={values['title']}
        error={errors?.['title']}
      />
      <TextField
        name="body"
        label={labels.body}
        hint="Markdown: **bold**, *italic*, ## a heading, - a list, [a link](https://example.org)."
        rows={16}
        maxLength={bodyCharactersMax}
        defaultValue={values['body']}
        error={errors?.['body']}
      />
    </>
  )
}

const choices = [
  ['everyone', 'Everyone', 'Anybody who comes to the project’s page.'],
  ['backers', 'Backers only', 'Others see its title and its date, and not a word of the text.'],
] as const

export function AudienceField(props: { value: string | undefined; error: string | undefined }) {
  const { value, error } = props
  return (
    <FieldGroup label={labels.audience} error={error}>
      {choices.map(([audience, label, hint]) => (
        <Choice
          key={audience}
          type="radio"
          name="audience"
          value={audience}
          defaultChecked={value === audience}
          required
          {...{ label, hint }}
        />
      ))}
    </FieldGroup>
  )
}
