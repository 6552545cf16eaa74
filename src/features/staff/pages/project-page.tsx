import type { Draft } from '#features/editor/reads/drafts'
import type { Transition } from '#features/editor/reads/making'
import { hasLaunched, mayBeHidden, type ProjectStatus } from '#features/projects/rules'
import { formatWhole } from '#lib/money'
import { plural } from '#lib/text'
import { formatMoment, timeAgo } from '#lib/time'
import { FormAlert, Notice } from '#web/components/form'
import { Prose } from '#web/components/prose'
import { paths } from '#web/paths'
import { useSite } from '#web/site'
import { ActList, ActSentence } from '../parts/acts'
import { ReasonForm, type Typed } from '../parts/forms'
import { Part, StaffPage } from '../parts/frame'
import type { LoggedAct } from '../reads/log'
import type { findCreatorRecord } from '../reads/review'

export type CreatorRecord = Awaited<ReturnType<typeof findCreatorRecord>>

export interface StaffProject {
  draft: Draft
  record: CreatorRecord
  history: Transition[]
  acts: LoggedAct[]
  typed?: Typed | undefined
  /** What was just done. */
  done?: string | undefined
  /** Somebody else was quicker. */
  isLate?: boolean
}

export const statusNames: Record<ProjectStatus, string> = {
  draft: 'Draft',
  submitted: 'In review',
  rejected: 'Rejected',
  live: 'Live',
  successful: 'Successful',
  failed: 'Not funded',
  canceled: 'Canceled',
  suspended: 'Suspended',
}

const standing = ({ status, approvedAt, hiddenAt }: Draft) =>
  status === 'submitted' && approvedAt
    ? 'Approved, not launched yet'
    : statusNames[status] + (hiddenAt ? `, hidden since ${formatMoment(hiddenAt)}` : '')

/** A project as staff sees it: what it is, who makes it, what became of it, and what to do. */
export function StaffProjectPage(props: StaffProject) {
  const { draft, acts } = props
  const [latest] = acts
  return (
    <StaffPage
      title={draft.title || 'Untitled'}
      current="review"
      lead={
        <>
          {standing(draft)} · by{' '}
          <a href={paths.staffPerson({ id: draft.creatorId })}>{draft.creatorName}</a>
        </>
      }
    >
      {props.isLate && (
        <FormAlert>
          That can no longer be done: something has become of this project meanwhile.{' '}
          {latest && (
            <>
              The last act of staff: <ActSentence act={latest} />.
            </>
          )}
        </FormAlert>
      )}
      {props.done && <Notice>{props.done}</Notice>}
      <Decision {...props} />
      <Written draft={draft} />
      <Part id="record" title="The creator’s record">
        <CreatorRecordText record={props.record} />
      </Part>
      <HistoryPart history={props.history} />
      <Part id="acts" title="What staff did">
        <ActList acts={acts} empty="Nothing yet." />
      </Part>
    </StaffPage>
  )
}

function Decision({ draft, history, typed }: StaffProject) {
  const { id, status } = draft
  const act = (name: string) => `${paths.staffProject(draft)}/${name}`
  if (status === 'submitted') {
    const hidden = { seen: history[0]?.number ?? 0 }
    const form = { hidden, typed }
    return (
      <Part id="decide" title="Decide">
        <p>
          <a className="button button-quiet" href={paths.preview({ id })}>
            See it as it will look
          </a>
        </p>
        {!draft.approvedAt && (
          <form method="post" action={act('approve')}>
            <input type="hidden" name="seen" value={hidden.seen} />
            <button className="button" type="submit">
              Approve
            </button>
          </form>
        )}
        <div className="acts">
          <ReasonForm
            {...form}
            action={act('send-back')}
            label="Send it back"
            field="What should be changed"
            hint="The creator reads this, changes the project and may submit it again."
          />
          <ReasonForm
            {...form}
            action={act('reject')}
            label="Reject it"
            field="Why"
            hint="The creator reads this. A rejected project cannot be submitted again."
          />
        </div>
      </Part>
    )
  }
  return (
    <Part id="decide" title="What can be done">
      {hasLaunched(status) && (
        <p>
          <a href={draft.hiddenAt ? paths.preview({ id }) : paths.project(draft)}>Its page</a> ·{' '}
          <a href={paths.staff('books', { project: id })}>Its books</a>
        </p>
      )}
      {status === 'live' ? (
        <>
          <form method="post" action={act(draft.featuredAt ? 'unpick' : 'pick')}>
            <button className="button button-quiet" type="submit">
              {draft.featuredAt ? 'Take it from the staff picks' : 'Make it a staff pick'}
            </button>
          </form>
          <div className="acts">
            <ReasonForm
              action={act('suspend')}
              label="Suspend it"
              field="Why"
              hint="This is final: it takes no more pledges and nobody is charged. The creator reads this."
              typed={typed}
            />
          </div>
        </>
      ) : mayBeHidden(status) ? (
        <Hiding draft={draft} typed={typed} />
      ) : (
        <p>Where it stands now, there is nothing for staff to decide.</p>
      )}
    </Part>
  )
}

function Hiding({ draft, typed }: Pick<StaffProject, 'draft' | 'typed'>) {
  const { name, ...said } = draft.hiddenAt
    ? { name: 'show', label: 'Show it again', hint: 'The creator reads this.' }
    : {
        ...{ name: 'hide', label: 'Hide it' },
        hint: 'Readers do not find it then; backers keep the pages of their pledges. The creator reads this.',
      }
  return (
    <div className="acts">
      <ReasonForm
        {...said}
        action={`${paths.staffProject(draft)}/${name}`}
        field="Why"
        typed={typed}
      />
    </div>
  )
}

/** What the creator wrote, in full. */
function Written({ draft }: { draft: Draft }) {
  const days = draft.durationDays
  const end = draft.endsAt ?? draft.plannedEnd
  return (
    <Part id="written" title="What the creator wrote">
      <dl className="facts">
        <dt>In a line</dt>
        <dd dir="auto">{draft.description || '—'}</dd>
        <dt>Category</dt>
        <dd>{draft.subcategoryName}</dd>
        <dt>Goal</dt>
        <dd>
          {formatWhole(draft.goal, draft.currency)},{' '}
          {draft.allOrNothing ? 'all or nothing' : 'flexible'}
        </dd>
        <dt>Runs</dt>
        <dd>{days ? `for ${plural(days, 'day')}` : end ? `until ${formatMoment(end)}` : '—'}</dd>
        <dt>Rewards</dt>
        <dd>{plural(draft.rewardsCount, 'reward')}</dd>
      </dl>
      <h3>Story</h3>
      {draft.story ? <Prose text={draft.story} /> : <p>None.</p>}
      <h3>Risks and challenges</h3>
      {draft.risks ? <Prose text={draft.risks} /> : <p>None.</p>}
    </Part>
  )
}

/** How what a creator made went so far. */
export function CreatorRecordText({ record }: { record: CreatorRecord }) {
  const made = Object.values(record.outcomes).reduce((sum, count) => sum + count, 0)
  const outcomes = Object.entries(record.outcomes)
    .map(([status, count]) => `${count} ${statusNames[status as ProjectStatus].toLowerCase()}`)
    .join(', ')
  return (
    <p>
      {plural(made, 'project')}
      {outcomes && `: ${outcomes}`}. {plural(record.reports, 'report')} about them and their
      projects.
    </p>
  )
}

function move({ from, to }: Transition): string {
  if (from === null) return statusNames[to]
  return from === to ? 'Approved' : `${statusNames[from]} → ${statusNames[to]}`
}

function HistoryPart({ history }: { history: Transition[] }) {
  const { now } = useSite()
  return (
    <Part id="history" title="History">
      {history.length === 0 && <p className="staff-lead">Nothing is written down.</p>}
      <ol className="lines">
        {history.map((line) => (
          <li key={line.number}>
            <p>
              {move(line)}
              {`, by ${line.actorName ?? 'the clock'} `}
              <time dateTime={line.at.toISOString()} title={formatMoment(line.at)}>
                {timeAgo(line.at, now)}
              </time>
            </p>
            {line.reason && (
              <p className="line-reason" dir="auto">
                {line.reason}
              </p>
            )}
          </li>
        ))}
      </ol>
    </Part>
  )
}
