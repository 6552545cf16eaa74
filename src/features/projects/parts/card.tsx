import { formatWhole, percentFunded } from '#lib/money'
import { formatCount } from '#lib/text'
import { timeLeft } from '#lib/time'
import { ProgressBar } from '#web/components/progress-bar'
import { paths } from '#web/paths'
import { useSite } from '#web/site'
import { isRunning, type ProjectStatus } from '../rules'

/** What a card shows; the least any list of projects reads. */
export interface CardProject {
  id: number
  status: ProjectStatus
  title: string
  description: string
  creatorId: number
  creatorName: string
  category: string
  subcategoryName: string
  city: string
  state: string
  currency: string
  goal: number
  pledged: number
  endsAt: Date | null
  featuredAt: Date | null
}

/** Drawn by the program, so it tells nothing that the title does not: no alternative text. */
export function ProjectPicture({
  project,
  eager = false,
}: {
  project: { id: number; category: string }
  eager?: boolean
}) {
  return (
    <img
      className="project-picture"
      src={paths.projectPicture(project)}
      alt=""
      width={640}
      height={360}
      loading={eager ? 'eager' : 'lazy'}
      decoding="async"
    />
  )
}

/** One project in a grid. The whole card leads to it; the title is the link that is read out. */
export function ProjectCard({ project, eager }: { project: CardProject; eager?: boolean }) {
  return (
    <article className="card">
      <ProjectPicture project={project} {...(eager ? { eager } : {})} />
      <div className="card-body">
        <h3 className="card-title">
          <a href={paths.project(project)}>{project.title}</a>
        </h3>
        <p className="card-creator">by {project.creatorName}</p>
        <p className="card-description">{project.description}</p>
        <div className="card-foot">
          <ProgressBar pledged={project.pledged} goal={project.goal} />
          <p className="card-numbers">
            <strong>{formatCount(percentFunded(project.pledged, project.goal))} % funded</strong>
            <span>{formatWhole(project.pledged, project.currency)}</span>
            <TimeToGo project={project} />
          </p>
          <p className="card-place">
            {project.featuredAt && <span className="badge">Staff pick</span>}
            {project.subcategoryName} · {project.city}
          </p>
        </div>
      </div>
    </article>
  )
}

export function CardGrid({ projects, label }: { projects: CardProject[]; label?: string }) {
  return (
    <ul className="card-grid" {...(label ? { 'aria-label': label } : {})}>
      {projects.map((project, index) => (
        <li key={project.id}>
          <ProjectCard project={project} eager={index < 3} />
        </li>
      ))}
    </ul>
  )
}

const outcomes: Record<ProjectStatus, string> = {
  draft: 'Draft',
  submitted: 'In review',
  rejected: 'Not accepted',
  live: 'Ended',
  successful: 'Successful',
  failed: 'Not funded',
  canceled: 'Canceled',
  suspended: 'Suspended',
}

/** `23 days to go`, or how it ended. */
export function TimeToGo({ project }: { project: { status: ProjectStatus; endsAt: Date | null } }) {
  const { now } = useSite()
  const left = isRunning(project, now) && project.endsAt ? timeLeft(project.endsAt, now) : null
  if (left) return <span>{`${left.amount} ${left.unit} to go`}</span>
  return <span className={`outcome outcome-${project.status}`}>{outcomes[project.status]}</span>
}
