import type { ReactNode } from 'react'
import { Document } from '#web/document'
import { paths } from '#web/paths'

/** The frame of a page about one side of a project: which project it is, a heading, a few words. */
export function ProjectFrame(props: {
  project: { id: number; title: string }
  title: string
  /** Instead of the title, above the page. */
  heading?: ReactNode
  /** Before the project's name. */
  trail?: ReactNode
  /** Of the page as a whole. */
  className: string
  lead?: ReactNode
  children: ReactNode
}) {
  const { project, title, heading, trail, className, lead, children } = props
  return (
    <Document title={`${title} · ${project.title}`} hidden>
      <div className={className}>
        <header>
          <p>
            {trail}
            <a href={paths.project(project)} dir="auto">
              {project.title}
            </a>
          </p>
          {heading ?? <h1>{title}</h1>}
          {lead}
        </header>
        {children}
      </div>
    </Document>
  )
}
