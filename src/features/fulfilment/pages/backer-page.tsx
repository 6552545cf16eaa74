import type { ReactNode } from 'react'
import type { FormErrors, FormValues } from '#http/forms'
import { formatMoney } from '#lib/money'
import { formatMoment } from '#lib/time'
import { Field, Notice, SelectField } from '#web/components/form'
import { Document } from '#web/document'
import { paths } from '#web/paths'
import { PostalAddress } from '../parts/postal'
import type { Fulfilment } from '../reads/surveys'
import { fulfilmentNames, givenStatuses, trackingCharactersMax } from '../rules/backers'

interface Props {
  project: { id: number; title: string }
  backer: Fulfilment
  isSaved: boolean
  values?: FormValues
  errors?: FormErrors
}

/** One backer: what they get, where to, what they answered, and how far it is. */
export function BackerPage(props: Props) {
  const { project, backer, isSaved } = props
  const { survey, answers, answeredAt, address } = backer
  return (
    <Document title={`${backer.backerName} · Backers`} hidden scripted>
      <div className="settings">
        <header>
          <h1>{backer.backerName}</h1>
          <p>
            <a href={paths.backers(project)}>All backers of {project.title}</a>
          </p>
        </header>
        {isSaved && <Notice>It is saved.</Notice>}
        <dl className="backer-facts">
          <Fact name="Reward">{backer.reward ?? 'Without a reward'}</Fact>
          <Fact name="Pledge">
            {formatMoney(backer.amount, backer.project.currency)}, {backer.pledgeStatus}
          </Fact>
          {backer.shipTo && <Fact name="Ships to">{backer.shipTo}</Fact>}
          {backer.anonymous && <Fact name="To the public">Anonymous</Fact>}
        </dl>
        <section aria-labelledby="answers">
          <h2 id="answers">What they answered</h2>
          {answeredAt ? <p>On {formatMoment(answeredAt)}.</p> : <p>Nothing so far.</p>}
          {address && <PostalAddress address={address} />}
          <dl className="backer-facts">
            {(survey?.questions ?? []).map(({ id, question }) => (
              <Fact key={id} name={question}>
                {answers?.[id] ?? '–'}
              </Fact>
            ))}
          </dl>
        </section>
        <section aria-labelledby="sending">
          <h2 id="sending">What is sent</h2>
          {backer.pledgeStatus === 'collected' ? (
            <SendingForm {...props} />
          ) : (
            <p>Nothing is sent before the pledge has been paid.</p>
          )}
        </section>
      </div>
    </Document>
  )
}

function SendingForm({ project, backer, values = {}, errors = {} }: Props) {
  return (
    <form className="form" method="post" action={paths.backer(project, backer.pledgeId)}>
      {backer.status === 'received' ? (
        <>
          <p>They have said “Got it!”.</p>
          <input type="hidden" name="status" value="sent" />
        </>
      ) : (
        <SelectField
          name="status"
          label="How far it is"
          defaultValue={values['status'] ?? backer.status ?? 'none'}
          error={errors['status']}
        >
          {givenStatuses.map((status) => (
            <option key={status} value={status}>
              {fulfilmentNames[status]}
            </option>
          ))}
        </SelectField>
      )}
      <Field
        name="tracking"
        label="Tracking number or link"
        hint="Your backer sees it."
        maxLength={trackingCharactersMax}
        defaultValue={values['tracking'] ?? backer.tracking ?? ''}
        error={errors['tracking']}
      />
      <button className="button" type="submit">
        Save
      </button>
    </form>
  )
}

function Fact({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt dir="auto">{name}</dt>
      <dd dir="auto">{children}</dd>
    </div>
  )
}
