import type { Db } from '#db/client'
import { countedPledgesMax } from '#features/community/reads'
import { walkRowsMax } from '#features/discover/reads/shelves'
import type { Limits } from './plans-judge'

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
  community: {
    buffers: countedPledgesMax + 100,
    sortedRows: 2 * countedPledgesMax,
    readRows: countedPledgesMax,
    removedRows: 0,
    reason:
      `The latest ${countedPledgesMax} pledges, grouped by where they are from: a million backers ` +
      'cost no more.',
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
    buffers: 15_000,
    sortedRows: 15_000,
    readRows: 60_000,
    removedRows: 10_000,
    reason:
      'Two thousand candidates from each of three indexes and a thousand popular ones, each on a ' +
      'buffer of its own, are ranked; what an index knows of a word is at most tenfold that.',
  },
  suggestions: {
    buffers: 4_000,
    sortedRows: 2_000,
    readRows: 30_000,
    removedRows: 2_000,
    reason:
      'Asked at every key: five hundred candidates from each of two small indexes, and the two ' +
      'thousand busiest places.',
  },
} as const satisfies Record<string, Limits & { reason: string }>
