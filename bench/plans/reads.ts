import type { Db } from '#db/client'
import { batchKeysMax } from '#db/coalesce'
import { listThreads } from '#features/comments/reads'
import { findCommunity, listBackers } from '#features/community/reads'
import {
  findPlace,
  findPlaceNumber,
  listCategories,
  listPlaces,
  placesMax,
} from '#features/discover/reads/catalog'
import { listBacked, listProjects, listStaffPicks } from '#features/discover/reads/lists'
import { listSitemapProjects, newestProjectId } from '#features/discover/reads/sitemap'
import { findPerson } from '#features/people/reads/profiles'
import {
  findCampaign,
  findProject,
  findProjectRecord,
  listFaqs,
  requireBackedProject,
  requireProject,
} from '#features/projects/reads/projects'
import { listRewards } from '#features/projects/reads/rewards'
import { findUpdate, listUpdates } from '#features/updates/reads'
import { backerReads } from './backer-reads'
import { contactReads } from './contact-reads'
import type { PlanKeys } from './keys'
import { deep, firstPage, type PlanRead, type ReadKind } from './limits'
import { listReads } from './lists'
import { numberReads } from './numbers'
import { ownReads } from './own-reads'
import { staffReads } from './staff-reads'

/** Ids in one file of the sitemap. */
const sitemapIds = 10_000
const homePicks = 7
const homePlaces = 12
/** Higher than any id: nothing is there, and finding that out must cost no more. */
const nobody = 900_000_000_000

/** Every read that a page or an API list makes, each with keys that are hard for it. */
export async function siteReads(db: Db, keys: PlanKeys, searches: PlanRead[]): Promise<PlanRead[]> {
  const { famousProject, ordinaryProject, talkativeProject, newestProject } = keys
  const known: [string, number][] = [
    ['most backed project', famousProject],
    ['ordinary project', ordinaryProject],
    ['talkative project', talkativeProject],
    ['newest project', newestProject],
    ['no project', nobody],
  ]
  const projects = known.filter(([, id], at) => known.findIndex((other) => other[1] === id) === at)
  const inside = await Promise.all(
    projects.map(async ([name, id]) => [
      ...projectReads(name, id),
      ...(await pagesInside(db, name, id)),
    ]),
  )
  return [
    ...catalogueReads(keys),
    ...shelfReads(keys),
    ...(await listReads(db, keys)),
    ...personReads(keys),
    ...ownReads(keys),
    ...staffReads(keys),
    ...contactReads(keys),
    ...numberReads(keys),
    ...backerReads(keys),
    ...inside.flat(),
    ...batchReads(newestProject),
    ...sitemapReads(newestProject),
    ...searches,
  ]
}

function catalogueReads({ bigPlace, tinyPlace }: PlanKeys): PlanRead[] {
  const place = (key: string, state: string, city: string): PlanRead => ({
    read: 'findPlace',
    key,
    kind: 'key',
    run: (db) => findPlace(db, state, city),
  })
  return [
    { read: 'listCategories', key: 'all', kind: 'catalogue', run: listCategories },
    ...[homePlaces, placesMax].map(
      (rows): PlanRead => ({
        read: 'listPlaces',
        key: `first ${rows}`,
        kind: 'catalogue',
        run: (db) => listPlaces(db, rows),
      }),
    ),
    place('biggest place', bigPlace.stateSlug, bigPlace.citySlug),
    place('tiniest place', tinyPlace.stateSlug, tinyPlace.citySlug),
    place('no place', 'nowhere', 'nowhere'),
    {
      read: 'listStaffPicks',
      key: 'home',
      kind: 'list',
      run: (db) => listStaffPicks(db, homePicks),
    },
  ]
}

/** What a category within a place asks before its list. */
function shelfReads({ hotCategory, rareSubcategory, bigPlace, tinyPlace }: PlanKeys): PlanRead[] {
  const pairs = [
    { category: hotCategory, place: bigPlace },
    { category: rareSubcategory, place: tinyPlace },
  ]
  return pairs.map(({ place: { state, city } }) => ({
    read: 'findPlaceNumber',
    key: city,
    kind: 'key',
    run: (db) => findPlaceNumber(db, { state, city }),
  }))
}

function personReads({ creator, backer, newestProject }: PlanKeys): PlanRead[] {
  const people: [string, number][] = [
    ['busy creator', creator],
    ['busy backer', backer],
    ['nobody', nobody],
  ]
  return people.flatMap(([key, id]): PlanRead[] => [
    { read: 'findPerson', key, kind: 'key', run: (db) => findPerson(db, id) },
    {
      read: 'listProjects',
      key: `created by ${key}`,
      kind: 'page',
      run: (db) => listProjects(db, { creatorId: id }, { status: 'all', sort: 'newest' }),
    },
    {
      read: 'listBacked',
      key,
      variant: firstPage,
      kind: 'backing',
      run: (db) => listBacked(db, id),
    },
    {
      read: 'listBacked',
      key,
      variant: deep,
      kind: 'backing',
      run: (db) => listBacked(db, id, Math.ceil(newestProject / 2)),
    },
  ])
}

function projectReads(key: string, id: number): PlanRead[] {
  const read = (name: string, kind: ReadKind, run: PlanRead['run']): PlanRead => ({
    read: name,
    key,
    kind,
    run,
  })
  return [
    read('findProject', 'key', (db) => findProject(db, id)),
    read('requireProject', 'key', (db) => requireProject(db, id).catch(() => {})),
    read('requireBackedProject', 'key', (db) => requireBackedProject(db, id).catch(() => {})),
    read('findCampaign', 'key', (db) => findCampaign(db, id)),
    read('findProjectRecord', 'key', (db) => findProjectRecord(db, id)),
    read('listRewards', 'rewards', (db) => listRewards(db, id)),
    read('listFaqs', 'page', (db) => listFaqs(db, id)),
    read('findCommunity', 'community', (db) => findCommunity(db, id)),
  ]
}

/** Lookups that come together: of the newest, as many as one statement takes. */
function batchReads(newestProject: number): PlanRead[] {
  const first = Math.max(1, newestProject - batchKeysMax + 1)
  const ids = Array.from({ length: batchKeysMax }, (_, index) => first + index)
  const finds = { findProject, findCampaign, findProjectRecord, findPerson, listRewards }
  return Object.entries(finds).map(([read, find]) => ({
    read,
    key: `${batchKeysMax} at once`,
    kind: 'batch',
    run: (db) => Promise.all(ids.map((id) => find(db, id))),
  }))
}

/** The lists inside a project, from their beginning and from their middle. */
async function pagesInside(db: Db, key: string, projectId: number): Promise<PlanRead[]> {
  const [middle] = await db.$client<Record<'pledge' | 'comment' | 'update', number>[]>`
    select
      (select (min(id) + max(id)) / 2 from pledges where project_id = ${projectId})::float8
        as pledge,
      (select (min(id) + max(id)) / 2 from comments where project_id = ${projectId})::float8
        as comment,
      coalesce((select number from updates where project_id = ${projectId}
        order by comments_count desc, number limit 1), 1) as update`
  const number = middle?.update ?? 1
  const both = (
    read: string,
    kind: ReadKind,
    from: number | undefined,
    run: (db: Db, from?: number) => Promise<unknown>,
  ): PlanRead[] => [
    { read, key, variant: firstPage, kind, run: (session) => run(session) },
    ...(from ? [{ read, key, variant: deep, kind, run: (session: Db) => run(session, from) }] : []),
  ]
  const onUpdate = { projectId, updateNumber: number }
  return [
    ...both('listBackers', 'backing', middle?.pledge, (session, after) =>
      listBackers(session, projectId, after),
    ),
    ...both('listThreads', 'threads', middle?.comment, (session, before) =>
      listThreads(session, { projectId }, { before }),
    ),
    {
      read: 'listThreads',
      key,
      variant: 'of an update',
      kind: 'threads',
      run: (session) => listThreads(session, onUpdate),
    },
    ...both('listUpdates', 'page', number, (session, before) =>
      listUpdates(session, projectId, { before }),
    ),
    {
      read: 'findUpdate',
      key,
      kind: 'key',
      run: (session) => findUpdate(session, projectId, number),
    },
  ]
}

function sitemapReads(newestProject: number): PlanRead[] {
  const chunk = Math.floor((newestProject - 1) / sitemapIds)
  return [
    { read: 'newestProjectId', key: 'all', kind: 'key', run: newestProjectId },
    ...[...new Set([0, Math.floor(chunk / 2), chunk])].map((each): PlanRead => {
      const first = each * sitemapIds + 1
      return {
        read: 'listSitemapProjects',
        key: `file ${each}`,
        kind: 'sitemap',
        run: (db) => listSitemapProjects(db, first, first + sitemapIds - 1),
      }
    }),
  ]
}
