import { findCard, findCustomerRef, listCards, listPaidBy } from '#features/payments/reads'
import { findWebhook, listDeliveries, listWebhooks } from '#features/webhooks/reads'
import { deep, firstPage, type PlanRead } from './limits'

/** What is read of the cards somebody pays with. */
export const cardReads = (people: [string, number][]): PlanRead[] =>
  people.flatMap(([key, id]): PlanRead[] => [
    { read: 'listCards', key, kind: 'list', run: (db) => listCards(db, id, 'test') },
    { read: 'findCard', key, kind: 'key', run: (db) => findCard(db, id, 1) },
    { read: 'findCustomerRef', key, kind: 'key', run: (db) => findCustomerRef(db, id, 'test') },
    { read: 'listPaidBy', key, kind: 'download', run: (db) => listPaidBy(db, id, 1) },
  ])

/** What is read of the programs that are told what happens to a project. */
export const webhookReads = (project: number): PlanRead[] => {
  const key = 'a project'
  return [
    { read: 'listWebhooks', key, kind: 'list', run: (db) => listWebhooks(db, project) },
    { read: 'findWebhook', key, kind: 'key', run: (db) => findWebhook(db, project, 1) },
    {
      ...{ read: 'listDeliveries', key, variant: firstPage, kind: 'page' },
      run: (db) => listDeliveries(db, project, 1),
    },
    {
      ...{ read: 'listDeliveries', key, variant: deep, kind: 'page' },
      run: (db) => listDeliveries(db, project, 1, 1_000),
    },
  ]
}
