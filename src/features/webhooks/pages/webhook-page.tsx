import { ProjectFrame } from '#features/projects/parts/frame'
import type { FormErrors, FormValues } from '#http/forms'
import { formatMoment, timeAgo } from '#lib/time'
import { EmptyState } from '#web/components/empty-state'
import { FormAlert, Notice } from '#web/components/form'
import { paths } from '#web/paths'
import { useSite } from '#web/site'
import type { Delivery, Webhook } from '../reads'
import { failingHoursMax } from '../rules/sending'
import { WebhookForm, WebhookState } from './webhooks-page'

const doneSentences: Record<string, string> = {
  saved: 'The webhook is saved.',
  sent: 'It is on its way. Reload this page to see what was answered.',
  on: 'The webhook is on. What happened while it was off is not sent.',
}

interface WebhookProps {
  project: { id: number; title: string }
  webhook: Webhook
  deliveries: { page: Delivery[]; next: number | null }
  done: string | undefined
  values?: FormValues | undefined
  errors?: FormErrors | undefined
}

/** One webhook: what was sent to it and answered, and its settings. */
export function WebhookPage({ project, webhook, deliveries, done, ...typed }: WebhookProps) {
  const sentence = doneSentences[done ?? '']
  const kept = Object.fromEntries(webhook.kinds.map((kind) => [kind, 'on']))
  return (
    <ProjectFrame
      {...{ project, title: 'Webhook', className: 'webhooks' }}
      trail={
        <>
          <a href={paths.webhooks(project)}>Webhooks</a> of{' '}
        </>
      }
      heading={<h1 className="webhook-url">{webhook.url}</h1>}
      lead={
        <p>
          <WebhookState webhook={webhook} /> {standingOf(webhook)}
        </p>
      }
    >
      {sentence && <Notice>{sentence}</Notice>}
      {webhook.disabledAt && (
        <FormAlert>
          It is switched off, and nothing is sent. Switch it on when it is mended.
        </FormAlert>
      )}
      <Acts project={project} webhook={webhook} />
      <Deliveries {...{ project, webhook, deliveries }} />
      <section aria-labelledby="change">
        <h2 id="change">Change it</h2>
        <WebhookForm
          values={typed.values ?? { url: webhook.url, ...kept }}
          errors={typed.errors}
          action={paths.webhook(project, webhook.id)}
          button="Save"
        />
      </section>
    </ProjectFrame>
  )
}

function standingOf({ createdAt, disabledAt, failingSince }: Webhook): string {
  if (disabledAt) return `since ${formatMoment(disabledAt)}.`
  if (!failingSince) return `Made on ${formatMoment(createdAt)}.`
  return (
    `since ${formatMoment(failingSince)}. If nothing gets through for more than ` +
    `${failingHoursMax} hours, it is switched off.`
  )
}

function Acts({ project, webhook }: Pick<WebhookProps, 'project' | 'webhook'>) {
  const acts = webhook.disabledAt
    ? ([
        ['enable', 'Switch it on'],
        ['secret', 'New secret'],
        ['remove', 'Remove it'],
      ] as const)
    : ([
        ['ping', 'Send a test'],
        ['disable', 'Switch it off'],
        ['secret', 'New secret'],
        ['remove', 'Remove it'],
      ] as const)
  return (
    <div className="webhook-acts">
      {acts.map(([act, label]) => (
        <form key={act} method="post" action={paths.webhookAct(project, webhook.id, act)}>
          <button className="button button-quiet" type="submit">
            {label}
          </button>
        </form>
      ))}
    </div>
  )
}

function Deliveries({
  project,
  webhook,
  deliveries,
}: Pick<WebhookProps, 'project' | 'webhook' | 'deliveries'>) {
  const { page, next } = deliveries
  return (
    <section aria-labelledby="deliveries">
      <h2 id="deliveries">Deliveries</h2>
      {page.length === 0 && (
        <EmptyState title="Nothing was sent yet.">
          <p>Send a test to see what your program gets and what it answers.</p>
        </EmptyState>
      )}
      <ul className="webhook-list">
        {page.map((delivery) => (
          <DeliveryItem key={delivery.id} {...{ project, webhook, delivery }} />
        ))}
      </ul>
      {next !== null && (
        <p>
          <a
            className="button button-quiet"
            href={paths.webhook(project, webhook.id, { before: next })}
          >
            Older deliveries
          </a>
        </p>
      )}
    </section>
  )
}

function DeliveryItem(props: Pick<WebhookProps, 'project' | 'webhook'> & { delivery: Delivery }) {
  const { project, webhook, delivery } = props
  const { now } = useSite()
  const { id, kind, body, createdAt, triedAt, answer, lastError } = delivery
  return (
    <li>
      <div className="webhook-delivery">
        <p>
          <strong>{kind}</strong> {timeAgo(createdAt, now)}
          <small>{outcomeOf(delivery, webhook.disabledAt !== null)}</small>
        </p>
        {triedAt && !webhook.disabledAt && (
          <form method="post" action={paths.replayDelivery(project, webhook.id, id)}>
            <button
              className="button button-quiet"
              type="submit"
              aria-label={`Send ${kind} number ${id} again`}
            >
              Send again
            </button>
          </form>
        )}
      </div>
      <details>
        <summary>What was sent{triedAt && !lastError ? ' and answered' : ''}</summary>
        <p>
          <code>webhook-id: delivery_{id}</code>
        </p>
        <pre>{indented(body)}</pre>
        {triedAt && !lastError && <p>{answer === '' ? 'The answer was empty.' : 'The answer:'}</p>}
        {answer && <pre dir="auto">{answer}</pre>}
      </details>
    </li>
  )
}

const indented = (json: string): string => JSON.stringify(JSON.parse(json), null, 2)

function outcomeOf(delivery: Delivery, isOff: boolean): string {
  const { triedAt, deliveredAt, dueAt, attempts, responseStatus, lastError } = delivery
  if (!triedAt) return 'Waiting to be sent.'
  const answered = lastError ?? `Answered ${responseStatus}.`
  if (deliveredAt) return `${answered} Arrived on ${formatMoment(deliveredAt)}.`
  const tries = attempts === 1 ? 'Tried once' : `Tried ${attempts} times`
  if (attempts === 0) return `${answered} Waiting to be sent again.`
  if (!dueAt) return `${answered} ${tries}, and given up.`
  const next = isOff ? 'when it is on again' : `on ${formatMoment(dueAt)}`
  return `${answered} ${tries}; next ${next}.`
}
