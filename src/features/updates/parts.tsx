import { PersonLink } from '#features/people/parts'
import type { Project } from '#features/projects/reads/projects'
import { plural } from '#lib/text'
import { formatDate } from '#lib/time'
import { Prose } from '#web/components/prose'
import { paths } from '#web/paths'
import type { Update } from './reads'

/** One update whole, with the way to its neighbours. */
export function UpdateArticle(props: {
  project: Project
  update: Update
  previous: Update | undefined
  next: Update | undefined
}) {
  const { project, update, previous, next } = props
  return (
    <article className="narrow update" aria-labelledby="update">
      <p className="update-number">
        Update {update.number} ·{' '}
        <time dateTime={update.publishedAt.toISOString()}>{formatDate(update.publishedAt)}</time>
      </p>
      <h1 id="update">{update.title}</h1>
      <PersonLink id={project.creatorId} name={project.creatorName} />
      <Prose text={update.body} />
      <p className="update-likes">
        {plural(update.likesCount, 'person likes', 'people like')} this
      </p>
      <nav className="update-neighbours" aria-label="Other updates">
        {previous && (
          <a href={paths.update(project, previous.number)} rel="prev">
            <small>Previous update</small>
            {previous.title}
          </a>
        )}
        {next && (
          <a href={paths.update(project, next.number)} rel="next" className="update-next">
            <small>Next update</small>
            {next.title}
          </a>
        )}
      </nav>
    </article>
  )
}
