import { listSourceChunk } from '#features/dashboard/reads/exports'
import * as numbers from '#features/dashboard/reads/numbers'
import type { PlanKeys } from './keys'
import type { PlanRead } from './limits'

/** What is read for the makers of a project who look at its numbers. */
export function numberReads({ creator, famousProject, ordinaryProject }: PlanKeys): PlanRead[] {
  const projects: [string, number][] = [
    ['famous', famousProject],
    ['ordinary', ordinaryProject],
  ]
  // The first and the last day that can be: as many as there are.
  const [first, last] = ['2000-01-01', '2100-01-01']
  return [
    {
      read: 'sumFollowers',
      key: 'busy creator',
      kind: 'people',
      run: (db) => numbers.sumFollowers(db, creator),
    },
    ...projects.flatMap(([key, id]): PlanRead[] => [
      {
        read: 'findCountedProject',
        key,
        kind: 'key',
        run: (db) => numbers.findCountedProject(db, id),
      },
      { read: 'sumPledges', key, kind: 'sums', run: (db) => numbers.sumPledges(db, id) },
      { read: 'sumSavers', key, kind: 'people', run: (db) => numbers.sumSavers(db, id) },
      { read: 'sumVisits', key, kind: 'sums', run: (db) => numbers.sumVisits(db, id, first, last) },
      {
        read: 'listRewardSales',
        key,
        kind: 'rewards',
        run: (db) => numbers.listRewardSales(db, id),
      },
      {
        read: 'listSourceChunk',
        key,
        kind: 'chunk',
        run: (db) => listSourceChunk(db, id, { day: first, source: '' }),
      },
    ]),
  ]
}
