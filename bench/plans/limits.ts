import type { Db } from '#db/client'
import { batchKeysMax } from '#db/coalesce'
import { countedPledgesMax, rollCallPledgesMax } from '#features/community/reads'
import { chunkRowsMax } from '#features/dashboard/reads/exports'
import {
  countedPeopleMax,
  countedPledgesMax as summedPledgesMax,
} from '#features/dashboard/reads/numbers'
import { backedPledgesMax } from '#features/discover/reads/lists'
import { walkRowsMax } from '#features/discover/reads/shelves'
import { walkedPledgesMax } from '#features/fulfilment/rules/backers'
import { chunkRows } from '#features/privacy/rules'
import type { Limits } from './judge'

/** A read of the site with the key it is asked for. */
export interface PlanRead {
  /** The name of the function. */
  read: string
  key: string
  /** What else it is asked for, where the same read and key are measured in several ways. */
  variant?: string
  kind: ReadKind
  run(db: Db): Promise<unknown>
}

const pledgesMax = Math.max(rollCallPledgesMax, backedPledgesMax)

/** Variants of a list that is read in pages. */
export const firstPage = 'page 1'
export const deep = 'deep'

export type ReadKind = keyof typeof limits

/**
 * One statement's limits by the kind of read, and why. A buffer is a page of 8 kB; a B-tree of a
 * hundred million rows is four pages deep, so a row found by its key costs five buffers.
 */
export const limits = {
  key: {
    buffers: 30,
    sortedRows: 0,
    readRows: 6,
    removedRows: 0,
    reason: 'One row by its key and the few that it names, at five buffers each.',
  },
  batch: {
    buffers: 30 * batchKeysMax,
    sortedRows: 20 * batchKeysMax,
    readRows: 40 * batchKeysMax,
    removedRows: 0,
    reason: `The same for ${batchKeysMax} keys in one statement, with the rewards of each.`,
  },
  list: {
    buffers: 150,
    sortedRows: 13,
    readRows: 26,
    removedRows: 13,
    reason:
      'Thirteen projects of one status, anywhere on the disk, each with its subcategory; twice ' +
      'as many looked at, for those that are not to be shown.',
  },
  walk: {
    buffers: walkRowsMax + 250,
    sortedRows: 13,
    readRows: walkRowsMax + 26,
    removedRows: walkRowsMax,
    reason:
      `A category within a place walks at most ${walkRowsMax} rows of one for those of the ` +
      'other, at worst each on a buffer of its own, and reads thirteen of them again.',
  },
  page: {
    buffers: 200,
    sortedRows: 26,
    readRows: 104,
    removedRows: 26,
    reason:
      'A page of what stands inside one project or belongs to one person, and the people or ' +
      'projects it names.',
  },
  backing: {
    buffers: pledgesMax + 200,
    sortedRows: 0,
    readRows: pledgesMax + 100,
    removedRows: 0,
    reason:
      `At most ${pledgesMax} pledges of one project or person in the order of an index, for those ` +
      'with a name, and the people or projects of a page of them.',
  },
  rewards: {
    buffers: 1_000,
    sortedRows: 1_600,
    readRows: 2_000,
    removedRows: 0,
    reason:
      'At most a hundred rewards of one project, each with its items and shipping prices in order.',
  },
  threads: {
    buffers: 6_000,
    sortedRows: 1_300,
    readRows: 2_700,
    removedRows: 13,
    reason: 'Thirteen threads with at most a hundred replies each, and the authors of all.',
  },
  download: {
    buffers: 30 * chunkRows,
    sortedRows: 2 * chunkRows,
    readRows: 20 * chunkRows,
    removedRows: chunkRows,
    reason:
      `At most ${chunkRows} things of one person in the order of a key, at five buffers each; a ` +
      'reward with its items and shipping prices.',
  },
  record: {
    buffers: 1_000,
    sortedRows: 100,
    readRows: 500,
    removedRows: 0,
    reason:
      'The latest hundred projects of one creator, and up to a hundred reports about them, which ' +
      'are looked for project by project.',
  },
  made: {
    buffers: 2_000,
    sortedRows: 200,
    readRows: 400,
    removedRows: 0,
    reason: 'At most 200 projects of one person, each with its draft.',
  },
  community: {
    buffers: countedPledgesMax + 100,
    sortedRows: 2 * countedPledgesMax,
    readRows: countedPledgesMax,
    removedRows: 0,
    reason:
      `The latest ${countedPledgesMax} pledges, grouped by where they are from: a million backers ` +
      'cost no more.',
  },
  sums: {
    buffers: summedPledgesMax + 100,
    sortedRows: 4 * summedPledgesMax,
    readRows: summedPledgesMax,
    removedRows: 0,
    reason:
      `The latest ${summedPledgesMax} pledges of one project in sums, for its makers, or sixty ` +
      'sources on each of a hundred days.',
  },
  people: {
    buffers: 12 * countedPeopleMax,
    sortedRows: countedPeopleMax,
    readRows: 2 * countedPeopleMax,
    removedRows: 0,
    reason:
      `At most ${countedPeopleMax} who have saved a project or follow its creator, and of each ` +
      'the pledge to it by an index.',
  },
  chunk: {
    buffers: 12 * chunkRowsMax,
    sortedRows: 4 * chunkRowsMax,
    readRows: 6 * chunkRowsMax,
    removedRows: 0,
    reason: `${chunkRowsMax} rows of a file, each with its person, its reward and its add-ons.`,
  },
  report: {
    buffers: 6 * walkedPledgesMax,
    sortedRows: 2 * walkedPledgesMax,
    readRows: 3 * walkedPledgesMax,
    removedRows: walkedPledgesMax,
    reason:
      `${walkedPledgesMax} pledges of one project in the order of their key, each with what is sent ` +
      'for it, in a sum; the names and rewards of a page of them.',
  },
  catalogue: {
    buffers: 600,
    sortedRows: 1_000,
    readRows: 1_000,
    removedRows: 0,
    reason:
      'Some hundreds of categories, and of the places five hundred at most, each on a buffer of ' +
      'its own, however many projects there are.',
  },
  sitemap: {
    buffers: 10_100,
    sortedRows: 0,
    readRows: 10_000,
    removedRows: 2_500,
    reason: 'Ten thousand ids in one file, at worst each row on a buffer of its own.',
  },
  search: {
    buffers: 5_000,
    sortedRows: 6_000,
    readRows: 40_000,
    removedRows: 1_000,
    reason:
      'Fewer than two hundred rows of one index and two thousand of the next, or a thousand of all, ' +
      'and a thousand popular ones, each on a buffer of its own; a thousand of them are ranked. ' +
      'What the index of all knows of words of which it is asked is some twenty thousand: one ' +
      'project in seventy is well known, and fewer than two hundred of those have them.',
  },
  suggestions: {
    buffers: 1_500,
    sortedRows: 2_000,
    readRows: 10_000,
    removedRows: 200,
    reason:
      'Asked at every key: five hundred candidates from one small index and fewer than fifty from ' +
      'a smaller one, two hundred titles, and the two thousand busiest places. The small indexes ' +
      'know some thousands of words that begin with two letters.',
  },
} as const satisfies Record<string, Limits & { reason: string }>
