import { formatMoment } from '#lib/time'
import { EmptyState } from '#web/components/empty-state'
import { Document } from '#web/document'
import { paths } from '#web/paths'
import { stateOf } from '../parts/frame'
import type { Draft } from '../reads/drafts'
import type { Transition } from '../reads/making'

/** Who has moved the project when, and why, for its makers and for staff. */
export function HistoryPage(props: { draft: Draft; transitions: Transition[]; isMaker: boolean }) {
  const { draft, transitions, isMaker } = props
  return (
    <Document title={`History · ${draft.title || 'Untitled'}`} hidden>
      <div className="making">
        <header>
          <p className="editor-where">
            {isMaker ? (
              <a href={paths.edit(draft, 'launch')}>Back to the editor</a>
            ) : (
              <a href={paths.staffProject(draft)}>Back to the project</a>
            )}
          </p>
          <h1>History of {draft.title || 'Untitled'}</h1>
        </header>
        {transitions.length === 0 ? (
          <EmptyState title="Nothing has been written down yet." />
        ) : (
          <ol className="editor-history">
            {transitions.map((transition) => (
              <li key={transition.number}>
                <p>
                  <strong>{tell(transition)}</strong>{' '}
                  <span>
                    {transition.actorName ?? 'By itself'}, {formatMoment(transition.at)}
                  </span>
                </p>
                {transition.reason && <p className="editor-reason">{transition.reason}</p>}
              </li>
            ))}
          </ol>
        )}
      </div>
    </Document>
  )
}

function tell({ from, to }: Transition): string {
  const name = (status: Transition['to']) => stateOf({ status, approvedAt: null, hiddenAt: null })
  if (from === null) return 'Begun'
  return from === to ? 'Approved' : `${name(from)} → ${name(to)}`
}
