import type { Draft } from '../reads/drafts'
import { VersionField } from './frame'

interface OfOne {
  draft: Draft
  action: string
  /** What it is done to. */
  name: string
}

/** Moves one of a list up or down. */
export function MoveForm(props: OfOne & { isFirst: boolean; isLast: boolean }) {
  const { draft, action, name, isFirst, isLast } = props
  return (
    <form method="post" action={action} className="editor-move">
      <VersionField version={draft.version} />
      <button type="submit" name="to" value="up" disabled={isFirst} aria-label={`Move ${name} up`}>
        ↑
      </button>
      <button
        type="submit"
        name="to"
        value="down"
        disabled={isLast}
        aria-label={`Move ${name} down`}
      >
        ↓
      </button>
    </form>
  )
}

/** Deletes one of a list, at the second press. */
export function DeleteForm({ draft, action, name }: OfOne) {
  return (
    <details className="editor-delete">
      <summary aria-label={`Delete ${name}`}>Delete</summary>
      <form method="post" action={action}>
        <VersionField version={draft.version} />
        <button
          className="button button-quiet"
          type="submit"
          aria-label={`Delete ${name} for good`}
        >
          Delete for good
        </button>
      </form>
    </details>
  )
}
