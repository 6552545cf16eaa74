import { pledgeStatuses } from '#db/schema/backing'
import type { FormErrors } from '#http/forms'
import { formatMoney } from '#lib/money'
import { formatCount, plural } from '#lib/text'
import { formatDate } from '#lib/time'
import { EmptyState } from '#web/components/empty-state'
import { FormAlert, Notice, SelectField } from '#web/components/form'
import { Pager } from '#web/components/pager'
import { Document } from '#web/document'
import { paths } from '#web/paths'
import { TaskList } from '../parts/progress'
import type { Report, ReportRow } from '../reads/backers'
import type { Progress } from '../reads/tasks'
import {
  type BackersFilter,
  fulfilmentNames,
  givenStatuses,
  walkedPledgesMax,
} from '../rules/backers'

interface Props {
  project: { id: number; title: string }
  /** May say what was sent, and knows who everybody is. */
  isDelivering: boolean
  filter: BackersFilter
  report: Report
  rewards: readonly { id: number; name: string }[]
  currency: string
  tasks: readonly Progress[]
  /** How many have just been marked. */
  marked: number | undefined
  isFirstPage: boolean
  errors: FormErrors | undefined
}

/** Everybody who has backed a project, and how far what is sent to them is. */
export function BackersPage(props: Props) {
  const { project, filter, report, isFirstPage, isDelivering, errors, marked } = props
  const isFiltered = Object.values(filter).some((value) => value !== undefined)
  return (
    <Document title={`Backers · ${project.title}`} hidden scripted>
      <div className="backers">
        <header>
          <h1>Backers</h1>
          <p>
            Of <a href={paths.project(project)}>{project.title}</a>
            {isDelivering && (
              <>
                {' '}
                · <a href={paths.surveyAct(project, 'edit')}>Survey</a>
              </>
            )}{' '}
            · <a href={paths.dashboard(project)}>Dashboard</a>
          </p>
        </header>
        {marked !== undefined && <Notice>{plural(marked, 'backer')} marked.</Notice>}
        {marked === undefined && <TaskList tasks={props.tasks} kind="mark" />}
        {errors && <FormAlert>{Object.values(errors)[0]}</FormAlert>}
        <Filters {...props} />
        <Sums {...props} />
        {report.page.length === 0 ? (
          <EmptyState title={emptyTitle(isFiltered, isFirstPage, report.next !== null)} />
        ) : (
          <BackerList {...props} />
        )}
        <Pager
          label="Pages of backers"
          next={
            report.next === null ? null : paths.backers(project, { ...filter, after: report.next })
          }
          first={isFirstPage ? null : paths.backers(project, { ...filter })}
        />
      </div>
    </Document>
  )
}

function emptyTitle(isFiltered: boolean, isFirstPage: boolean, hasMore: boolean): string {
  if (hasMore) return 'None among these. There is more to look through.'
  if (!isFirstPage) return 'That is all.'
  return isFiltered ? 'Nobody fits all of this.' : 'Nobody has backed it yet.'
}

function Filters({ project, filter, rewards }: Props) {
  const { reward, status, country, answered, fulfilment } = filter
  return (
    <form className="form backers-filter" action={paths.backers(project)}>
      <SelectField name="reward" label="Reward" defaultValue={reward}>
        <option value="">All</option>
        <option value="none">Without a reward</option>
        {rewards.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
      <SelectField name="status" label="Pledge" defaultValue={status}>
        <option value="">All</option>
        {pledgeStatuses.map((each) => (
          <option key={each}>{each}</option>
        ))}
      </SelectField>
      <div className="field">
        <label htmlFor="backers-country">Country</label>
        <input id="backers-country" name="country" maxLength={80} defaultValue={country} />
      </div>
      <SelectField name="answered" label="Survey" defaultValue={answered}>
        <option value="">All</option>
        <option value="yes">Answered</option>
        <option value="no">Not answered</option>
      </SelectField>
      <SelectField name="fulfilment" label="Fulfilment" defaultValue={fulfilment}>
        <option value="">All</option>
        {Object.entries(fulfilmentNames).map(([value, name]) => (
          <option key={value} value={value}>
            {name}
          </option>
        ))}
      </SelectField>
      <button className="button button-quiet" type="submit">
        Show
      </button>
    </form>
  )
}

function Sums({ project, filter, report, currency, isFirstPage }: Props) {
  const { found, sum, isWhole } = report
  const among = isWhole ? '' : ` among ${formatCount(walkedPledgesMax)}`
  return (
    <p className="backers-sums">
      <strong>{plural(found, 'backer')}</strong> with {formatMoney(sum, currency)}
      {among}
      {(!isWhole || !isFirstPage) && ' from here on'} ·{' '}
      <a href={paths.backersFile(project, { ...filter })}>As a file (CSV)</a>
    </p>
  )
}

function BackerList(props: Props) {
  const { project, report, filter, isDelivering } = props
  const list = (
    <ul className="backer-rows">
      {report.page.map((row) => (
        <BackerRow key={row.id} row={row} {...props} />
      ))}
    </ul>
  )
  if (!isDelivering) return list
  return (
    <form method="post" action={paths.backers(project)} className="backers-marking">
      {Object.entries(filter).map(
        ([name, value]) =>
          value !== undefined && <input key={name} type="hidden" name={name} value={value} />,
      )}
      {list}
      <fieldset className="backers-mark">
        <legend>What is sent to them</legend>
        <label className="choice">
          <input type="checkbox" name="all" />
          <span>All whom this filter finds, on every page</span>
        </label>
        <div className="backers-mark-as">
          <div className="field">
            <select name="mark" aria-label="Mark as" defaultValue="">
              <option value="" disabled>
                Mark as …
              </option>
              {givenStatuses.map((status) => (
                <option key={status} value={status}>
                  {fulfilmentNames[status]}
                </option>
              ))}
            </select>
          </div>
          <button className="button" type="submit">
            Mark them
          </button>
        </div>
        <p className="field-hint">
          Only those who have paid are marked; whoever has said “Got it!” stays as they are.
        </p>
      </fieldset>
    </form>
  )
}

function BackerRow({ row, project, currency, isDelivering }: Props & { row: ReportRow }) {
  const name = row.anonymous && !isDelivering ? 'Anonymous' : row.name
  return (
    <li>
      {isDelivering && (
        <input type="checkbox" name={`pledge-${row.id}`} aria-label={`Tick ${name}`} />
      )}
      <div className="backer-who">
        {isDelivering ? <a href={paths.backer(project, row.id)}>{name}</a> : name}
        <span>
          {row.country && `${row.country} · `}
          {formatDate(row.createdAt)}
        </span>
      </div>
      <div className="backer-what">
        {row.reward ?? 'Without a reward'}
        {row.addOns && <span>{row.addOns}</span>}
      </div>
      <div className="backer-sum">
        {formatMoney(row.amount, currency)}
        <span>{row.status}</span>
      </div>
      <div className="backer-state">
        {fulfilmentNames[row.fulfilment]}
        <span>{row.answeredAt ? 'Answered' : 'No answer'}</span>
      </div>
    </li>
  )
}
