import { mayBeHidden } from '#features/projects/rules'
import { excerpt } from '#lib/text'
import { formatMoment, timeAgo } from '#lib/time'
import { EmptyState } from '#web/components/empty-state'
import { FormAlert, Notice } from '#web/components/form'
import { Pager } from '#web/components/pager'
import { paths } from '#web/paths'
import { useSite } from '#web/site'
import { ReasonForm, type Typed } from '../parts/forms'
import { Part, Quote, StaffPage } from '../parts/frame'
import { RestrictionForm } from '../parts/restriction-form'
import { kindName, pathOf } from '../parts/things'
import type { listOpenReports, Report } from '../reads/reports'
import type { Thing } from '../reads/things'
import { type ReportReason, reportReasons } from '../rules'

const excerptWords = 30

const reasonText = (reason: string) => reportReasons[reason as ReportReason] ?? reason

/** Reports nobody has answered, the oldest first. */
export function ReportsPage(
  props: Awaited<ReturnType<typeof listOpenReports>> & { isFirstPage: boolean },
) {
  const { reports, next, isFirstPage } = props
  const { now } = useSite()
  return (
    <StaffPage title="Reports" current="reports">
      {reports.length === 0 && (
        <EmptyState title={isFirstPage ? 'No report waits for an answer.' : 'That is all.'} />
      )}
      <ol className="lines">
        {reports.map((report) => (
          <li key={report.id}>
            <p className="line-title">
              <a href={paths.staffReport(report.id)}>
                {kindName(report)}: {reasonText(report.reason)}
              </a>
            </p>
            <p dir="auto">{excerpt(report.excerpt, excerptWords)}</p>
            <p className="line-reason">
              {report.projectTitle && `On ${report.projectTitle}. `}
              Reported by {report.reporterName} {timeAgo(report.createdAt, now)}
            </p>
          </li>
        ))}
      </ol>
      <Pager
        label="Pages of reports"
        next={next === null ? null : paths.staff('reports', { after: next })}
        first={isFirstPage ? null : paths.staff('reports')}
      />
    </StaffPage>
  )
}

export interface StaffReport {
  report: Report
  /** As it is now; nothing when it is gone. */
  thing: Thing | undefined
  others: Report[]
  typed?: Typed | undefined
  done?: string | undefined
  isLate?: boolean
}

/** One report: what it is about, what others say, and what to do. */
export function ReportPage(props: StaffReport) {
  const { report, thing, others } = props
  const { now } = useSite()
  return (
    <StaffPage title={`Report ${report.id}`} current="reports" lead={<Lead report={report} />}>
      {props.isLate && (
        <FormAlert>That can no longer be done: somebody of staff was quicker.</FormAlert>
      )}
      {props.done && <Notice>{props.done}</Notice>}
      <Part id="said" title={`What ${report.reporterName} says`}>
        <p>
          <strong>{reasonText(report.reason)}</strong>{' '}
          <time dateTime={report.createdAt.toISOString()} title={formatMoment(report.createdAt)}>
            {timeAgo(report.createdAt, now)}
          </time>
        </p>
        {report.details && <Quote text={report.details} />}
      </Part>
      <Reported report={report} thing={thing} />
      {others.length > 0 && (
        <Part id="others" title="Other reports about the same">
          <ul className="lines">
            {others.map((other) => (
              <li key={other.id}>
                <p>
                  <a href={paths.staffReport(other.id)}>{reasonText(other.reason)}</a>, by{' '}
                  {other.reporterName} {timeAgo(other.createdAt, now)}
                  {other.outcome && ` (${outcomes[other.outcome]})`}
                </p>
                {other.details && (
                  <p className="line-reason" dir="auto">
                    {other.details}
                  </p>
                )}
              </li>
            ))}
          </ul>
        </Part>
      )}
      <Answer {...props} />
    </StaffPage>
  )
}

const outcomes = { acted: 'something was done', dismissed: 'dismissed' }

function Lead({ report }: { report: Report }) {
  const { resolvedAt, resolverName, outcome } = report
  if (!resolvedAt || !outcome) return <>Waits for an answer.</>
  return (
    <>
      Answered by {resolverName} on {formatMoment(resolvedAt)}: {outcomes[outcome]}.
    </>
  )
}

function Reported({ report, thing }: Pick<StaffReport, 'report' | 'thing'>) {
  const path = thing && pathOf(thing)
  const isChanged = thing !== undefined && !thing.text.trim().startsWith(report.excerpt)
  return (
    <Part id="thing" title={kindName(report)}>
      <p>
        {thing ? (
          <>
            By <a href={paths.staffPerson(thing.author)}>{thing.author.name}</a>
          </>
        ) : (
          'It is no longer there.'
        )}
        {report.aboutProject !== null && (
          <>
            {' on '}
            <a href={paths.staffProject({ id: report.aboutProject })}>{report.projectTitle}</a>
          </>
        )}
        {path && (
          <>
            {' · '}
            <a href={path}>See it in its place</a>
          </>
        )}
      </p>
      {thing?.hiddenAt && <p className="badge">Hidden since {formatMoment(thing.hiddenAt)}</p>}
      {thing?.before.map(({ author, text }, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: what was said before does not move
        <div key={index} className="said-before">
          <p className="line-reason">{author}</p>
          <Quote text={text} />
        </div>
      ))}
      <p className="line-reason">As it was when it was reported</p>
      <Quote text={report.excerpt} />
      {isChanged && (
        <>
          <p className="line-reason">As it is now</p>
          <Quote text={thing.text} />
        </>
      )}
    </Part>
  )
}

const canBeHidden = ({ status, hiddenAt }: NonNullable<Thing['project']>) =>
  mayBeHidden(status) && hiddenAt === null

function Answer({ report, thing, typed }: StaffReport) {
  const act = (name: string) => `${paths.staffReport(report.id)}/${name}`
  const canHide = thing && (report.kind === 'comment' || report.kind === 'update')
  const name = kindName(report).toLowerCase()
  if (report.outcome) {
    if (!canHide || !thing.hiddenAt) return null
    return (
      <Part id="answer" title="What can be done">
        <ReasonForm
          action={act('show')}
          label={`Show the ${name} again`}
          field="Why"
          typed={typed}
        />
      </Part>
    )
  }
  return (
    <Part id="answer" title="Answer it">
      <p className="staff-lead">This answers all open reports about the same.</p>
      <div className="acts">
        {canHide && !thing.hiddenAt && (
          <ReasonForm
            action={act('hide')}
            label={`Hide the ${name}`}
            field="Why"
            hint="Whoever wrote it reads this."
            typed={typed}
          />
        )}
        {thing && <RestrictionForm person={thing.author} about={report.id} typed={typed} />}
        <ReasonForm
          action={act('dismiss')}
          label="Dismiss it"
          field="Why nothing has to be done"
          hint="For our log alone."
          typed={typed}
        />
      </div>
      {report.kind === 'project' && thing?.project?.status === 'live' && (
        <p>
          <a href={`${paths.staffProject(thing.project)}#decide`}>Suspend the project</a>
        </p>
      )}
      {report.kind === 'project' && thing?.project && canBeHidden(thing.project) && (
        <p>
          <a href={`${paths.staffProject(thing.project)}#decide`}>Hide the project</a>
        </p>
      )}
    </Part>
  )
}
