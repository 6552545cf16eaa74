import type { ReactNode } from 'react'
import type { FormErrors, FormValues } from '#http/forms'
import { plural } from '#lib/text'
import { formatMoment, plainMoment } from '#lib/time'
import { Choice, Field, FieldGroup, TextField } from '#web/components/form'
import { paths } from '#web/paths'
import { useSite } from '#web/site'
import { EditorPage, partNames } from '../parts/frame'
import type { Draft } from '../reads/drafts'
import type { Transition } from '../reads/making'
import { missingToLaunch } from '../rules'
import { reasonCharactersMax } from '../rules/forms'

export interface Launch {
  draft: Draft
  isCreator: boolean
  /** What has become of it last. */
  latest: Transition | undefined
  values?: FormValues | undefined
  errors?: FormErrors | undefined
  problem?: string | undefined
  done?: string | undefined
}

/** Everything that is done to a project as a whole, as far as its state allows. */
export function LaunchPage(launch: Launch) {
  const { draft, isCreator, latest, problem, done } = launch
  const { status, approvedAt } = draft
  return (
    <EditorPage draft={draft} part="launch" done={done} problem={problem}>
      {latest?.reason && latest.from === 'submitted' && !approvedAt && (
        <p className="form-notice">
          <strong>
            {latest.actorName ?? 'Our staff'}, {formatMoment(latest.at)}:
          </strong>{' '}
          {latest.reason}
        </p>
      )}
      {!isCreator && (
        <p className="form-notice">
          {`Only ${draft.creatorName} may submit, launch, cancel or delete this project.`}
        </p>
      )}
      {status === 'draft' && <Submit {...launch} />}
      {status === 'submitted' && !approvedAt && <InReview {...launch} />}
      {status === 'submitted' && approvedAt && <Approved {...launch} />}
      {(status === 'draft' || status === 'submitted') && <Share draft={draft} />}
      {status === 'live' && !draft.isOver && isCreator && <Running draft={draft} />}
      {status === 'live' && isCreator && <Cancel {...launch} />}
      {status === 'draft' && isCreator && <Delete {...launch} />}
      <p>
        <a href={paths.history(draft)}>What has become of this project so far</a>
      </p>
    </EditorPage>
  )
}

function Part({ id, title, children }: { id: string; title: string; children: ReactNode }) {
  return (
    <section className="editor-act" aria-labelledby={id}>
      <h3 id={id}>{title}</h3>
      {children}
    </section>
  )
}

function Submit({ draft, isCreator, errors = {} }: Launch) {
  const { now } = useSite()
  const missing = missingToLaunch(draft, now)
  if (missing.length > 0) {
    return (
      <Part id="missing" title={`${plural(missing.length, 'thing')} still missing`}>
        <ul className="editor-missing">
          {missing.map(({ part, field, sentence }) => (
            <li key={field}>
              <a href={`${paths.edit(draft, part)}#${field}`}>{sentence}</a>
              <span> in {partNames[part]}</span>
            </li>
          ))}
        </ul>
        <p>When all of it is there, you can hand it in.</p>
      </Part>
    )
  }
  return (
    <Part id="submit" title="Everything is there">
      <p>
        Our staff looks at every project before it launches. In the meantime it cannot be changed;
        you can take it back at any time. Nothing launches until you say so.
      </p>
      {isCreator && (
        <form className="form" method="post" action={paths.projectAct(draft, 'submit')}>
          {draft.rewardsCount === 0 && (
            <FieldGroup label="Rewards" error={errors['withoutRewards']}>
              <Choice
                name="withoutRewards"
                value="yes"
                label="I offer no rewards"
                hint="People can only support it without getting anything."
              />
              <p>
                Or <a href={paths.edit(draft, 'rewards')}>offer one</a>.
              </p>
            </FieldGroup>
          )}
          <button className="button" type="submit">
            Submit for review
          </button>
        </form>
      )}
    </Part>
  )
}

const Withdraw = ({ draft }: { draft: Draft }) => (
  <form method="post" action={paths.projectAct(draft, 'withdraw')}>
    <button className="button button-quiet" type="submit">
      Take it back to change it
    </button>
  </form>
)

function InReview({ draft, isCreator }: Launch) {
  return (
    <Part id="review" title="In review">
      <p>Our staff is looking at it. You will hear from us, here and by mail.</p>
      {isCreator && <Withdraw draft={draft} />}
    </Part>
  )
}

function Approved({ draft, isCreator, values = {}, errors = {} }: Launch) {
  const { launchAt } = draft
  const action = paths.projectAct(draft, 'launch')
  return (
    <Part id="approved" title="Approved">
      <p>
        {launchAt ? (
          <>
            It launches by itself on <strong>{formatMoment(launchAt)}</strong>.
          </>
        ) : (
          'It can launch. From then on everybody sees it, and goal, end, mode and currency stay.'
        )}
      </p>
      {isCreator && (
        <>
          <form method="post" action={action}>
            <input type="hidden" name="when" value="now" />
            <button className="button button-large" type="submit">
              Launch now
            </button>
          </form>
          <form className="form" method="post" action={action}>
            <input type="hidden" name="when" value="later" />
            <Field
              name="at"
              label={launchAt ? 'Launch at another moment' : 'Or launch by itself at'}
              hint="The time is UTC, which is what this site shows everywhere."
              type="datetime-local"
              required
              defaultValue={values['at'] ?? (launchAt ? plainMoment(launchAt) : undefined)}
              error={errors['at']}
            />
            <button className="button button-quiet" type="submit">
              Set this moment
            </button>
          </form>
          {launchAt && (
            <form method="post" action={action}>
              <input type="hidden" name="when" value="never" />
              <button className="button button-quiet" type="submit">
                Do not launch by itself
              </button>
            </form>
          )}
          <Withdraw draft={draft} />
        </>
      )}
    </Part>
  )
}

function Share({ draft }: { draft: Draft }) {
  const { baseUrl } = useSite()
  const { previewKey } = draft
  const button = (share: 'yes' | 'no', label: string) => (
    <form method="post" action={paths.sharePreview(draft)}>
      <input type="hidden" name="share" value={share} />
      <button className="button button-quiet" type="submit">
        {label}
      </button>
    </form>
  )
  return (
    <Part id="share" title="Show it to others before">
      {previewKey ? (
        <>
          <p>Whoever has this link sees the preview, without an account:</p>
          <p className="field">
            <input
              readOnly
              aria-label="Link to the preview"
              value={baseUrl + paths.preview(draft, { key: previewKey })}
            />
          </p>
          <div className="editor-acts">
            {button('yes', 'Make a new link')}
            {button('no', 'Take the link back')}
          </div>
          <p className="field-hint">With a new link the old one stops working.</p>
        </>
      ) : (
        <>
          <p>Make a link that opens the preview to whoever has it.</p>
          {button('yes', 'Make a link')}
        </>
      )}
    </Part>
  )
}

function Running({ draft }: { draft: Draft }) {
  const { endsAt } = draft
  return (
    <Part id="running" title="What happens now">
      <p>
        {`People can back it${endsAt ? ` until ${formatMoment(endsAt)}` : ''}. `}
        Tell those who know you: most projects are carried by their first days.
      </p>
      <ul className="editor-missing">
        <li>
          <a href={paths.project(draft)}>See its page</a>, and send its address around
        </li>
        <li>
          <a href={paths.updateDraft(draft, 'new')}>Post an update</a> when there is something to
          tell
        </li>
        <li>
          <a href={paths.projectMessages(draft)}>Answer questions</a> and{' '}
          <a href={paths.projectTab(draft, 'comments')}>comments</a>
        </li>
        <li>
          <a href={paths.dashboard(draft)}>Look at the dashboard</a>: who visits, saves and backs it
        </li>
      </ul>
    </Part>
  )
}

function Cancel({ draft, values = {}, errors = {} }: Launch) {
  return (
    <Part id="cancel" title="Cancel the project">
      <p>
        Nobody will be charged, and all who pledged are told. The page stays, with your reason in
        its history. This cannot be undone.
      </p>
      <form className="form" method="post" action={paths.projectAct(draft, 'cancel')}>
        <TextField
          name="reason"
          label="Why?"
          required
          rows={4}
          maxLength={reasonCharactersMax}
          defaultValue={values['reason']}
          error={errors['reason']}
        />
        <Sure label="I am sure that I want to cancel it" error={errors['sure']} />
        <button className="button button-quiet" type="submit">
          Cancel the project
        </button>
      </form>
    </Part>
  )
}

function Delete({ draft, errors = {} }: Launch) {
  return (
    <Part id="delete" title="Delete the draft">
      <p>All that is in it is gone then, for you and for those who help you.</p>
      <form className="form" method="post" action={paths.projectAct(draft, 'delete')}>
        <Sure label="I am sure that I want to delete it" error={errors['sure']} />
        <button className="button button-quiet" type="submit">
          Delete the draft
        </button>
      </form>
    </Part>
  )
}

const Sure = ({ label, error }: { label: string; error: string | undefined }) => (
  <FieldGroup label="Sure?" error={error}>
    <Choice name="sure" value="yes" label={label} required />
  </FieldGroup>
)
