import { passwordCharactersMax } from '#features/people/rules'
import type { FormErrors } from '#http/forms'
import { Field, FormAlert } from '#web/components/form'
import { Document } from '#web/document'
import { paths } from '#web/paths'
import { confirmation } from './rules'

interface Privacy {
  download?: FormErrors
  deletion?: FormErrors
  /** Projects that keep their creator here. */
  projects?: { id: number; title: string; status: string }[]
}

const password = {
  ...{ name: 'password', label: 'Your password', type: 'password', required: true },
  ...{ autoComplete: 'current-password', maxLength: passwordCharactersMax },
} as const

/** What a person may do with all that is kept of them. */
export function PrivacyPage({ download = {}, deletion = {}, projects = [] }: Privacy) {
  return (
    <Document title="Your data" hidden>
      <div className="settings">
        <h1>Your data</h1>
        <section aria-labelledby="download">
          <h2 id="download">Download it</h2>
          <p>
            Everything we keep of you, as a ZIP file: your profile, projects, pledges, comments,
            messages and the rest as JSON, and your pictures.
          </p>
          <form className="form" method="post" action={paths.download()}>
            <Field {...password} error={download['password']} />
            <button className="button" type="submit">
              Download
            </button>
          </form>
        </section>
        <section aria-labelledby="delete">
          <h2 id="delete">Delete your account</h2>
          <p>
            Your name, picture and profile go, with your drafts, saved projects, follows and
            settings. What others have read or counted on stays, under the name “Former member”:
            comments, updates, messages, pledges and projects that have launched. Nobody can undo
            this.
          </p>
          {projects.length > 0 && <Standing projects={projects} />}
          <form className="form" method="post" action={paths.deleteAccount()}>
            <Field {...password} error={deletion['password']} />
            <Field
              name="confirmation"
              label={`Type “${confirmation}”`}
              autoComplete="off"
              autoCapitalize="none"
              required
              maxLength={40}
              error={deletion['confirmation']}
            />
            <button className="button button-quiet" type="submit">
              Delete my account
            </button>
          </form>
        </section>
        <p>
          <a href={paths.settings()}>All settings</a>
        </p>
      </div>
    </Document>
  )
}

function Standing({ projects }: Required<Pick<Privacy, 'projects'>>) {
  return (
    <div>
      <FormAlert>
        Your account is still needed: somebody has to answer for these projects. Withdraw what is
        being reviewed; wait for the end of what is live, or cancel it.
      </FormAlert>
      <ul>
        {projects.map((project) => (
          <li key={project.id}>
            {project.status === 'live' ? (
              <a href={paths.project(project)} dir="auto">
                {project.title}
              </a>
            ) : (
              <a href={paths.edit(project, 'launch')} dir="auto">
                {project.title}
              </a>
            )}
            , {project.status === 'live' ? 'live' : 'being reviewed'}
          </li>
        ))}
      </ul>
    </div>
  )
}

export function GoodbyePage() {
  return (
    <Document title="Goodbye" hidden>
      <div className="form-page">
        <h1>Your account is deleted</h1>
        <p className="lead">
          Thank you for having been here. A mail says the same, and it is the last one.
        </p>
        <p>
          <a className="button" href={paths.home()}>
            Go to the first page
          </a>
        </p>
      </div>
    </Document>
  )
}
