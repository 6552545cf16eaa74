import { ProjectLayout } from '#features/projects/parts/layout'
import type { Project } from '#features/projects/reads/projects'
import { isListed } from '#features/projects/rules'
import { excerpt, plural } from '#lib/text'
import { formatDate } from '#lib/time'
import { EmptyState } from '#web/components/empty-state'
import { Pager } from '#web/components/pager'
import { paths } from '#web/paths'
import { withheld } from '../parts'
import type { Update } from '../reads'

const teaserWordsMax = 30

/** The timeline: newest first, down to the day it launched. */
export function UpdatesPage(props: {
  project: Project
  updates: Update[]
  next: number | null
  isFirstPage: boolean
  /** For whoever may post some. */
  mayManage: boolean
}) {
  const { project, updates, next, isFirstPage, mayManage } = props
  return (
    <ProjectLayout project={project} current="updates" heading="Updates">
      <section className="narrow" aria-labelledby="updates">
        <h1 id="updates">Updates</h1>
        {mayManage && isListed(project.status) && (
          <p className="update-ways">
            <a className="button" href={paths.updateDraft(project, 'new')}>
              Write an update
            </a>
            <a className="button button-quiet" href={paths.updateDrafts(project)}>
              Drafts
            </a>
          </p>
        )}
        {updates.length === 0 && isFirstPage && (
          <EmptyState title="No updates yet.">
            <p>{project.creatorName} has not posted any so far.</p>
          </EmptyState>
        )}
        <ol className="timeline">
          {updates.map((update) => (
            <TimelineEntry key={update.number} project={project} update={update} />
          ))}
          {next === null && project.launchedAt && (
            <li className="timeline-launch">
              <p>
                <strong>Project launched</strong>
                <time dateTime={project.launchedAt.toISOString()}>
                  {formatDate(project.launchedAt)}
                </time>
              </p>
            </li>
          )}
        </ol>
        <Pager
          label="Pages of updates"
          next={next === null ? null : paths.projectTab(project, 'updates', { after: next })}
          first={isFirstPage ? null : paths.projectTab(project, 'updates')}
        />
      </section>
    </ProjectLayout>
  )
}

function TimelineEntry({ project, update }: { project: Project; update: Update }) {
  return (
    <li className="timeline-entry">
      <article>
        <time dateTime={update.publishedAt.toISOString()}>{formatDate(update.publishedAt)}</time>
        <h2 className="timeline-title">
          <a href={paths.update(project, update.number)}>{update.title}</a>
        </h2>
        {update.body === null ? (
          <p className="update-withheld">{withheld(update)}</p>
        ) : (
          <p>{excerpt(update.body, teaserWordsMax)}</p>
        )}
        <p className="timeline-numbers">
          {update.body !== null && (
            <a href={paths.update(project, update.number)}>
              Read more<span className="visually-hidden"> of “{update.title}”</span>
            </a>
          )}
          {update.body !== null && update.audience === 'backers' && <span>For backers only</span>}
          {update.body !== null && update.isHidden && <span>Hidden from all but staff</span>}
          <span>{plural(update.commentsCount, 'comment')}</span>
          <span>{plural(update.likesCount, 'like')}</span>
        </p>
      </article>
    </li>
  )
}
