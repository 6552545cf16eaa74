import { findCheckout } from '#features/pledges/reads/checkout'
import { findOwnPledge, listOwnPledges, sumOwnPledges } from '#features/pledges/reads/own'
import { deep, firstPage, type PlanRead } from './limits'

/** What is read for somebody who backs a project, or is about to. */
export const pledgeReads = (
  people: [string, number][],
  project: number,
  newestProject: number,
): PlanRead[] =>
  people.flatMap(([key, id]): PlanRead[] => [
    { read: 'findCheckout', key, kind: 'key', run: (db) => findCheckout(db, id, project) },
    { read: 'findOwnPledge', key, kind: 'list', run: (db) => findOwnPledge(db, id, project) },
    { read: 'sumOwnPledges', key, kind: 'download', run: (db) => sumOwnPledges(db, id) },
    {
      ...{ read: 'listOwnPledges', key, variant: firstPage, kind: 'page' },
      run: (db) => listOwnPledges(db, id),
    },
    {
      ...{ read: 'listOwnPledges', key, variant: deep, kind: 'page' },
      run: (db) => listOwnPledges(db, id, Math.ceil(newestProject / 2)),
    },
  ])
