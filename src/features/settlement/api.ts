import { z } from 'zod'
import { tags } from '#cache/recording'
import { listBalances } from '#features/ledger/reads'
import { booksOf } from '#features/ledger/rules/books'
import { ofProject } from '#features/projects/parts/json'
import { requireProject } from '#features/projects/reads/projects'
import { endpoint, noInput } from '#http/api'
import { money } from '#http/json'

const books = z.object({
  uncharged: money.describe('Neither charged nor given up yet.'),
  errored: money.describe('Could not be charged, and may still be.'),
  dropped: money.describe('Not paid in time or, of a project without success, let go.'),
  collected: money,
  platformFees: money,
  processingFees: money,
  refunded: money,
  disputed: money.describe('In open disputes and in those that were lost.'),
  paidOut: money.describe('To the creator.'),
  owed: money.describe('To the creator, and not paid out yet.'),
})

const projectMoney = z
  .object({
    pledged: money.describe(
      'By all who have not canceled. After the end only late pledges change it.',
    ),
    books: books.nullable().describe('Null for a project that ended before there were books.'),
  })
  .meta({ id: 'ProjectMoney' })

export const settlementApi = [
  endpoint({
    id: 'getProjectMoney',
    path: '/projects/{id}/money',
    summary: 'What came of a project’s pledges, out of its books',
    description:
      '`pledged` is the sum of `uncharged`, `errored`, `dropped` and `collected`; `collected` that ' +
      'of what follows it.',
    ...ofProject,
    query: noInput,
    answer: projectMoney,
    tags: ({ id }) => [tags.project(id)],
    handle: async ({ deps, params }) => {
      const [project, balances] = await Promise.all([
        requireProject(deps.db, params.id),
        listBalances(deps.db, params.id),
      ])
      const { currency, pledged, status } = project
      const of = (amount: number) => ({ amount, currency })
      if (balances.length === 0 && status !== 'live') return { pledged: of(pledged), books: null }
      const books = booksOf(balances, pledged)
      return {
        pledged: of(pledged),
        books: {
          ...{ uncharged: of(books.uncharged), errored: of(books.errored) },
          ...{ dropped: of(books.dropped), collected: of(books.collected) },
          ...{ platformFees: of(books.platformFees), processingFees: of(books.processingFees) },
          ...{ refunded: of(books.refunded), disputed: of(books.disputed) },
          ...{ paidOut: of(books.paidOut), owed: of(books.owed) },
        },
      }
    },
  }),
]
