import { ProjectPicture } from '#features/projects/parts/card'
import { formatDate, timeAgo } from '#lib/time'
import { Avatar } from '#web/components/avatar'
import { EmptyState } from '#web/components/empty-state'
import { Notice } from '#web/components/form'
import { Pager } from '#web/components/pager'
import { Document } from '#web/document'
import { paths } from '#web/paths'
import { useSite } from '#web/site'
import type { Activity } from './reads/activities'
import { sentenceOf } from './rules/sentences'
import { type MailTopic, topicNames } from './rules/topics'

/** What has happened for somebody, by day. */
export function ActivityPage(props: {
  activities: Activity[]
  next: number | null
  isFirstPage: boolean
}) {
  const { activities, next, isFirstPage } = props
  const { now } = useSite()
  const days = Map.groupBy(activities, ({ createdAt }) => dayOf(createdAt, now))
  return (
    <Document title="Activity" hidden>
      <div className="settings">
        <header className="activity-header">
          <h1>Activity</h1>
          <p>
            <a href={paths.following()}>People you follow</a> ·{' '}
            <a href={paths.settingsOf('notifications')}>What comes by mail</a>
          </p>
        </header>
        {activities.length === 0 && (
          <EmptyState title={isFirstPage ? 'Nothing has happened yet.' : 'That is all.'}>
            <p>
              Follow a creator, save a project or ask about one, and you find here what comes of it.
            </p>
            <p>
              <a className="button" href={paths.discover()}>
                Find a project
              </a>
            </p>
          </EmptyState>
        )}
        {[...days].map(([day, happened]) => (
          <section key={day} aria-label={day}>
            <h2 className="activity-day">{day}</h2>
            <ul className="activity-list">
              {happened.map((activity) => (
                <ActivityItem key={activity.id} activity={activity} />
              ))}
            </ul>
          </section>
        ))}
        <Pager
          label="Pages of activity"
          next={next === null ? null : paths.activity({ after: next })}
          first={isFirstPage ? null : paths.activity()}
        />
      </div>
    </Document>
  )
}

const dayMs = 86_400_000

function dayOf(date: Date, now: Date): string {
  const day = formatDate(date)
  if (day === formatDate(now)) return 'Today'
  return day === formatDate(new Date(now.getTime() - dayMs)) ? 'Yesterday' : day
}

function ActivityItem({ activity }: { activity: Activity }) {
  const { now, viewer } = useSite()
  const { createdAt, isNew } = activity
  const { who, what, quote, path } = sentenceOf(activity, viewer?.id ?? 0)
  return (
    <li className={isNew ? 'is-new' : undefined}>
      <ActivityPicture activity={activity} />
      <div>
        <p>
          <a href={path}>
            <strong>{who}</strong> {what}
          </a>
          {isNew && <span className="badge">New</span>}
        </p>
        {quote !== '' && (
          <p className="activity-quote" dir="auto">
            {quote}
          </p>
        )}
        <time dateTime={createdAt.toISOString()}>{timeAgo(createdAt, now)}</time>
      </div>
    </li>
  )
}

const byPeople = ['comment_posted', 'message_sent', 'person_followed', 'collaborator_invited']

/** The face of whoever did it or, where it is no matter of persons, the project. */
function ActivityPicture({ activity }: { activity: Activity }) {
  const { kind, actor, project } = activity
  if (actor && byPeople.includes(kind)) return <Avatar {...actor} size={48} />
  return project ? (
    <ProjectPicture project={project} sizes="4rem" />
  ) : (
    <span className="activity-blank" />
  )
}

/** What comes by mail, kind by kind. */
export function NotificationsPage({ muted, isSaved }: { muted: MailTopic[]; isSaved: boolean }) {
  const topics = Object.entries(topicNames) as [MailTopic, (typeof topicNames)[MailTopic]][]
  return (
    <Document title="Notifications" hidden>
      <div className="settings">
        <h1>Notifications</h1>
        {isSaved && <Notice>Saved.</Notice>}
        <p>
          All of this stands on <a href={paths.activity()}>your activity page</a>. Here you choose
          what comes by mail, too. What is about your own projects under review or about your
          account always comes.
        </p>
        <form className="form" method="post" action={paths.settingsOf('notifications')}>
          <fieldset className="topics">
            <legend>Mail me about</legend>
            {topics.map(([topic, { label, hint }]) => (
              <label key={topic} className="topic">
                <input type="checkbox" name={topic} defaultChecked={!muted.includes(topic)} />
                <span>
                  <strong>{label}</strong>
                  <small>{hint}</small>
                </span>
              </label>
            ))}
          </fieldset>
          <button className="button" type="submit">
            Save
          </button>
        </form>
        <p>
          <a href={paths.following()}>People you follow</a> ·{' '}
          <a href={paths.settingsOf('blocked')}>People you have blocked</a> ·{' '}
          <a href={paths.settings()}>All settings</a>
        </p>
      </div>
    </Document>
  )
}

/** Where a mailed link leads: ends mails of one kind, signed in or not. */
export function UnsubscribePage(props: { topic: MailTopic; action: string; isDone: boolean }) {
  const { topic, action, isDone } = props
  const { label, hint } = topicNames[topic]
  return (
    <Document title="Fewer mails" hidden>
      <div className="form-page">
        <h1>{isDone ? 'No more of these' : 'Fewer mails'}</h1>
        {isDone ? (
          <Notice>
            You get no more mails under “{label}”. What has been written already may still come.
          </Notice>
        ) : (
          <>
            <p className="lead">
              <strong>{label}.</strong> {hint} Press the button, and no more mail comes of it.
            </p>
            <form className="form" method="post" action={action}>
              <button className="button" type="submit">
                No more mails like this
              </button>
            </form>
          </>
        )}
        <p className="aside">
          <a href={paths.settingsOf('notifications')}>Choose what comes by mail</a>
        </p>
      </div>
    </Document>
  )
}
