import { Figures } from '#features/ledger/parts'
import type { Books } from '#features/ledger/rules/books'
import { ProjectFrame } from '#features/projects/parts/frame'
import { formatMoment } from '#lib/time'
import { paths } from '#web/paths'
import { useSite } from '#web/site'
import type { MoneyProject } from '../reads/money'
import { type Moment, momentsAhead } from '../rules/dates'

const names: Record<Moment, string> = {
  end: 'Go to its end',
  reminder: 'Go to the next reminder',
  lastTry: 'Go to the last try, seven days after the end',
  payout: 'Go to the payout',
}

/** In a demo: lets time pass for one project, and shows what comes of it. */
export function ClockPage({ project, books }: { project: MoneyProject; books: Books }) {
  const { now } = useSite()
  const ahead = momentsAhead(project, now)
  const dates: [string, Date | null][] = [
    [project.status === 'live' ? 'Ends' : 'Ended', project.endsAt],
    ['Last try', project.retriesEndAt],
    ['Payout', project.payoutDueAt],
    ['Late pledges until', project.lateUntil],
  ]
  return (
    <ProjectFrame
      {...{ project, title: 'Its clock', className: 'money' }}
      lead={
        <p className="money-lead">
          Only in a demo: the dates of this one project move, and what is due is done a moment
          later. It cannot be moved back. Mails are in the <a href={paths.outbox()}>outbox</a>.
        </p>
      }
    >
      <p>
        It is <strong>{project.status}</strong>.{' '}
        {dates.map(([name, at]) => at && `${name} ${formatMoment(at)}. `)}
      </p>
      {ahead.length === 0 && <p>There is nothing more to wait for.</p>}
      <div className="money-ways">
        {ahead.map((moment) => (
          <form key={moment} method="post" action={paths.clock(project)}>
            <button className="button" type="submit" name="moment" value={moment}>
              {names[moment]}
            </button>
          </form>
        ))}
        <a className="button button-quiet" href={paths.clock(project)}>
          Look again
        </a>
        <a className="button button-quiet" href={paths.money(project)}>
          Its money
        </a>
      </div>
      <Figures
        books={books}
        currency={project.currency}
        isSuccess={project.status === 'successful'}
      />
    </ProjectFrame>
  )
}
