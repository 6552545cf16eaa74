import { plural } from '#lib/text'
import { timeAgo } from '#lib/time'
import { EmptyState } from '#web/components/empty-state'
import { Field } from '#web/components/form'
import { Pager } from '#web/components/pager'
import { paths } from '#web/paths'
import { useSite } from '#web/site'
import { ActList } from '../parts/acts'
import { StaffPage } from '../parts/frame'
import type { LoggedAct, LogScope } from '../reads/log'
import { type listSubmissions, waitingMax } from '../reads/review'

const upToMax = (count: number, one: string) =>
  count > waitingMax ? `More than ${waitingMax} ${one}s` : plural(count, one)

/** What waits for staff. */
export function WaitingPage(props: { submissions: number; reports: number; acts: LoggedAct[] }) {
  const { submissions, reports } = props
  return (
    <StaffPage title="Waiting" current="waiting">
      <ul className="waiting">
        <li>
          <a href={paths.staff('review')}>{upToMax(submissions, 'project')}</a> to review
        </li>
        <li>
          <a href={paths.staff('reports')}>{upToMax(reports, 'report')}</a> to answer
        </li>
      </ul>
      <section className="staff-part" aria-labelledby="latest">
        <h2 id="latest">Done last</h2>
        <ActList acts={props.acts} empty="Nothing has been done yet." />
        <p>
          <a href={paths.staff('log')}>The whole log</a>
        </p>
      </section>
    </StaffPage>
  )
}

type Submissions = Awaited<ReturnType<typeof listSubmissions>>

/** Projects in review, the oldest first. */
export function ReviewPage(props: Submissions & { isFirstPage: boolean }) {
  const { submissions, next, isFirstPage } = props
  const { now } = useSite()
  return (
    <StaffPage title="Projects to review" current="review">
      {submissions.length === 0 && next === null && (
        <EmptyState title={isFirstPage ? 'No project waits for a review.' : 'That is all.'} />
      )}
      <ol className="lines">
        {submissions.map(({ id, title, creatorName, submittedAt }) => (
          <li key={id}>
            <p className="line-title">
              <a href={paths.staffProject({ id })} dir="auto">
                {title}
              </a>
            </p>
            <p className="line-reason">
              by {creatorName}
              {submittedAt && `, submitted ${timeAgo(submittedAt, now)}`}
            </p>
          </li>
        ))}
      </ol>
      <Pager
        label="Pages of the queue"
        next={next === null ? null : paths.staff('review', { after: next })}
        first={isFirstPage ? null : paths.staff('review')}
      />
    </StaffPage>
  )
}

/** Everything staff has done, or what was about one project or person. */
export function LogPage(props: {
  scope: LogScope
  acts: LoggedAct[]
  next: number | null
  isFirstPage: boolean
}) {
  const { scope, acts, next, isFirstPage } = props
  const first = paths.staff('log', { ...scope })
  const isFiltered = scope.project !== undefined || scope.person !== undefined
  return (
    <StaffPage
      title="Log"
      current="log"
      lead="Everything staff has done, the latest first. Nothing here can be changed."
    >
      <form className="log-filter" action={paths.staff('log')}>
        <Field
          name="project"
          label="Number of a project"
          inputMode="numeric"
          pattern="[1-9][0-9]{0,14}"
          defaultValue={scope.project}
        />
        <Field
          name="person"
          label="Number of a person"
          inputMode="numeric"
          pattern="[1-9][0-9]{0,14}"
          defaultValue={scope.person}
        />
        <button className="button button-quiet" type="submit">
          Show
        </button>
        {isFiltered && <a href={paths.staff('log')}>Show everything</a>}
      </form>
      {acts.length === 0 ? (
        <EmptyState
          title={
            isFiltered
              ? 'Nothing was done about this.'
              : isFirstPage
                ? 'Nothing has been done yet.'
                : 'That is all.'
          }
        />
      ) : (
        <ActList acts={acts} empty="" />
      )}
      <Pager
        label="Pages of the log"
        next={next === null ? null : paths.staff('log', { ...scope, after: next })}
        first={isFirstPage ? null : first}
      />
    </StaffPage>
  )
}
