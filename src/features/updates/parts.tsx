import { PersonLink } from '#features/people/parts'
import type { Project } from '#features/projects/reads/projects'
import { isListed } from '#features/projects/rules'
import { plural } from '#lib/text'
import { formatDate } from '#lib/time'
import { Prose } from '#web/components/prose'
import { paths } from '#web/paths'
import { useSite } from '#web/site'
import type { OneUpdate, Update } from './reads'

/** Why a reader is not given what an update says. */
export const withheld = ({ isHidden }: Pick<Update, 'isHidden'>) =>
  isHidden ? 'Our staff has taken this update down.' : 'For backers only.'

/** One update whole, with the way to its neighbours. */
export function UpdateArticle(props: {
  project: Project
  update: OneUpdate
  previous: OneUpdate | undefined
  next: OneUpdate | undefined
  mayManage: boolean
}) {
  const { project, update, previous, next, mayManage } = props
  return (
    <article className="narrow update" aria-labelledby="update">
      <p className="update-number">
        Update {update.number} ·{' '}
        <time dateTime={update.publishedAt.toISOString()}>{formatDate(update.publishedAt)}</time>
        {update.isEdited && ' · Edited'}
        {update.audience === 'backers' && ' · For backers only'}
        {update.isHidden && update.body !== null && ' · Hidden from all but staff'}
      </p>
      <h1 id="update">{update.title}</h1>
      <PersonLink
        id={update.authorId ?? project.creatorId}
        name={update.authorName ?? project.creatorName}
        image={update.authorId === null ? project.creatorImage : update.authorImage}
      />
      {mayManage && <EditWay project={project} update={update} />}
      {update.body === null ? (
        <Withheld project={project} update={update} />
      ) : (
        <>
          <Prose text={update.body} />
          {!update.isHidden && <Likes project={project} update={update} />}
        </>
      )}
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

interface Shown {
  project: Project
  update: OneUpdate
}

/** For its makers, while it may still be changed. */
function EditWay({ project, update }: Shown) {
  if (update.minutesLeft <= 0 || update.isHidden || !isListed(project.status)) return null
  return (
    <p className="update-edit">
      {plural(update.minutesLeft, 'minute')} left to{' '}
      <a href={paths.editUpdate(project, update.number)}>edit this update</a>.
    </p>
  )
}

function Withheld({ project, update }: Shown) {
  const { viewer } = useSite()
  return (
    <div className="update-withheld">
      <p>
        <strong>{withheld(update)}</strong>
      </p>
      {!update.isHidden && (
        <p>
          This is written for people who back the project.
          {!viewer && (
            <>
              {' '}
              If you do,{' '}
              <a href={paths.signIn({ next: paths.update(project, update.number) })}>sign in</a> to
              read it.
            </>
          )}
        </p>
      )}
    </div>
  )
}

function Likes({ project, update }: Shown) {
  const { viewer } = useSite()
  const { number, isLiked, likesCount, authorId } = update
  const people = `${plural(likesCount, 'person likes', 'people like')} this`
  if (!viewer) return <p className="update-likes">{people}</p>
  const act = isLiked ? paths.unlikeUpdate : paths.likeUpdate
  return (
    <div className="update-likes" id="likes">
      <form method="post" action={act(project, number)}>
        <button className="button button-quiet" type="submit" aria-pressed={isLiked}>
          {isLiked ? 'Liked' : 'Like'}
        </button>
      </form>
      <span>{people}</span>
      {viewer.id !== (authorId ?? project.creatorId) && (
        <a href={paths.report({ kind: 'update', project: project.id, subject: number })}>Report</a>
      )}
    </div>
  )
}
