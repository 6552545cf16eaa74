import { Fragment, type ReactNode } from 'react'
import { formatMoment, timeAgo } from '#lib/time'
import { paths } from '#web/paths'
import { useSite } from '#web/site'
import type { LoggedAct } from '../reads/log'
import { type Act, acts } from '../rules'

/** Who did what, as one sentence. */
export function ActSentence({ act }: { act: LoggedAct }) {
  const { aboutProject, aboutPerson, subject } = act
  const values: Record<string, ReactNode> = {
    project: aboutProject !== null && (
      <a href={paths.staffProject({ id: aboutProject })}>
        {act.projectTitle || `project ${aboutProject}`}
      </a>
    ),
    person:
      aboutPerson === null ? (
        'somebody'
      ) : (
        <a href={paths.staffPerson({ id: aboutPerson })}>{act.personName}</a>
      ),
    report: subject !== null && <a href={paths.staffReport(subject)}>report {subject}</a>,
    subject,
  }
  const words = acts[act.act as Act].split(/[{}]/)
  return (
    <>
      <a href={paths.staffPerson({ id: act.staffId })}>{act.staffName}</a>{' '}
      {words.map((word, index) => (
        <Fragment key={word}>{index % 2 === 0 ? word : values[word]}</Fragment>
      ))}
    </>
  )
}

/** Lines of the log. */
export function ActList({ acts, empty }: { acts: LoggedAct[]; empty: string }) {
  const { now } = useSite()
  if (acts.length === 0) return <p className="staff-lead">{empty}</p>
  return (
    <ol className="lines">
      {acts.map((act) => (
        <li key={act.id}>
          <p>
            <ActSentence act={act} />{' '}
            <time dateTime={act.createdAt.toISOString()} title={formatMoment(act.createdAt)}>
              {timeAgo(act.createdAt, now)}
            </time>
          </p>
          {act.reason && (
            <p className="line-reason" dir="auto">
              {act.reason}
            </p>
          )}
        </li>
      ))}
    </ol>
  )
}
