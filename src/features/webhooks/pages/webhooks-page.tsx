import { ProjectFrame } from '#features/projects/parts/frame'
import type { FormErrors, FormValues } from '#http/forms'
import { Choice, Field, FieldGroup, Notice } from '#web/components/form'
import { Document } from '#web/document'
import { paths } from '#web/paths'
import type { Webhook } from '../reads'
import { urlCharactersMax, webhooksMax } from '../rules/forms'
import { webhookKindNames, webhookKinds } from '../rules/kinds'
import { oldSecretHours } from '../rules/sending'

type Project = { id: number; title: string }

interface Filled {
  values?: FormValues | undefined
  errors?: FormErrors | undefined
}

/** Programs that are told what happens to a project, and the form for one more. */
export function WebhooksPage(
  props: Filled & { project: Project; webhooks: Webhook[]; isRemoved: boolean },
) {
  const { project, webhooks, isRemoved, values, errors } = props
  return (
    <ProjectFrame
      {...{ project, title: 'Webhooks', className: 'webhooks' }}
      lead={
        <p>
          When something happens to your project, we send it to a program of yours: as JSON, by
          POST, within seconds. What does not arrive is tried again for three days.
        </p>
      }
    >
      {isRemoved && <Notice>The webhook is removed.</Notice>}
      {webhooks.length > 0 && (
        <ul className="webhook-list">
          {webhooks.map((webhook) => (
            <li key={webhook.id}>
              <a href={paths.webhook(project, webhook.id)}>{webhook.url}</a>
              <p>
                <WebhookState webhook={webhook} /> {webhook.kinds.join(', ')}
              </p>
            </li>
          ))}
        </ul>
      )}
      <section aria-labelledby="new">
        <h2 id="new">{webhooks.length === 0 ? 'Your first webhook' : 'Another webhook'}</h2>
        {webhooks.length < webhooksMax || errors ? (
          <WebhookForm
            {...{ values, errors }}
            action={paths.webhooks(project)}
            button="Make the webhook"
          />
        ) : (
          <p>There are as many as a project may have. Remove one first.</p>
        )}
      </section>
    </ProjectFrame>
  )
}

export function WebhookState({ webhook }: { webhook: Webhook }) {
  if (webhook.disabledAt) return <span className="webhook-state webhook-off">Off</span>
  if (webhook.failingSince) return <span className="webhook-state webhook-failing">Failing</span>
  return <span className="webhook-state">On</span>
}

export function WebhookForm(props: Filled & { action: string; button: string }) {
  const { values = {}, errors = {}, action, button } = props
  return (
    <form className="form" method="post" action={action}>
      <Field
        {...{ name: 'url', label: 'Address of your program', type: 'url', required: true }}
        placeholder="https://"
        maxLength={urlCharactersMax}
        defaultValue={values['url']}
        error={errors['url']}
      />
      <FieldGroup label="What it is told" error={errors['kinds']}>
        <div className="webhook-kinds">
          {webhookKindNames.map((kind) => (
            <Choice
              key={kind}
              name={kind}
              label={kind}
              hint={webhookKinds[kind]}
              defaultChecked={values[kind] !== undefined}
            />
          ))}
        </div>
      </FieldGroup>
      <button className="button" type="submit">
        {button}
      </button>
    </form>
  )
}

/** The only time it is shown. */
export function NewSecretPage(props: {
  project: Project
  id: number
  url: string
  secret: string
  isRenewed?: boolean
}) {
  const { project, id, url, secret, isRenewed } = props
  return (
    <Document title={isRenewed ? 'Your new secret' : 'Your new webhook'} hidden>
      <div className="form-page webhook-made">
        <h1>Copy this secret now</h1>
        <p className="lead">
          With it your program proves that what comes to <span className="webhook-url">{url}</span>{' '}
          is from us. It is not shown again.
        </p>
        <p className="secret">{secret}</p>
        {isRenewed && (
          <p>
            Nothing breaks meanwhile: for {oldSecretHours} hours everything carries two signatures,
            one with the old secret and one with this.
          </p>
        )}
        <p>
          The signature is the one of{' '}
          <a href="https://www.standardwebhooks.com/" rel="noreferrer">
            Standard Webhooks
          </a>
          , for which there are libraries: HMAC-SHA256 over <code>id.timestamp.body</code>, with the
          headers <code>webhook-id</code>, <code>webhook-timestamp</code> and{' '}
          <code>webhook-signature</code>.
        </p>
        <p>
          <a className="button" href={paths.webhook(project, id)}>
            I have it
          </a>
        </p>
      </div>
    </Document>
  )
}
