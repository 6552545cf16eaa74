import { ProjectLayout } from '#features/projects/parts/layout'
import type { Project } from '#features/projects/reads/projects'
import { UpdateArticle } from '#features/updates/parts'
import type { OneUpdate, Standing } from '#features/updates/reads'
import { plural } from '#lib/text'
import { paths } from '#web/paths'
import { useSite } from '#web/site'
import { ThreadList, type Writing } from './parts'
import type { Thread } from './reads'

export function CommentsPage(props: {
  project: Project
  threads: Thread[]
  next: number | null
  isFirstPage: boolean
  writing?: Writing | undefined
  /** Why there is no form, for whoever could otherwise comment. */
  refusal?: string | undefined
  standing?: Standing | undefined
}) {
  const { project, threads, next, isFirstPage, writing, standing } = props
  const { viewer } = useSite()
  return (
    <ProjectLayout project={project} current="comments" heading="Comments">
      <section className="narrow" aria-labelledby="comments">
        <h1 id="comments">Comments</h1>
        {!writing && (
          <p className="comments-note">
            {props.refusal ?? (
              <>
                Only backers can post comments. Have a question?{' '}
                <a href={paths.projectTab(project, 'faqs')}>The FAQ may answer it</a>
                {viewer && (
                  <>
                    , or <a href={paths.conversation(project, viewer.id)}>ask the creator</a>
                  </>
                )}
                .
              </>
            )}
          </p>
        )}
        <ThreadList
          project={project}
          threads={threads}
          writing={writing}
          mayPin={standing?.mayManage ?? false}
          next={next === null ? null : paths.projectTab(project, 'comments', { after: next })}
          first={isFirstPage ? null : paths.projectTab(project, 'comments')}
          empty="No comments yet."
        />
      </section>
    </ProjectLayout>
  )
}

/** An update and what was said below it. */
export function UpdatePage(props: {
  project: Project
  update: OneUpdate
  previous: OneUpdate | undefined
  next: OneUpdate | undefined
  threads: Thread[]
  /** Of the threads. */
  nextThread: number | null
  isFirstPage: boolean
  writing?: Writing | undefined
  refusal?: string | undefined
  standing?: Standing | undefined
}) {
  const { project, update, nextThread, isFirstPage, standing } = props
  const path = paths.update(project, update.number)
  return (
    <ProjectLayout project={project} current="updates" heading={update.title} canonical={path}>
      <UpdateArticle
        project={project}
        update={update}
        previous={props.previous}
        next={props.next}
        mayManage={standing?.mayManage ?? false}
      />
      {update.isForReader && (
        <section className="narrow" aria-labelledby="comments">
          <h2 id="comments">{plural(update.commentsCount, 'comment')}</h2>
          {props.refusal && <p className="comments-note">{props.refusal}</p>}
          <ThreadList
            project={project}
            threads={props.threads}
            writing={props.writing}
            next={nextThread === null ? null : `${path}?after=${nextThread}#comments`}
            first={isFirstPage ? null : `${path}#comments`}
            empty="No comments on this update yet."
          />
        </section>
      )}
    </ProjectLayout>
  )
}
