import type { ReactNode } from 'react'
import { ProjectPicture } from '#features/projects/parts/card'
import type { Project } from '#features/projects/reads/projects'
import { Document } from '#web/document'
import { paths } from '#web/paths'

/** The frame of what somebody does with a pledge: which project it is about, and nothing else. */
export function PledgeFrame(props: {
  project: Project
  title: string
  scripted?: boolean
  children: ReactNode
}) {
  const { project, title, scripted = false, children } = props
  return (
    <Document title={`${title} · ${project.title}`} hidden scripted={scripted}>
      <div className="pledge-page">
        <header className="pledge-project">
          <ProjectPicture project={project} eager />
          <p>
            {project.hiddenAt ? (
              project.title
            ) : (
              <a href={paths.project(project)}>{project.title}</a>
            )}
            <small>by {project.creatorName}</small>
          </p>
        </header>
        <h1>{title}</h1>
        {project.hiddenAt && (
          <p className="notice">
            Our staff has hidden this project. What you have pledged stays as it is.
          </p>
        )}
        {children}
      </div>
    </Document>
  )
}
