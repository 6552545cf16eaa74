import { CardGrid, type CardProject } from '#features/projects/parts/card'
import { EmptyState } from '#web/components/empty-state'
import { Pager } from '#web/components/pager'
import { Document } from '#web/document'
import { paths } from '#web/paths'

/** The projects somebody wants to come back to. */
export function SavedPage(props: {
  projects: CardProject[]
  /** The number of the last project shown, when there are more. */
  next: number | null
  isFirstPage: boolean
}) {
  const { projects, next, isFirstPage } = props
  return (
    <Document title="Saved projects" hidden>
      <div className="saved-page">
        <h1>Saved projects</h1>
        {projects.length === 0 ? (
          <EmptyState title={isFirstPage ? 'Nothing saved yet.' : 'That is all.'}>
            <p>
              “Remind me” on a project’s page keeps it here, and writes to you two days before it
              ends. <a href={paths.discover()}>Discover projects</a>
            </p>
          </EmptyState>
        ) : (
          <CardGrid projects={projects} level={2} label="Saved projects" eagerCards={3} />
        )}
        <Pager
          label="Pages of saved projects"
          next={next === null ? null : paths.saved({ after: next })}
          first={isFirstPage ? null : paths.saved()}
        />
      </div>
    </Document>
  )
}
