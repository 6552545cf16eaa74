import { Figures } from '#features/ledger/parts'
import type { Books } from '#features/ledger/rules/books'

/** What came of the pledges of a project that was successful, for everybody. */
export function Money(props: { books: Books; currency: string }) {
  return (
    <section aria-labelledby="money" className="project-money">
      <h2 id="money">What came of the pledges</h2>
      <p>
        What was pledged stays as it was at the end. Every figure is the sum of lines in the books
        of this project, of which none can be changed.
      </p>
      <Figures {...props} isSuccess />
    </section>
  )
}
