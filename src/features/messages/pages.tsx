import type { ReactNode } from 'react'
import { TieButton } from '#features/people/parts'
import type { FormErrors, FormValues } from '#http/forms'
import { excerpt } from '#lib/text'
import { formatMoment, timeAgo } from '#lib/time'
import { Avatar } from '#web/components/avatar'
import { EmptyState } from '#web/components/empty-state'
import { Notice, TextField } from '#web/components/form'
import { Pager } from '#web/components/pager'
import { Document } from '#web/document'
import { paths } from '#web/paths'
import { useSite } from '#web/site'
import type { Conversation, ListedConversation, Message } from './reads'
import { messageCharactersMax, placeText, previewWordsMax } from './rules'

interface ListProps {
  conversations: ListedConversation[]
  next: string | null
  isFirstPage: boolean
}

/** All conversations somebody takes part in. */
export function MessagesPage(props: ListProps) {
  return (
    <Document title="Messages" hidden>
      <div className="settings">
        <h1>Messages</h1>
        {props.conversations.length === 0 && (
          <EmptyState title={props.isFirstPage ? 'No messages yet.' : 'That is all.'}>
            <p>“Ask the creator” on a project’s page begins a conversation.</p>
            <p>
              <a className="button" href={paths.discover()}>
                Find a project
              </a>
            </p>
          </EmptyState>
        )}
        <ConversationList {...props} />
        <Pager
          label="Pages of messages"
          next={props.next && paths.messages({ after: props.next })}
          first={props.isFirstPage ? null : paths.messages()}
        />
      </div>
    </Document>
  )
}

/** What members have written about one project. */
export function ProjectMessagesPage(props: ListProps & { project: { id: number; title: string } }) {
  const { project } = props
  return (
    <Document title={`Messages · ${project.title}`} hidden>
      <div className="settings">
        <header>
          <h1>Messages</h1>
          <p>
            About <a href={paths.project(project)}>{project.title}</a> ·{' '}
            <a href={paths.messages()}>All your messages</a>
          </p>
        </header>
        {props.conversations.length === 0 && (
          <EmptyState title={props.isFirstPage ? 'Nobody has asked yet.' : 'That is all.'}>
            <p>What members ask on the project’s page is answered here.</p>
          </EmptyState>
        )}
        <ConversationList {...props} />
        <Pager
          label="Pages of messages"
          next={props.next && paths.projectMessages(project, { after: props.next })}
          first={props.isFirstPage ? null : paths.projectMessages(project)}
        />
      </div>
    </Document>
  )
}

function ConversationList({ conversations }: ListProps) {
  const { now, viewer } = useSite()
  if (conversations.length === 0) return null
  return (
    <ul className="conversation-list">
      {conversations.map((conversation) => {
        const { projectId, memberId, title, other, unread, last, lastAt } = conversation
        const text = excerpt(last.body, previewWordsMax)
        return (
          <li key={placeText(conversation)} className={unread > 0 ? 'is-unread' : undefined}>
            <Avatar {...other} size={48} />
            <div>
              <p className="conversation-head">
                <a href={`${paths.conversation({ id: projectId }, memberId)}#message-${last.id}`}>
                  {other.name}
                </a>
                {unread > 0 && <span className="badge">{`${unread} unread`}</span>}
                <time dateTime={lastAt.toISOString()} title={formatMoment(lastAt)}>
                  {timeAgo(lastAt, now)}
                </time>
              </p>
              <p className="conversation-about">{title}</p>
              <p className="conversation-last">
                {last.authorId === viewer?.id ? `You: ${text}` : text}
              </p>
            </div>
          </li>
        )
      })}
    </ul>
  )
}

export interface ConversationProps {
  conversation: Conversation
  messages: Message[]
  /** The id below which earlier messages are. */
  earlier: number | null
  isLatestPage: boolean
  /** Staff has taken writing messages from them. */
  isRestricted: boolean
  values?: FormValues
  errors?: FormErrors
}

/** What two sides have written to each other, the latest at the end, above the form. */
export function ConversationPage(props: ConversationProps) {
  const { conversation, messages, earlier, isLatestPage } = props
  const { project, memberId, side, other } = conversation
  const here = paths.conversation(project, memberId)
  const list = side === 'member' ? paths.messages() : paths.projectMessages(project)
  return (
    <Document title={`${other.name} · Messages`} hidden scripted>
      <div className="settings conversation">
        <header className="conversation-header">
          <Avatar {...other} size={48} />
          <div>
            <h1>
              <a href={paths.person(other)}>{other.name}</a>
            </h1>
            <p>
              About <a href={paths.project(project)}>{project.title}</a> ·{' '}
              <a href={list}>All messages</a>
            </p>
          </div>
        </header>
        {earlier !== null && (
          <p>
            <a className="button button-quiet" href={`${here}?after=${earlier}`}>
              Earlier messages
            </a>
          </p>
        )}
        {messages.length > 0 && (
          <ol className="message-list">
            {messages.map((message) => (
              <MessageItem key={message.id} message={message} conversation={conversation} />
            ))}
          </ol>
        )}
        {isLatestPage ? (
          <Writing {...props} />
        ) : (
          <p>
            <a className="button" href={here}>
              Latest messages
            </a>
          </p>
        )}
      </div>
    </Document>
  )
}

function MessageItem(props: { message: Message; conversation: Conversation }) {
  const { message, conversation } = props
  const { project, memberId, side } = conversation
  const { now, viewer } = useSite()
  const { id, authorId, authorName, body, createdAt } = message
  const isFromOwnSide = (authorId === memberId) === (side === 'member')
  const report = paths.report({
    kind: 'message',
    project: project.id,
    subject: id,
    member: memberId,
  })
  return (
    <li id={`message-${id}`} className={isFromOwnSide ? 'message is-own' : 'message'}>
      <p className="message-head">
        <strong>{authorId === viewer?.id ? 'You' : authorName}</strong>
        <time dateTime={createdAt.toISOString()} title={formatMoment(createdAt)}>
          {timeAgo(createdAt, now)}
        </time>
        {!isFromOwnSide && (
          <a className="message-report" href={report}>
            Report
          </a>
        )}
      </p>
      <p className="message-body" dir="auto">
        {body}
      </p>
    </li>
  )
}

/** The form or, where nobody can write, why. */
function Writing({ conversation, isRestricted, values, errors }: ConversationProps) {
  const { project, memberId, side, other, hasBegun, closed } = conversation
  const here = paths.conversation(project, memberId)
  if (closed === 'left') return <Notice>{other.name} has left, so nobody reads this.</Notice>
  if (closed === 'viewer') {
    return (
      <Blocked text={`You have blocked ${other.name}, so neither of you can write here.`}>
        <TieButton act="unblock" person={other} next={here} />
      </Blocked>
    )
  }
  if (closed === 'other') {
    return <Blocked text="One of you has blocked the other, so nobody can write here." />
  }
  if (isRestricted) {
    return <Blocked text="Our staff has taken writing messages from your account for now." />
  }
  return (
    <>
      <form className="form" method="post" action={here}>
        <TextField
          name="body"
          label={hasBegun ? 'Your message' : `Your question to ${other.name}`}
          hint={
            side === 'member'
              ? `${other.name} and those who help with the project read it.`
              : `${other.name} reads it, as do all who answer for the project.`
          }
          required
          maxLength={messageCharactersMax}
          rows={5}
          dir="auto"
          defaultValue={values?.['body']}
          error={errors?.['body']}
        />
        <button className="button" type="submit">
          Send
        </button>
      </form>
      {hasBegun && (
        <div className="conversation-end">
          <p>If you want nothing more from {other.name}:</p>
          <TieButton act="block" person={other} next={here} />
        </div>
      )}
    </>
  )
}

function Blocked({ text, children }: { text: string; children?: ReactNode }) {
  return (
    <div className="conversation-closed">
      <p>{text}</p>
      {children}
    </div>
  )
}
