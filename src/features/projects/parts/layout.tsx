import type { ReactNode } from 'react'
import { formatWhole } from '#lib/money'
import { formatCount, plural } from '#lib/text'
import { formatDate, formatMoment } from '#lib/time'
import { ProgressBar } from '#web/components/progress-bar'
import { Document } from '#web/document'
import { type ProjectTab, paths } from '#web/paths'
import { useSite } from '#web/site'
import type { Project } from '../reads/projects'
import { isRunning, type ProjectStatus, takesLatePledges } from '../rules'
import { ProjectPicture, TimeToGo } from './card'

/** The frame of everything under a project: its name, where it stands, and its tabs. */
export function ProjectLayout(props: {
  project: Project
  current: ProjectTab | 'campaign'
  /** Of this tab, for the browser's title: `Updates`. */
  heading?: string
  /** Where the tab has pages of its own below it. */
  canonical?: string
  children: ReactNode
  /** In place of the small header of the other tabs. */
  summary?: ReactNode
  /** Says that it is not launched yet: nobody shall find it, and it has no tabs. */
  preview?: ReactNode
  /** What it shows of a running project is kept up to date. */
  scripted?: boolean
}) {
  const { project, current, heading, summary, preview } = props
  const tab = current === 'campaign' ? paths.project(project) : paths.projectTab(project, current)
  const publicFacts = {
    canonical: props.canonical ?? tab,
    picture: paths.projectPicture(project),
    feed: { href: paths.updatesFeed(project), title: `Updates of ${project.title}` },
  }
  return (
    <Document
      title={heading ? `${heading} · ${project.title}` : project.title}
      description={project.description}
      hidden={project.status === 'suspended' || preview !== undefined}
      scripted={props.scripted ?? false}
      {...(preview === undefined ? publicFacts : {})}
    >
      {preview ?? <Notice project={project} />}
      {summary ?? <SmallHeader project={project} />}
      {preview === undefined && <ProjectTabs project={project} current={current} />}
      {props.children}
    </Document>
  )
}

const notices: Partial<Record<ProjectStatus, (project: Project) => string>> = {
  canceled: () => 'The creator has canceled this project. Nobody was charged.',
  suspended: () => 'We have suspended this project. It takes no pledges, and nobody is charged.',
  failed: (project) =>
    `This project did not reach its goal by ${formatDate(project.endsAt ?? new Date(0))}. Nobody was charged.`,
  successful: (project) =>
    `${plural(project.backersCount, 'backer')} pledged ${formatWhole(project.pledged, project.currency)} ` +
    `to bring this project to life${project.lateUntil ? ', late pledges included' : ` by ${formatDate(project.endsAt ?? new Date(0))}`}.`,
}

function Notice({ project }: { project: Project }) {
  const site = useSite()
  const counting = project.status === 'live' && !isRunning(project, site)
  const text = counting
    ? `This project ended on ${formatDate(project.endsAt ?? site.now)}. Its result is being settled.`
    : notices[project.status]?.(project)
  return text ? <p className={`notice notice-${project.status}`}>{text}</p> : null
}

function SmallHeader({ project }: { project: Project }) {
  return (
    <header className="project-small-header">
      <ProjectPicture project={project} eager />
      <div>
        <p className="project-small-title">
          <a href={paths.project(project)}>{project.title}</a>
        </p>
        <p className="project-small-creator">
          by <a href={paths.person({ id: project.creatorId })}>{project.creatorName}</a>
        </p>
      </div>
      <div className="project-small-numbers">
        <ProgressBar pledged={project.pledged} goal={project.goal} />
        <p>
          <strong>{formatWhole(project.pledged, project.currency)}</strong> of{' '}
          {formatWhole(project.goal, project.currency)} · <TimeToGo project={project} />
        </p>
      </div>
    </header>
  )
}

function ProjectTabs({ project, current }: { project: Project; current: ProjectTab | 'campaign' }) {
  const tabs: [ProjectTab, string, number | null][] = [
    ['rewards', 'Rewards', null],
    ['faqs', 'FAQ', project.faqsCount],
    ['updates', 'Updates', project.updatesCount],
    ['comments', 'Comments', project.commentsCount],
    ['community', 'Community', null],
  ]
  const mark = (tab: string) => (tab === current ? { 'aria-current': 'page' as const } : {})
  return (
    <div className="project-tabs">
      <nav className="tabs" aria-label="Parts of this project">
        <a href={paths.project(project)} {...mark('campaign')}>
          Campaign
        </a>
        {tabs.map(([tab, label, count]) => (
          <a key={tab} href={paths.projectTab(project, tab)} {...mark(tab)}>
            {label}
            {count !== null && <span className="tab-count">{formatCount(count)}</span>}
          </a>
        ))}
      </nav>
    </div>
  )
}

/** The rule of the money, with its date. */
export function FundingNotice({ project }: { project: Project }) {
  const site = useSite()
  if (project.lateUntil && takesLatePledges(project, site)) {
    return (
      <p className="funding-notice">
        <strong>Late pledges are open until {formatMoment(project.lateUntil)}.</strong> The campaign
        was successful: your card is charged at once, and a late pledge cannot be changed or
        canceled.
      </p>
    )
  }
  if (!project.endsAt || !isRunning(project, site)) return null
  const deadline = formatMoment(project.endsAt)
  return (
    <p className="funding-notice">
      {project.allOrNothing ? (
        <>
          <strong>All or nothing.</strong> This project will only be funded if it reaches its goal
          by {deadline}.
        </>
      ) : (
        <>
          <strong>Flexible funding.</strong> This project keeps what is pledged by {deadline},
          whether or not it reaches its goal.
        </>
      )}
    </p>
  )
}
