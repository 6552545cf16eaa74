import { Figures } from '#features/ledger/parts'
import type { findHead, listLines } from '#features/ledger/reads'
import type { Books } from '#features/ledger/rules/books'
import type { UnderWay } from '#features/settlement/reads/due'
import type { MoneyProject } from '#features/settlement/reads/money'
import { formatMoney } from '#lib/money'
import { formatMoment } from '#lib/time'
import { EmptyState } from '#web/components/empty-state'
import { Field, FormAlert, Notice } from '#web/components/form'
import { Pager } from '#web/components/pager'
import { paths } from '#web/paths'
import { Part, StaffPage } from '../parts/frame'

/** Projects that are being paid for, and the way to the books of any. */
export function UnderWayPage(props: { projects: UnderWay[]; typed?: number; problem?: string }) {
  const { projects, typed, problem } = props
  return (
    <StaffPage
      title="Books"
      current="books"
      lead="Every amount that moves is a line in the books of its project. Lines are only added."
    >
      <form className="log-filter" action={paths.staff('books')}>
        <Field
          name="project"
          label="Number of a project"
          inputMode="numeric"
          pattern="[1-9][0-9]{0,14}"
          required
          defaultValue={typed}
          error={problem}
        />
        <button className="button button-quiet" type="submit">
          Show its books
        </button>
      </form>
      <Part id="under-way" title="Being settled">
        {projects.length === 0 && <p>No project is being settled.</p>}
        <ol className="lines">
          {projects.map((project) => (
            <li key={project.id}>
              <p className="line-title">
                <a href={paths.staff('books', { project: project.id })} dir="auto">
                  {project.title}
                </a>
              </p>
              <p className="line-reason">
                {project.isClosed ? 'All charged or dropped' : 'Pledges are being charged'}, next on{' '}
                {formatMoment(project.dueAt)}
                {project.isWorkedOn && ', worked on now'}
              </p>
            </li>
          ))}
        </ol>
      </Part>
    </StaffPage>
  )
}

type Wrong = { name: string; subject: string; stored: string; counted: string; total: string }
type Lines = Awaited<ReturnType<typeof listLines>>
type Head = Awaited<ReturnType<typeof findHead>>

/** The books of one project, the latest line first. */
export function BooksPage(
  props: Lines & {
    project: MoneyProject
    books: Books | undefined
    head: Head
    /** What a check has found; undefined where none was asked for. */
    wrong: Wrong[] | undefined
    isFirstPage: boolean
  },
) {
  const { project, books, head, wrong, lines, next, isFirstPage } = props
  const first = paths.staff('books', { project: project.id })
  return (
    <StaffPage
      title={`Books of ${project.title}`}
      current="books"
      lead={
        <>
          <a href={paths.staffProject(project)}>For staff</a> ·{' '}
          <a href={paths.money(project)}>Its money</a>
        </>
      }
    >
      {wrong && <Checked wrong={wrong} />}
      {books && head ? (
        <>
          <Figures
            books={books}
            currency={project.currency}
            isSuccess={project.status === 'successful'}
          />
          <form className="log-filter" action={paths.staff('books')}>
            <input type="hidden" name="project" value={project.id} />
            <button className="button button-quiet" type="submit" name="check" value="yes">
              Check all of it
            </button>
          </form>
          <Part id="lines" title="Lines">
            <p className="staff-lead books-hash">
              {head.number} in all. Each hash covers the line before it; the last is{' '}
              <code>{head.hash || 'none yet'}</code>.
            </p>
            <LineTable lines={lines} currency={project.currency} />
          </Part>
        </>
      ) : (
        <EmptyState title="Nothing is written in these books yet." />
      )}
      <Pager
        label="Pages of the books"
        next={next === null ? null : paths.staff('books', { project: project.id, after: next })}
        first={isFirstPage ? null : first}
      />
    </StaffPage>
  )
}

function Checked({ wrong }: { wrong: Wrong[] }) {
  if (wrong.length === 0) return <Notice>All of it agrees.</Notice>
  return (
    <div>
      <FormAlert>These books are wrong.</FormAlert>
      <ul className="books-wrong">
        {wrong.map(({ name, subject, stored, counted }) => (
          <li key={`${name} ${subject}`}>
            {name}: {subject}. Stored is {stored}, counted {counted}.
          </li>
        ))}
      </ul>
    </div>
  )
}

function LineTable({ lines, currency }: { lines: Lines['lines']; currency: string }) {
  return (
    // biome-ignore lint/a11y/noNoninteractiveTabindex: what scrolls can be scrolled by keys
    <section className="books-scroll" tabIndex={0} aria-label="Lines of the books">
      <table className="books-lines">
        <thead>
          <tr>
            <th scope="col">Line</th>
            <th scope="col">What</th>
            <th scope="col">Pledge</th>
            <th scope="col">Debit / credit</th>
            <th scope="col" className="books-amount">
              Amount
            </th>
            <th scope="col">When</th>
            <th scope="col">Hash</th>
          </tr>
        </thead>
        <tbody>
          {lines.map((line) => (
            <tr key={line.number}>
              <td>{line.number}</td>
              <td>{line.kind.replaceAll('_', ' ')}</td>
              <td>{line.pledgeId ?? '—'}</td>
              <td>
                {line.debit.replaceAll('_', ' ')} / {line.credit.replaceAll('_', ' ')}
              </td>
              <td className="books-amount">{formatMoney(line.amount, currency)}</td>
              <td>{formatMoment(line.createdAt)}</td>
              <td>
                {line.isLinked ? (
                  <code title={line.hash}>{line.hash.slice(0, 8)}</code>
                ) : (
                  <span className="books-broken">wrong</span>
                )}
              </td>
            </tr>
          ))}
        </tbody>
      </table>
    </section>
  )
}
