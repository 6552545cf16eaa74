import type { Project } from '#features/projects/reads'
import { plural } from '#lib/text'
import { formatDate, timeAgo } from '#lib/time'
import { Avatar } from '#web/components/avatar'
import { EmptyState } from '#web/components/empty-state'
import { Pager } from '#web/components/pager'
import { paths } from '#web/paths'
import { useSite } from '#web/site'
import type { Thread } from './reads'

/** Threads with their replies, newest thread first, and the way to older ones. */
export function ThreadList(props: {
  project: Project
  threads: Thread[]
  next: string | null
  first: string | null
  empty: string
}) {
  const { project, threads } = props
  if (threads.length === 0 && !props.first) return <EmptyState title={props.empty} />
  return (
    <>
      <ol className="threads">
        {threads.map((thread) => (
          <li key={thread.id} className="thread" id={`comment-${thread.id}`}>
            <Comment project={project} comment={thread} />
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
          </li>
        ))}
      </ol>
      <Pager label="Pages of comments" next={props.next} first={props.first} />
    </>
  )
}

interface CommentProps {
  project: Project
  comment: { id: number; authorId: number; authorName: string; body: string; createdAt: Date }
}

function Comment({ project, comment }: CommentProps) {
  const { now } = useSite()
  return (
    <article className="comment">
      <Avatar id={comment.authorId} size={40} />
      <div>
        <p className="comment-head">
          <a href={paths.person({ id: comment.authorId })}>{comment.authorName}</a>
          {comment.authorId === project.creatorId && <span className="badge">Creator</span>}
          <time dateTime={comment.createdAt.toISOString()} title={formatDate(comment.createdAt)}>
            {timeAgo(comment.createdAt, now)}
          </time>
        </p>
        <p className="comment-body">{comment.body}</p>
      </div>
    </article>
  )
}
