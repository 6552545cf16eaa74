import type { Db } from './client'
import { type EventKind, events } from './schema/contact'

export interface NewEvent {
  kind: EventKind
  aboutProject?: number | undefined
  /** The update, comment or message it is about. */
  subject?: number | undefined
  /** Who did it; nobody when the clock did. */
  actorId?: number | undefined
  /** The one whom it concerns, where that is one. */
  recipientId?: number | undefined
  reason?: string | undefined
}

/**
 * Writes down that something has happened, in its transaction. A job tells it afterwards to
 * everybody whom it concerns: on their activity page and, if they want, by mail.
 */
export async function recordEvent(tx: Pick<Db, 'insert'>, event: NewEvent): Promise<void> {
  await tx.insert(events).values(event)
}
