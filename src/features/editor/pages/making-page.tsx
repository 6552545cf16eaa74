import { hasLaunched, hasPublicPage, isListed } from '#features/projects/rules'
import { formatWhole } from '#lib/money'
import { formatMoment, timeAgo } from '#lib/time'
import { EmptyState } from '#web/components/empty-state'
import { Notice } from '#web/components/form'
import { Document } from '#web/document'
import { paths } from '#web/paths'
import { useSite } from '#web/site'
import { stateClass, stateOf } from '../parts/frame'
import type { Made } from '../reads/making'
import type { Invitation } from '../reads/people'

const groups: [title: string, statuses: Made['status'][]][] = [
  ['Live', ['live']],
  ['In review', ['submitted']],
  ['Drafts', ['draft']],
  ['Over', ['successful', 'failed', 'canceled', 'suspended', 'rejected']],
]

/** What somebody makes and helps to make, by where it stands. */
export function MakingPage(props: {
  made: Made[]
  invitations: Invitation[]
  done?: string | undefined
}) {
  const { made, invitations, done } = props
  return (
    <Document title="Your projects" hidden scripted>
      <div className="making">
        <header className="making-header">
          <h1>Your projects</h1>
          <a className="button" href={paths.newProject()}>
            Start a project
          </a>
        </header>
        {done && <Notice>{done}</Notice>}
        {invitations.length > 0 && <Invitations invitations={invitations} />}
        {made.length === 0 && (
          <EmptyState title="Nothing here yet.">
            <p>Projects that you start, and those you help with, stand here.</p>
          </EmptyState>
        )}
        {groups.map(([title, statuses]) => {
          const own = made.filter(({ status }) => statuses.includes(status))
          return own.length === 0 ? null : <Group key={title} title={title} made={own} />
        })}
      </div>
    </Document>
  )
}

function Invitations({ invitations }: { invitations: Invitation[] }) {
  return (
    <section aria-labelledby="invitations">
      <h2 id="invitations">You are asked to help</h2>
      <ul className="making-list">
        {invitations.map((invitation) => (
          <li key={invitation.id}>
            <div>
              <p className="making-title">
                <a href={paths.invitation(invitation)}>{invitation.projectTitle || 'Untitled'}</a>
              </p>
              <p className="making-facts">{invitation.creatorName} asks you.</p>
            </div>
          </li>
        ))}
      </ul>
    </section>
  )
}

function Group({ title, made }: { title: string; made: Made[] }) {
  const id = `made-${title.toLowerCase().replace(' ', '-')}`
  return (
    <section aria-labelledby={id}>
      <h2 id={id}>{title}</h2>
      <ul className="making-list">
        {made.map((project) => (
          <MadeProject key={project.id} project={project} />
        ))}
      </ul>
    </section>
  )
}

function MadeProject({ project }: { project: Made }) {
  const { now } = useSite()
  const { permissions, creatorName, launchAt, updatedAt, status, hiddenAt } = project
  const may = (permission: NonNullable<Made['permissions']>[number]) =>
    permissions === null || permissions.includes(permission)
  const isLaunched = hasLaunched(status)
  return (
    <li>
      <div>
        <p className="making-title">
          <a href={hasPublicPage(project) ? paths.project(project) : homeOf(project)}>
            {project.title || 'Untitled'}
          </a>{' '}
          <span className={stateClass(project)}>{stateOf(project)}</span>
        </p>
        <p className="making-facts">
          {permissions && `You are helping ${creatorName}. `}
          {launchAt && `Launches by itself on ${formatMoment(launchAt)}. `}
          {isLaunched &&
            `${formatWhole(project.pledged, project.currency)} of ${formatWhole(project.goal, project.currency)}. `}
          {!isLaunched && updatedAt && `Saved ${timeAgo(updatedAt, now)}.`}
        </p>
      </div>
      <p className="making-ways">
        {may('edit') && <a href={paths.edit(project)}>Edit</a>}
        {isLaunched && may('numbers') && <a href={paths.dashboard(project)}>Dashboard</a>}
        {isListed(status) && !hiddenAt && may('community') && (
          <a href={paths.updateDrafts(project)}>Updates</a>
        )}
        {may('edit') && <a href={paths.history(project)}>History</a>}
        {permissions === null && <a href={paths.webhooks(project)}>Webhooks</a>}
        {permissions && <a href={paths.invitation(project)}>Your part</a>}
      </p>
    </li>
  )
}

const homeOf = (project: Made) =>
  project.permissions === null || project.permissions.includes('edit')
    ? paths.edit(project)
    : paths.preview(project)
