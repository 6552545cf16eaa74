import type { ReactNode } from 'react'
import type { Project } from '#features/projects/reads/projects'
import type { FormErrors, FormValues } from '#http/forms'
import { plural } from '#lib/text'
import { formatDate, timeAgo } from '#lib/time'
import { Avatar } from '#web/components/avatar'
import { EmptyState } from '#web/components/empty-state'
import { TextField } from '#web/components/form'
import { Pager } from '#web/components/pager'
import { paths } from '#web/paths'
import { useSite } from '#web/site'
import type { Thread } from './reads'
import { bodyCharactersMax } from './rules'

/** What somebody who may say something has typed, and where it is sent. */
export interface Writing {
  action: string
  values?: FormValues
  errors?: FormErrors
}

/** A field for something new or, below a comment, for an answer to it. */
function WritingForm({ action, values, errors, parent }: Writing & { parent?: number }) {
  const isThis = (values?.['parent'] ?? '') === String(parent ?? '')
  return (
    <form className="form" method="post" action={action}>
      {parent !== undefined && <input type="hidden" name="parent" value={parent} />}
      <TextField
        name="body"
        label={parent === undefined ? 'Say something' : 'Your answer'}
        required
        maxLength={bodyCharactersMax}
        rows={3}
        defaultValue={isThis ? values?.['body'] : undefined}
        error={isThis ? errors?.['body'] : undefined}
      />
      <button className="button" type="submit">
        {parent === undefined ? 'Post' : 'Answer'}
      </button>
    </form>
  )
}

/** Threads with their replies, newest thread first, and the way to older ones. */
export function ThreadList(props: {
  project: Project
  threads: Thread[]
  /** For whoever may say something here. */
  writing?: Writing | undefined
  /** For whoever may pin what was said. */
  mayPin?: boolean
  next: string | null
  first: string | null
  empty: string
}) {
  const { project, threads, writing, mayPin = false } = props
  if (threads.length === 0 && !props.first) {
    return (
      <>
        {writing && <WritingForm {...writing} />}
        <EmptyState title={props.empty} />
      </>
    )
  }
  return (
    <>
      {writing && <WritingForm {...writing} />}
      <ol className="threads">
        {threads.map((thread) => (
          <li key={thread.id} className="thread" id={`comment-${thread.id}`}>
            <Comment
              project={project}
              comment={thread}
              pin={mayPin && <PinButton project={project} thread={thread} />}
            />
            {thread.replies.length > 0 && (
              <ol className="replies">
                {thread.replies.map((reply) => (
                  <li key={reply.id} id={`comment-${reply.id}`}>
                    <Comment
                      project={project}
                      comment={{ ...reply, createdAt: new Date(reply.createdAt) }}
                    />
                  </li>
                ))}
              </ol>
            )}
            {thread.repliesCount > thread.replies.length && (
              <p className="replies-more">
                The first {thread.replies.length} of{' '}
                {plural(thread.repliesCount, 'reply', 'replies')}
              </p>
            )}
            {writing && !thread.isHidden && (
              <details className="answer" open={writing.values?.['parent'] === String(thread.id)}>
                <summary>Answer</summary>
                <WritingForm {...writing} parent={thread.id} />
              </details>
            )}
          </li>
        ))}
      </ol>
      <Pager label="Pages of comments" next={props.next} first={props.first} />
    </>
  )
}

type Shown = Pick<
  Thread,
  | 'id'
  | 'authorId'
  | 'authorName'
  | 'authorImage'
  | 'body'
  | 'isHidden'
  | 'helperTitle'
  | 'isStaff'
  | 'createdAt'
> & { isPinned?: boolean; repliesCount?: number }

/** What staff has taken down keeps its place, and its answers theirs; staff still reads it. */
function Comment(props: { project: Project; comment: Shown; pin?: ReactNode }) {
  const { project, comment, pin } = props
  const { now } = useSite()
  if (comment.body === null) return <p className="comment-hidden">Taken down by staff.</p>
  return (
    <article className="comment">
      <Avatar id={comment.authorId} image={comment.authorImage} size={40} />
      <div>
        <div className="comment-head">
          <a href={paths.person({ id: comment.authorId })}>{comment.authorName}</a>
          <Badges project={project} comment={comment} />
          <time dateTime={comment.createdAt.toISOString()} title={formatDate(comment.createdAt)}>
            {timeAgo(comment.createdAt, now)}
          </time>
        </div>
        <p className="comment-body">{comment.body}</p>
        <Acts project={project} comment={comment} pin={pin} />
      </div>
    </article>
  )
}

function Badges({ project, comment }: { project: Project; comment: Shown }) {
  const { authorId, helperTitle, isStaff, isPinned, isHidden } = comment
  return (
    <>
      {authorId === project.creatorId && <span className="badge">Creator</span>}
      {helperTitle !== null && <span className="badge">{helperTitle || 'Collaborator'}</span>}
      {isStaff && <span className="badge">Staff</span>}
      {isPinned && <span className="comment-pinned">Pinned</span>}
      {isHidden && <span className="comment-pinned">Hidden from all but staff</span>}
    </>
  )
}

/** What whoever is signed in may do about a comment; one that was answered stays. */
function Acts({ project, comment, pin }: { project: Project; comment: Shown; pin?: ReactNode }) {
  const { viewer } = useSite()
  if (!viewer) return null
  const isOwn = viewer.id === comment.authorId
  const subject = { kind: 'comment', project: project.id, subject: comment.id } as const
  return (
    <div className="comment-acts">
      {pin}
      {isOwn && !comment.repliesCount && (
        <form method="post" action={paths.deleteComment(project, comment.id)}>
          <button className="link-button" type="submit">
            Delete
          </button>
        </form>
      )}
      {!isOwn && !comment.isHidden && <a href={paths.report(subject)}>Report</a>}
    </div>
  )
}

function PinButton({ project, thread }: { project: Project; thread: Thread }) {
  const act = thread.isPinned ? paths.unpinComment : paths.pinComment
  return (
    <form method="post" action={act(project, thread.id)}>
      <button className="link-button" type="submit">
        {thread.isPinned ? 'Unpin' : 'Pin to the top'}
      </button>
    </form>
  )
}
