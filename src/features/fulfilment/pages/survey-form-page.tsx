import type { FormErrors, FormValues } from '#http/forms'
import { plural } from '#lib/text'
import { formatMoment } from '#lib/time'
import { Choice, Field, FormAlert, Notice, TextField } from '#web/components/form'
import { Document } from '#web/document'
import { paths } from '#web/paths'
import { TaskList } from '../parts/progress'
import type { Survey } from '../reads/surveys'
import type { Progress } from '../reads/tasks'
import { choicesMax, questionCharactersMax, questionsMax } from '../rules/survey'

interface Props {
  project: { id: number; title: string; status: string }
  survey: Survey | undefined
  tasks: readonly Progress[]
  done: string | undefined
  values?: FormValues | undefined
  errors?: FormErrors | undefined
}

/** What a creator asks their backers: written, sent once, and locked before the parcels go out. */
export function SurveyFormPage(props: Props) {
  const { project, survey, done, errors } = props
  return (
    <Document title={`Survey · ${project.title}`} hidden scripted>
      <div className="settings">
        <header>
          <h1>Survey</h1>
          <p>
            For the backers of <a href={paths.project(project)}>{project.title}</a> ·{' '}
            <a href={paths.backers(project)}>Backers</a>
          </p>
        </header>
        {done && <Notice>{done}</Notice>}
        <TaskList tasks={props.tasks} kind="survey" />
        {errors && <FormAlert>Please look at what is marked below. Nothing was saved.</FormAlert>}
        {survey?.sentAt ? <Sent {...props} survey={survey} /> : <Draft {...props} />}
      </div>
    </Document>
  )
}

function Draft({ project, survey, values, errors = {} }: Props) {
  const typed = values ?? valuesOf(survey)
  return (
    <>
      <form className="form" method="post" action={paths.surveyAct(project, 'edit')}>
        <Choice
          name="wantsAddress"
          label="Ask where to send it"
          hint="From their address book."
          defaultChecked={survey || values ? 'wantsAddress' in typed : true}
        />
        {Array.from({ length: questionsMax }, (_, index) => String(index + 1)).map((number) => (
          <details
            key={number}
            className="survey-question"
            open={number === '1' || Boolean(typed[`question-${number}`])}
          >
            <summary>Question {number}</summary>
            <Field
              name={`question-${number}`}
              label="What do you ask?"
              maxLength={questionCharactersMax}
              defaultValue={typed[`question-${number}`]}
              error={errors[`question-${number}`]}
              dir="auto"
            />
            <TextField
              name={`choices-${number}`}
              label="Answers to choose from"
              hint={`One on each line, ${choicesMax} at most. Left empty, they write what they like.`}
              rows={3}
              defaultValue={typed[`choices-${number}`]}
              error={errors[`choices-${number}`]}
              dir="auto"
            />
            <Choice
              name={`required-${number}`}
              label="Has to be answered"
              defaultChecked={`required-${number}` in typed}
            />
          </details>
        ))}
        <button className="button" type="submit">
          Save
        </button>
      </form>
      {survey && <Sending project={project} />}
    </>
  )
}

const valuesOf = (survey: Survey | undefined): FormValues => ({
  ...(survey?.wantsAddress ? { wantsAddress: 'on' } : {}),
  ...Object.fromEntries(
    (survey?.questions ?? []).flatMap(({ id, question, choices, isRequired }) => [
      [`question-${id}`, question],
      [`choices-${id}`, choices.join('\n')],
      ...(isRequired ? [[`required-${id}`, 'on']] : []),
    ]),
  ),
})

function Sending({ project }: { project: Props['project'] }) {
  return (
    <section aria-labelledby="send">
      <h2 id="send">Send it</h2>
      {project.status === 'successful' ? (
        <>
          <p>
            It goes to everybody who has paid, by mail and on their activity page. It is sent once
            and cannot be changed afterwards.
          </p>
          <form method="post" action={paths.surveyAct(project, 'send')}>
            <button className="button" type="submit">
              Send the survey
            </button>
          </form>
        </>
      ) : (
        <p>You can send it once the campaign has ended well and backers have paid.</p>
      )}
    </section>
  )
}

function Sent({ project, survey }: Props & { survey: Survey }) {
  const { questions, wantsAddress, sentAt, lockedAt } = survey
  return (
    <>
      <p>Sent on {formatMoment(sentAt ?? new Date(0))}. It stays as it is.</p>
      <section aria-labelledby="asked">
        <h2 id="asked">What you asked</h2>
        <ul>
          {wantsAddress && <li>Where to send it</li>}
          {questions.map(({ id, question, choices }) => (
            <li key={id} dir="auto">
              {question}
              {choices.length > 0 && ` (${plural(choices.length, 'answer')} to choose from)`}
            </li>
          ))}
        </ul>
        <p>
          <a href={paths.backers(project, { status: 'collected', answered: 'no' })}>
            Who has not answered
          </a>{' '}
          · <a href={paths.backers(project, { answered: 'yes' })}>Who has</a>
        </p>
      </section>
      <section aria-labelledby="lock">
        <h2 id="lock">Lock the addresses</h2>
        {lockedAt ? (
          <p>
            Locked since {formatMoment(lockedAt)}: what was answered stays. Whoever has not answered
            still can, once.
          </p>
        ) : (
          <>
            <p>
              Before you print labels: from then on nobody changes what they have answered. It
              cannot be undone.
            </p>
            <form method="post" action={paths.surveyAct(project, 'lock')}>
              <button className="button" type="submit">
                Lock the addresses
              </button>
            </form>
          </>
        )}
      </section>
    </>
  )
}
