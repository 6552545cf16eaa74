import { findHead, listBalances, listBalancesIn, listLines } from '#features/ledger/reads'
import { listDue, listEnded, listUnderWay } from '#features/settlement/reads/due'
import {
  findMoneyProject,
  findRefundable,
  listPayouts,
  listReturned,
} from '#features/settlement/reads/money'
import { findUnpaid } from '#features/settlement/reads/unpaid'
import { deep, firstPage, type PlanRead } from './limits'

/** What is read of a project's money, and of what is to be done about it. */
export const moneyReads = (people: [string, number][], project: number): PlanRead[] => {
  const key = 'a project'
  return [
    { read: 'listBalances', key, kind: 'list', run: (db) => listBalances(db, project) },
    { read: 'listBalancesIn', key, kind: 'list', run: (db) => listBalancesIn(db, project) },
    { read: 'findHead', key, kind: 'key', run: (db) => findHead(db, project) },
    {
      ...{ read: 'listLines', key, variant: firstPage, kind: 'page' },
      run: (db) => listLines(db, project),
    },
    {
      ...{ read: 'listLines', key, variant: deep, kind: 'page' },
      run: (db) => listLines(db, project, 1_000),
    },
    { read: 'findMoneyProject', key, kind: 'key', run: (db) => findMoneyProject(db, project) },
    { read: 'findRefundable', key, kind: 'key', run: (db) => findRefundable(db, project, 1) },
    { read: 'listPayouts', key, kind: 'page', run: (db) => listPayouts(db, project) },
    { read: 'listReturned', key, kind: 'page', run: (db) => listReturned(db, project) },
    { read: 'listEnded', key: 'all', kind: 'page', run: (db) => listEnded(db) },
    { read: 'listDue', key: 'all', kind: 'page', run: (db) => listDue(db) },
    { read: 'listUnderWay', key: 'all', kind: 'page', run: (db) => listUnderWay(db) },
    ...people.map(([key, id]): PlanRead => {
      return { read: 'findUnpaid', key, kind: 'key', run: (db) => findUnpaid(db, id, project) }
    }),
  ]
}
