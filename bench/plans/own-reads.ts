import { isBacker } from '#features/comments/reads'
import {
  findAccount,
  findLink,
  findOwnAccount,
  listSessions,
} from '#features/people/reads/accounts'
import { findAccess } from '#features/projects/reads/access'
import { hasSaved } from '#features/projects/reads/projects'
import { listSaved } from '#features/saves/reads'
import { hashToken } from '#lib/tokens'
import type { PlanKeys } from './keys'
import { deep, firstPage, type PlanRead } from './limits'

/** What is read for somebody who is signed in, or is about to be. */
export function ownReads({ backer, creator, famousProject, newestProject }: PlanKeys): PlanRead[] {
  const people: [string, number][] = [
    ['busy backer', backer],
    ['busy creator', creator],
  ]
  const everybody: PlanRead[] = [
    {
      read: 'findAccount',
      key: 'no address',
      kind: 'key',
      run: (db) => findAccount(db, 'nobody@example.test'),
    },
    {
      read: 'findLink',
      key: 'no link',
      kind: 'key',
      run: (db) => findLink(db, hashToken('none')),
    },
  ]
  return [
    ...everybody,
    ...people.flatMap(([key, id]): PlanRead[] => [
      { read: 'findOwnAccount', key, kind: 'key', run: (db) => findOwnAccount(db, id) },
      { read: 'listSessions', key, kind: 'list', run: (db) => listSessions(db, id) },
      {
        read: 'findAccess',
        key,
        kind: 'key',
        run: (db) => findAccess(db, { id }, famousProject),
      },
      { read: 'isBacker', key, kind: 'key', run: (db) => isBacker(db, id, famousProject) },
      { read: 'hasSaved', key, kind: 'key', run: (db) => hasSaved(db, id, famousProject) },
      {
        read: 'listSaved',
        key,
        variant: firstPage,
        kind: 'list',
        run: (db) => listSaved(db, id),
      },
      {
        read: 'listSaved',
        key,
        variant: deep,
        kind: 'list',
        run: (db) => listSaved(db, id, Math.ceil(newestProject / 2)),
      },
    ]),
  ]
}
