import type { Mail } from '#db/outbox'
import { writeLetter } from '#lib/letter'
import { paths } from '#web/paths'
import type { Happening } from '../reads/subjects'
import { sentenceOf } from '../rules/sentences'
import { type MailTopic, topicNames, topicOf } from '../rules/topics'

/** Somebody who hears of an event. */
export interface Reader {
  id: number
  name: string
  email: string
  /** Proves that a link came by mail. */
  key: string
  muted: MailTopic[]
}

/**
 * The mail that tells somebody of an event, under a name that is the same however often it is
 * written; undefined where they do not want it.
 */
export function letterOf(
  event: Happening & { id: number },
  reader: Reader,
  site: string,
): (Mail & { event: string }) | undefined {
  const topic = topicOf(event.kind, event.comment?.answersId === reader.id)
  if (topic && reader.muted.includes(topic)) return undefined
  const { who, what, quote, path, label } = sentenceOf(event, reader.id)
  const unsubscribe =
    topic && site + paths.unsubscribe({ person: reader.id, key: reader.key, topic })
  const letter = writeLetter({
    subject: `${who} ${what}`.replace(/\.$/, ''),
    greeting: `Hello ${reader.name},`,
    paragraphs: [`${who} ${what}`, ...(quote === '' ? [] : [`“${quote}”`])],
    action: { label, url: site + path },
    reason: topic ? reasonOf(topic) : alwaysReason,
    unsubscribe,
  })
  const name = `event:${event.id}:${reader.id}`
  return { event: name, recipient: reader.email, unsubscribe: unsubscribe ?? null, ...letter }
}

const alwaysReason =
  'This is about your project or your account, so it comes whatever you have chosen to hear of.'
const reasonOf = (topic: MailTopic) => `You hear of this under “${topicNames[topic].label}”.`
