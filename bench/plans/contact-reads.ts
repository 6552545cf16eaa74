import { isMailKey, listActivities, listMuted } from '#features/activity/reads/activities'
import {
  findConversation,
  listConversations,
  listMessages,
  listProjectConversations,
} from '#features/messages/reads'
import { findPersonFor } from '#features/people/reads/profiles'
import { areBlocked, listBlocked, listFollowed } from '#features/people/reads/ties'
import { encodeCursor } from '#lib/cursor'
import type { PlanKeys } from './keys'
import { deep, firstPage, type PlanRead } from './limits'

/** What people write to each other, whom they follow, and what they hear of. */
export function contactReads({ backer, creator, famousProject }: PlanKeys): PlanRead[] {
  const conversation = { projectId: famousProject, memberId: backer }
  const place = { at: '1700000000000000', ...conversation }
  const followed = encodeCursor({ sort: 'followed', key: place.at, id: creator })
  const mail = { person: backer, key: 'none' }
  const key = 'busy backer'
  const one = (read: string, run: PlanRead['run']): PlanRead => ({ read, key, kind: 'key', run })
  const pages = (read: string, first: PlanRead['run'], later: PlanRead['run']): PlanRead[] => [
    { read, key, kind: 'page', variant: firstPage, run: first },
    { read, key, kind: 'page', variant: deep, run: later },
  ]
  return [
    one('findPersonFor', (db) => findPersonFor(db, backer, creator)),
    one('areBlocked', (db) => areBlocked(db, backer, creator)),
    one('findConversation', (db) => findConversation(db, backer, conversation)),
    one('isMailKey', (db) => isMailKey(db, mail)),
    one('listMuted', (db) => listMuted(db, backer)),
    ...pages(
      'listMessages',
      (db) => listMessages(db, conversation),
      (db) => listMessages(db, conversation, 1_000_000),
    ),
    ...pages(
      'listConversations',
      (db) => listConversations(db, backer),
      (db) => listConversations(db, backer, place),
    ),
    ...pages(
      'listProjectConversations',
      (db) => listProjectConversations(db, famousProject),
      (db) => listProjectConversations(db, famousProject, place),
    ),
    ...pages(
      'listActivities',
      (db) => listActivities(db, backer),
      (db) => listActivities(db, backer, 1_000_000),
    ),
    ...pages(
      'listFollowed',
      (db) => listFollowed(db, backer),
      (db) => listFollowed(db, backer, followed),
    ),
    ...pages(
      'listBlocked',
      (db) => listBlocked(db, backer),
      (db) => listBlocked(db, backer, creator),
    ),
  ]
}
