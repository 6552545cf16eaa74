import { findAddress, listAddresses } from '#features/fulfilment/reads/addresses'
import { findCurrency, listReport, listRewardNames } from '#features/fulfilment/reads/backers'
import { findBacker, findFulfilment, findSurvey } from '#features/fulfilment/reads/surveys'
import { listTasks } from '#features/fulfilment/reads/tasks'
import {
  type BackersFilter,
  backersPageRows,
  chunkRowsMax,
  walkedPledgesMax,
} from '#features/fulfilment/rules/backers'
import { findLiveFigures } from '#features/projects/reads/live'
import type { PlanKeys } from './keys'
import { deep, firstPage, type PlanRead, type ReadKind } from './limits'

/** What is read of backers for those who send them something, and for themselves. */
export function backerReads({ backer, famousProject, ordinaryProject }: PlanKeys): PlanRead[] {
  const read = (name: string, key: string, kind: ReadKind, run: PlanRead['run']): PlanRead => ({
    ...{ read: name, key, kind, run },
  })
  const number = 1
  return [
    read('listAddresses', 'busy backer', 'list', (db) => listAddresses(db, backer)),
    read('findAddress', 'busy backer', 'key', (db) => findAddress(db, backer, number)),
    read('findFulfilment', 'busy backer', 'key', (db) => findFulfilment(db, backer, famousProject)),
    ...reportReads('famous', famousProject),
    ...reportReads('ordinary', ordinaryProject),
    read('findLiveFigures', 'famous', 'list', (db) => findLiveFigures(db, famousProject)),
    read('findSurvey', 'famous', 'key', (db) => findSurvey(db, famousProject)),
    read('findBacker', 'famous', 'key', (db) => findBacker(db, famousProject, number)),
    read('findCurrency', 'famous', 'key', (db) => findCurrency(db, famousProject)),
    read('listTasks', 'famous', 'key', (db) => listTasks(db, famousProject)),
    read('listRewardNames', 'famous', 'rewards', (db) => listRewardNames(db, famousProject)),
  ]
}

/** Of a page, of one that a filter makes seldom, and of a file. */
function reportReads(key: string, id: number): PlanRead[] {
  const page = { rowsMax: backersPageRows, walkMax: walkedPledgesMax }
  const chunk = { rowsMax: chunkRowsMax, walkMax: chunkRowsMax }
  const seldom: BackersFilter = { reward: 'none', country: 'Nowhere', answered: 'yes' }
  const read = (variant: string, kind: ReadKind, run: PlanRead['run']): PlanRead => ({
    ...{ read: 'listReport', key, variant, kind, run },
  })
  return [
    read(firstPage, 'report', (db) => listReport(db, id, {}, page)),
    read(deep, 'report', (db) => listReport(db, id, {}, { ...page, after: 10_000 })),
    read('none found', 'report', (db) => listReport(db, id, seldom, page)),
    read('file', 'chunk', (db) => listReport(db, id, {}, chunk)),
  ]
}
