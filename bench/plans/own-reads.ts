import type { Db } from '#db/client'
import { requireDraft } from '#features/editor/reads/drafts'
import { listMaking, listTransitions } from '#features/editor/reads/making'
import { findInvitation, listCollaborators, listInvitations } from '#features/editor/reads/people'
import { listAccessTokens } from '#features/people/reads/access-tokens'
import {
  findAccount,
  findLink,
  findOwnAccount,
  listSessions,
} from '#features/people/reads/accounts'
import { listOwn } from '#features/privacy/reads/downloads'
import { kinds } from '#features/privacy/reads/kinds'
import { findAccess } from '#features/projects/reads/access'
import { findProjectTies } from '#features/projects/reads/projects'
import { listSaved } from '#features/saves/reads'
import {
  findDraft,
  findEdition,
  findStanding,
  listDrafts,
  requireReadable,
} from '#features/updates/reads'
import { hashToken } from '#lib/tokens'
import type { PlanKeys } from './keys'
import { deep, firstPage, type PlanRead } from './limits'
import { moneyReads } from './money-reads'
import { cardReads, webhookReads } from './payment-reads'
import { pledgeReads } from './pledge-reads'

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
    ...helpers(people, famousProject),
    ...moneyReads(people, famousProject),
    ...cardReads(people),
    ...webhookReads(famousProject),
    ...pledgeReads(people, famousProject, newestProject),
    ...drafts(backer, famousProject),
    ...people.flatMap(([key, id]): PlanRead[] => [
      { read: 'findOwnAccount', key, kind: 'key', run: (db) => findOwnAccount(db, id) },
      { read: 'listSessions', key, kind: 'list', run: (db) => listSessions(db, id) },
      { read: 'listMaking', key, kind: 'made', run: (db) => listMaking(db, id) },
      { read: 'listAccessTokens', key, kind: 'list', run: (db) => listAccessTokens(db, id) },
      ...kinds.map((each): PlanRead => {
        const run = (db: Db) => listOwn(db, each, id)
        return { read: 'listOwn', key, variant: each.name, kind: 'download', run }
      }),
      {
        read: 'findAccess',
        key,
        kind: 'key',
        run: (db) => findAccess(db, { id }, famousProject),
      },
      {
        read: 'findStanding',
        key,
        kind: 'key',
        run: (db) => findStanding(db, id, famousProject),
      },
      {
        read: 'findProjectTies',
        key,
        kind: 'key',
        run: (db) => findProjectTies(db, id, famousProject),
      },
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

/** What is read of a project by those who write it. */
function drafts(reader: number, project: number): PlanRead[] {
  const number = 1
  return [
    {
      read: 'requireDraft',
      key: 'a project',
      kind: 'list',
      run: (db) => requireDraft(db, project),
    },
    {
      read: 'listTransitions',
      key: 'a project',
      kind: 'list',
      run: (db) => listTransitions(db, project),
    },
    {
      read: 'listDrafts',
      key: 'updates',
      kind: 'page',
      run: (db) => listDrafts(db, project),
    },
    {
      read: 'findDraft',
      key: 'no draft',
      kind: 'key',
      run: (db) => findDraft(db, project, 1),
    },
    {
      read: 'findEdition',
      key: 'an update',
      kind: 'key',
      run: (db) => findEdition(db, { projectId: project, number }),
    },
    {
      read: 'requireReadable',
      key: 'an update',
      kind: 'key',
      run: (db) => requireReadable(db, { projectId: project, number }, reader).catch(() => {}),
    },
  ]
}

/** What is read of those who help with a project. */
function helpers(people: [string, number][], project: number): PlanRead[] {
  return [
    {
      read: 'listCollaborators',
      key: 'a project',
      kind: 'list',
      run: (db) => listCollaborators(db, project),
    },
    ...people.flatMap(([key, id]): PlanRead[] => [
      { read: 'listInvitations', key, kind: 'list', run: (db) => listInvitations(db, id) },
      { read: 'findInvitation', key, kind: 'key', run: (db) => findInvitation(db, id, project) },
    ]),
  ]
}
