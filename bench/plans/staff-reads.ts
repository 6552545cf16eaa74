import { listRestrictions } from '#db/restrictions'
import { listActs } from '#features/staff/reads/log'
import { findPersonBy, findPersonRecord, listMade } from '#features/staff/reads/people'
import {
  findOwnReport,
  findReport,
  listOpenReports,
  listReportsAbout,
} from '#features/staff/reads/reports'
import { countWaiting, findCreatorRecord, listSubmissions } from '#features/staff/reads/review'
import { findThing } from '#features/staff/reads/things'
import type { ThingKey } from '#features/staff/rules'
import type { PlanKeys } from './keys'
import { deep, firstPage, type PlanRead } from './limits'

/** What staff reads, and whoever reports something. */
export function staffReads({ creator, talkativeProject, newestProject }: PlanKeys): PlanRead[] {
  const project = { projectId: talkativeProject, memberId: null }
  const things: ThingKey[] = [
    { kind: 'project', subject: 0, ...project },
    { kind: 'update', subject: 1, ...project },
    { kind: 'comment', subject: 1, ...project },
    { kind: 'message', subject: 1, ...project, memberId: creator },
    { kind: 'person', subject: creator, projectId: null, memberId: null },
  ]
  const read = (
    name: string,
    key: string,
    kind: PlanRead['kind'],
    run: PlanRead['run'],
    variant?: string,
  ): PlanRead => ({ read: name, key, kind, run, ...(variant ? { variant } : {}) })
  return [
    read('countWaiting', 'everything', 'walk', (db) => countWaiting(db)),
    read('listSubmissions', 'in review', 'walk', (db) => listSubmissions(db), firstPage),
    read(
      'listSubmissions',
      'in review',
      'walk',
      (db) => listSubmissions(db, Math.ceil(newestProject / 2)),
      deep,
    ),
    read('findCreatorRecord', 'busy creator', 'record', (db) =>
      findCreatorRecord(db, { id: creator }),
    ),
    read('listOpenReports', 'open', 'page', (db) => listOpenReports(db), firstPage),
    read('listOpenReports', 'open', 'page', (db) => listOpenReports(db, 1_000), deep),
    read('findReport', 'a report', 'key', (db) => findReport(db, 1)),
    ...things.flatMap((thing) => [
      read('findThing', thing.kind, 'key', (db) => findThing(db, thing)),
      read('listReportsAbout', thing.kind, 'page', (db) => listReportsAbout(db, thing, 0)),
      read('findOwnReport', thing.kind, 'page', (db) => findOwnReport(db, creator, thing)),
    ]),
    read('listActs', 'everything', 'page', (db) => listActs(db)),
    read('listActs', 'a project', 'page', (db) => listActs(db, { project: talkativeProject })),
    read('listActs', 'a person', 'page', (db) => listActs(db, { person: creator })),
    read('findPersonRecord', 'busy creator', 'key', (db) => findPersonRecord(db, creator)),
    read('findPersonBy', 'no address', 'key', (db) =>
      findPersonBy(db, { email: 'nobody@example.test' }),
    ),
    read('listMade', 'busy creator', 'page', (db) => listMade(db, creator)),
    read('listRestrictions', 'busy creator', 'key', (db) => listRestrictions(db, creator)),
  ]
}
