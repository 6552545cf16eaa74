import { z } from 'zod'
import { type EventKind, mailTopics } from '#db/schema/contact'
import { idSchema } from '#http/input'

export type MailTopic = (typeof mailTopics)[number]

export const activityPageRows = 30
export const activityKeptDays = 90
/** People told in one transaction. */
export const batchPeopleMax = 1_000

/** What each kind of mail is, in the order of the settings. */
export const topicNames: Record<MailTopic, { label: string; hint: string }> = {
  messages: { label: 'Messages', hint: 'Somebody writes to you about a project.' },
  replies: { label: 'Answers', hint: 'Somebody answers a comment of yours.' },
  comments: {
    label: 'Comments on your projects',
    hint: 'Somebody comments on a project you make or help with.',
  },
  updates: {
    label: 'Updates',
    hint: 'A project you back or save, or a creator you follow, has news.',
  },
  launches: { label: 'Launches', hint: 'A creator you follow launches a project.' },
  reminders: { label: 'Reminders', hint: 'A project you have saved ends in two days.' },
  endings: { label: 'Endings', hint: 'A project you back or save has ended, well or not.' },
  followers: { label: 'Followers', hint: 'Somebody follows you.' },
}

const topics: Partial<Record<EventKind, MailTopic>> = {
  project_launched: 'launches',
  update_published: 'updates',
  message_sent: 'messages',
  person_followed: 'followers',
  project_canceled: 'endings',
  project_successful: 'endings',
  project_failed: 'endings',
}

/**
 * What a person may have turned off, of the mails about an event; undefined for what is about their
 * own project or account, which always comes.
 */
export function topicOf(kind: EventKind, isAnswer: boolean): MailTopic | undefined {
  if (kind === 'comment_posted') return isAnswer ? 'replies' : 'comments'
  return topics[kind]
}

/** Between two who have blocked each other these are told to neither. */
export const isBetweenPeople = (kind: EventKind): boolean =>
  [
    ...['project_launched', 'update_published', 'comment_posted', 'message_sent'],
    ...['person_followed', 'collaborator_invited'],
  ].includes(kind)

const ticked = z.string().optional()

/** A form sends only the boxes that are ticked. */
export const topicsForm = z
  .object(Object.fromEntries(mailTopics.map((topic) => [topic, ticked])))
  .transform((given) => mailTopics.filter((topic) => given[topic] !== undefined))

/** Whose mails of which kind are to end; the key is the proof. */
export const unsubscribeQuery = z.object({
  person: idSchema,
  key: z.string().min(1).max(100),
  topic: z.enum(mailTopics),
})
