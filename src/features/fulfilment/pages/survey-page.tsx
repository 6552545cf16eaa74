import type { FormErrors, FormValues } from '#http/forms'
import { formatMoney } from '#lib/money'
import { formatMoment } from '#lib/time'
import { Choice, FieldGroup, FormAlert, Notice, SelectField, TextField } from '#web/components/form'
import { Document } from '#web/document'
import { paths } from '#web/paths'
import { PostalAddress } from '../parts/postal'
import type { Address } from '../reads/addresses'
import type { Fulfilment } from '../reads/surveys'
import { labelOf } from '../rules/addresses'
import { fulfilmentNames } from '../rules/backers'
import { answerCharactersMax, type Question } from '../rules/survey'

interface Props {
  fulfilment: Fulfilment
  addresses: Address[]
  done: string | undefined
  values?: FormValues | undefined
  errors?: FormErrors | undefined
}

/** What a backer is asked about what they get, and how far that is. */
export function SurveyPage(props: Props) {
  const { fulfilment, done, errors } = props
  const { project, reward, amount } = fulfilment
  return (
    <Document title={`Your reward · ${project.title}`} hidden scripted>
      <div className="settings">
        <header>
          <h1>Your reward</h1>
          <p>
            {reward ?? 'Without a reward'} · {formatMoney(amount, project.currency)} for{' '}
            <a href={paths.project(project)}>{project.title}</a>
          </p>
        </header>
        {done && <Notice>{done}</Notice>}
        {errors && <FormAlert>Please look at what is marked below. Nothing was sent.</FormAlert>}
        <Progress {...props} />
        <section aria-labelledby="survey">
          <h2 id="survey">What {project.creatorName} needs to know</h2>
          <Asked {...props} />
        </section>
      </div>
    </Document>
  )
}

function Progress({ fulfilment }: Props) {
  const { project, status, tracking, pledgeStatus } = fulfilment
  return (
    <section aria-labelledby="progress">
      <h2 id="progress">How far it is</h2>
      <p>
        <strong>{fulfilmentNames[status ?? 'none']}</strong>
      </p>
      {tracking && (
        <p className="tracking">
          Tracking:{' '}
          {/^https:\/\/\S+$/.test(tracking) ? (
            <a href={tracking} rel="nofollow noopener noreferrer">
              {tracking}
            </a>
          ) : (
            tracking
          )}
        </p>
      )}
      {pledgeStatus === 'collected' && status !== 'received' && (
        <form method="post" action={paths.received(project)}>
          <button className="button button-quiet" type="submit">
            Got it!
          </button>
        </form>
      )}
    </section>
  )
}

function Asked(props: Props) {
  const { survey, pledgeStatus, answeredAt } = props.fulfilment
  if (!survey?.sentAt || pledgeStatus !== 'collected') {
    return <p>Nothing so far. You will get a mail when there is something to answer.</p>
  }
  if (survey.lockedAt && answeredAt) return <Locked {...props} />
  return <AnswerForm {...props} survey={survey} />
}

function Locked({ fulfilment }: Props) {
  const { survey, answers, address, answeredAt, project } = fulfilment
  return (
    <>
      <p>
        You answered on {formatMoment(answeredAt ?? new Date(0))}. {project.creatorName} is about to
        send it, so this stays as it is.
      </p>
      {address && <PostalAddress address={address} />}
      <dl className="backer-facts">
        {(survey?.questions ?? []).map(({ id, question }) => (
          <div key={id}>
            <dt dir="auto">{question}</dt>
            <dd dir="auto">{answers?.[id] ?? '–'}</dd>
          </div>
        ))}
      </dl>
    </>
  )
}

function AnswerForm(props: Props & { survey: NonNullable<Fulfilment['survey']> }) {
  const { fulfilment, survey, values, errors = {} } = props
  const { project, answers, answeredAt } = fulfilment
  return (
    <form className="form" method="post" action={paths.survey(project)}>
      {answeredAt && (
        <p>
          You answered on {formatMoment(answeredAt)}. You can change it until {project.creatorName}{' '}
          locks it.
        </p>
      )}
      {survey.wantsAddress && <Where {...props} />}
      {survey.questions.map((question) => (
        <Answer
          key={question.id}
          question={question}
          value={values?.[`answer-${question.id}`] ?? answers?.[question.id]}
          error={errors[`answer-${question.id}`]}
        />
      ))}
      <button className="button" type="submit">
        {answeredAt ? 'Change what I answered' : 'Send'}
      </button>
    </form>
  )
}

function Where({ fulfilment, addresses, values, errors = {} }: Props) {
  const { project, address } = fulfilment
  const given = address && labelOf(address as never).join()
  const chosen =
    values?.['address'] ??
    String((addresses.find((each) => labelOf(each).join() === given) ?? addresses[0])?.id ?? '')
  const add = paths.addresses({ next: paths.survey(project) })
  return (
    <FieldGroup label="Where should it go?" error={errors['address']}>
      {addresses.map((each) => (
        <Choice
          key={each.id}
          type="radio"
          name="address"
          value={each.id}
          label={each.name}
          hint={labelOf(each).slice(1).join(', ')}
          defaultChecked={chosen === String(each.id)}
        />
      ))}
      <p>
        {addresses.length === 0 && 'Your address book is empty. '}
        <a href={add}>{addresses.length === 0 ? 'Add an address' : 'Another address'}</a>
      </p>
    </FieldGroup>
  )
}

function Answer(props: {
  question: Question
  value: string | undefined
  error: string | undefined
}) {
  const { question, value, error } = props
  const { id, choices, isRequired } = question
  const label = isRequired ? question.question : `${question.question} (if you like)`
  const name = `answer-${id}`
  if (choices.length === 0) {
    return (
      <TextField
        {...{ name, label, error }}
        rows={3}
        maxLength={answerCharactersMax}
        defaultValue={value}
        dir="auto"
      />
    )
  }
  return (
    <SelectField {...{ name, label, error }} defaultValue={value ?? ''}>
      <option value="">Please choose</option>
      {choices.map((choice) => (
        <option key={choice}>{choice}</option>
      ))}
    </SelectField>
  )
}
