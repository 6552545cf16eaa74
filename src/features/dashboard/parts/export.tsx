import { paths } from '#web/paths'

/** Files for a spreadsheet, and the way to the backers. */
export function ExportSection({ project }: { project: { id: number } }) {
  return (
    <section aria-labelledby="export">
      <h2 id="export">Take it with you</h2>
      <p>
        As files for a spreadsheet (CSV):{' '}
        <a href={paths.dashboardFile(project, { what: 'days' })}>day by day</a>,{' '}
        <a href={paths.dashboardFile(project, { what: 'sources' })}>visits by source</a> or{' '}
        <a href={paths.dashboardFile(project, { what: 'rewards' })}>rewards</a>. The{' '}
        <a href={paths.backers(project)}>backers</a> have a page of their own, with a file too.
      </p>
    </section>
  )
}
