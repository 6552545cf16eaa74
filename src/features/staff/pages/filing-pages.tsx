import type { FormErrors, FormValues } from '#http/forms'
import { Choice, FieldGroup, TextField } from '#web/components/form'
import { Document } from '#web/document'
import { paths } from '#web/paths'
import { Quote } from '../parts/frame'
import type { Thing } from '../reads/things'
import {
  detailsCharactersMax,
  messagesBefore,
  reasonsFor,
  reportReasons,
  toThingQuery,
} from '../rules'

const leads = {
  project: 'You report this project',
  update: 'You report this update',
  comment: 'You report this comment',
  message: 'You report this message',
  person: 'You report this person',
} as const

/** Where somebody says what is wrong with something. */
export function FilingPage(props: { thing: Thing; values?: FormValues; errors?: FormErrors }) {
  const { thing, values = {}, errors = {} } = props
  const { key, author } = thing
  return (
    <Document title="Report" hidden>
      <div className="form-page">
        <h1>{leads[key.kind]}</h1>
        <p className="lead">
          Our staff looks at every report. {author.name} is not told who has sent it.
          {key.kind === 'message' &&
            ` Staff will read this message and the ${messagesBefore} before it.`}
        </p>
        <figure className="reported">
          <Quote text={thing.text} />
          {key.kind !== 'person' && <figcaption>{author.name}</figcaption>}
        </figure>
        <form className="form" method="post" action={paths.report(toThingQuery(key))}>
          <FieldGroup label="What is wrong?" error={errors['reason']}>
            {reasonsFor[key.kind].map((reason) => (
              <Choice
                key={reason}
                type="radio"
                label={reportReasons[reason]}
                name="reason"
                value={reason}
                required
                defaultChecked={values['reason'] === reason}
              />
            ))}
          </FieldGroup>
          <TextField
            name="details"
            label="What should we know?"
            hint="Needed only for “Something else”."
            maxLength={detailsCharactersMax}
            rows={4}
            defaultValue={values['details']}
            error={errors['details']}
          />
          <button className="button" type="submit">
            Send the report
          </button>
        </form>
      </div>
    </Document>
  )
}

/** That it has arrived. `back` leads to what it was about. */
export function ThanksPage({ back }: { back: string }) {
  return (
    <Document title="Thank you" hidden>
      <div className="form-page">
        <h1>Thank you</h1>
        <p className="lead">
          Your report has arrived. Our staff looks at it and does what has to be done; whoever it is
          about is not told who has sent it.
        </p>
        <p>
          <a className="button" href={back}>
            Go on
          </a>
        </p>
      </div>
    </Document>
  )
}
