import { formatWhole, percentFunded } from '#lib/money'
import { formatCount } from '#lib/text'
import { timeLeft } from '#lib/time'
import { Picture } from '#web/components/picture'
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
  image: string | null
}

const cardSizes = '(min-width: 48rem) 24rem, 100vw'

interface ProjectPictureProps {
  project: { id: number; category: string; image: string | null }
  eager?: boolean
  /** How wide it is shown. */
  sizes?: string
}

/** It stands beside the title, which says what it is of: no alternative text. */
export function ProjectPicture(props: ProjectPictureProps) {
  const { project, eager = false, sizes = cardSizes } = props
  if (project.image) {
    const box = { className: 'project-picture', sizes, eager }
    return <Picture hash={project.image} alt="" {...box} />
  }
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

interface CardProps {
  project: CardProject
  /** Of its heading: one below what stands over the card. */
  level: 2 | 3
  /** Its picture is in sight when the page opens. */
  eager?: boolean
}

/** One project in a grid. The whole card leads to it; the title is the link that is read out. */
export function ProjectCard({ project, level, eager = false }: CardProps) {
  const Title = `h${level}` as const
  return (
    <article className="card">
      <ProjectPicture project={project} eager={eager} />
      <div className="card-body">
        <Title className="card-title">
          <a href={paths.project(project)}>{project.title}</a>
        </Title>
        <p className="card-creator">by {project.creatorName}</p>
        <p className="card-description">{project.description}</p>
        <div className="card-foot">
          <ProgressBar pledged={project.pledged} goal={project.goal} />
          <p className="card-numbers">
            <strong>{formatCount(percentFunded(project.pledged, project.goal))}% funded</strong>
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

interface CardGridProps {
  projects: CardProject[]
  level: CardProps['level']
  label?: string
  /** How many pictures are in sight when the page opens. */
  eagerCards: number
}

export function CardGrid({ projects, level, label, eagerCards }: CardGridProps) {
  return (
    <ul className="card-grid" {...(label ? { 'aria-label': label } : {})}>
      {projects.map((project, index) => (
        <li key={project.id}>
          <ProjectCard project={project} level={level} eager={index < eagerCards} />
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
  const site = useSite()
  const left = isRunning(project, site) && project.endsAt ? timeLeft(project.endsAt, site) : null
  if (left) return <span>{`${left.amount} ${left.unit} to go`}</span>
  return <span className={`outcome outcome-${project.status}`}>{outcomes[project.status]}</span>
}
