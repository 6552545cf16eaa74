import { Hono } from 'hono'
import { z } from 'zod'
import { verifyBooks } from '#db/verify/books'
import { findHead, listBalances, listLines } from '#features/ledger/reads'
import { booksOf } from '#features/ledger/rules/books'
import { listUnderWay } from '#features/settlement/reads/due'
import { findMoneyProject } from '#features/settlement/reads/money'
import type { AppEnv } from '#http/env'
import { blank, idSchema, numberAfter, validQuery } from '#http/input'
import { renderPage } from '#http/render'
import { BooksPage, UnderWayPage } from '../pages/books-pages'

export const staffBooks = new Hono<AppEnv>()

const booksQuery = z.object({
  project: blank(idSchema),
  after: numberAfter,
  check: blank(z.literal('yes')),
})

staffBooks.get('/staff/books', validQuery(booksQuery), async (c) => {
  const { db } = c.var.deps
  const { project: id, after, check } = c.req.valid('query')
  if (id === undefined) return renderPage(c, <UnderWayPage projects={await listUnderWay(db)} />)
  const [project, balances, head, page, wrong] = await Promise.all([
    findMoneyProject(db, id),
    listBalances(db, id),
    findHead(db, id),
    listLines(db, id, after),
    check ? verifyBooks(db, id) : undefined,
  ])
  if (!project) {
    const problem = 'There is no project with this number.'
    return renderPage(
      c,
      <UnderWayPage projects={await listUnderWay(db)} typed={id} problem={problem} />,
      404,
    )
  }
  const books = head && booksOf(balances, project.pledged)
  return renderPage(
    c,
    <BooksPage {...{ project, books, head, wrong, ...page }} isFirstPage={after === undefined} />,
  )
})
