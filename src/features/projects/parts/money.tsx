import { Figures } from '#features/ledger/parts'
import type { Books } from '#features/ledger/rules/books'
import type { Project } from '../reads/projects'

/** What came of the pledges of a project that was successful, for everybody. */
export function Money({ project, books }: { project: Project; books: Books }) {
  return (
    <section aria-labelledby="money" className="project-money">
      <h2 id="money">What came of the pledges</h2>
      <p>
        What was pledged stays as it was at the end
        {project.lateUntil && ', but for late pledges, which count among it'}. Every figure is the
        sum of lines in the books of this project, of which none can be changed.
      </p>
      <Figures books={books} currency={project.currency} isSuccess />
    </section>
  )
}
