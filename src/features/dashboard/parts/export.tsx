import { pledgeStatuses } from '#db/schema/backing'
import { paths } from '#web/paths'
import type { RewardSales } from '../reads/numbers'

/** Files for a spreadsheet; that of the backers may be narrowed. */
export function ExportSection(props: { project: { id: number }; rewards: readonly RewardSales[] }) {
  const { project, rewards } = props
  return (
    <section aria-labelledby="export">
      <h2 id="export">Take it with you</h2>
      <p>
        As files for a spreadsheet (CSV):{' '}
        <a href={paths.dashboardFile(project, { what: 'days' })}>day by day</a>,{' '}
        <a href={paths.dashboardFile(project, { what: 'sources' })}>visits by source</a>,{' '}
        <a href={paths.dashboardFile(project, { what: 'rewards' })}>rewards</a>, or the backers:
      </p>
      <form className="form dashboard-export" action={paths.dashboardFile(project)}>
        <input type="hidden" name="what" value="backers" />
        <div className="field">
          <label htmlFor="export-reward">Reward</label>
          <select id="export-reward" name="reward">
            <option value="">All</option>
            {rewards.map(({ id, name }) => (
              <option key={id} value={id}>
                {name}
              </option>
            ))}
          </select>
        </div>
        <div className="field">
          <label htmlFor="export-status">Pledge</label>
          <select id="export-status" name="status">
            <option value="">All</option>
            {pledgeStatuses.map((status) => (
              <option key={status}>{status}</option>
            ))}
          </select>
        </div>
        <button className="button button-quiet" type="submit">
          Backers as a file
        </button>
      </form>
    </section>
  )
}
