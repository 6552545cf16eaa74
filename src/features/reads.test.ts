import { afterAll, beforeAll, expect, setDefaultTimeout, test } from 'bun:test'
import { type Db, openDb } from '#db/client'
import { listThreads } from '#features/comments/reads'
import { findCommunity, listBackers } from '#features/community/reads'
import * as exports from '#features/dashboard/reads/exports'
import * as numbers from '#features/dashboard/reads/numbers'
import * as catalog from '#features/discover/reads/catalog'
import * as lists from '#features/discover/reads/lists'
import { searchProjects } from '#features/discover/reads/search'
import * as sitemap from '#features/discover/reads/sitemap'
import { suggest } from '#features/discover/reads/suggestions'
import { requireDraft } from '#features/editor/reads/drafts'
import { listBalances } from '#features/ledger/reads'
import { listMessages } from '#features/messages/reads'
import { findCard, listCards } from '#features/payments/reads'
import { findPerson, findPersonFor } from '#features/people/reads/profiles'
import { findCheckout } from '#features/pledges/reads/checkout'
import { findOwnPledge } from '#features/pledges/reads/own'
import { findLiveFigures } from '#features/projects/reads/live'
import * as projects from '#features/projects/reads/projects'
import { listRewards } from '#features/projects/reads/rewards'
import { findStanding, findUpdate, listUpdates } from '#features/updates/reads'
import { type TestDatabase, testDatabase } from '#testing/database'

const discover = { ...catalog, ...lists, ...sitemap, searchProjects }

setDefaultTimeout(60_000)

let database: TestDatabase
let db: Db

beforeAll(async () => {
  database = await testDatabase()
  // One connection: prepared statements belong to it.
  db = openDb(database.url, { max: 1, applicationName: 'jumpstarter test' })
})

afterAll(async () => {
  await db.$client.end()
  await database.close()
})

const place = { state: 'New York', city: 'Brooklyn' }

/** Every exported read, called the way a page calls it. */
const reads: Record<string, (db: Db) => Promise<unknown>> = {
  'listThreads below the first page': (db) =>
    listThreads(db, { projectId: 1 }, { before: 1_000_000 }),
  'listThreads of an update': (db) => listThreads(db, { projectId: 1, updateNumber: 1 }),
  findCommunity: (db) => findCommunity(db, 1),
  listBackers: (db) => listBackers(db, 1),
  listBalances: (db) => listBalances(db, 1),
  findCountedProject: (db) => numbers.findCountedProject(db, 1),
  sumPledges: (db) => numbers.sumPledges(db, 1),
  sumSavers: (db) => numbers.sumSavers(db, 1),
  sumFollowers: (db) => numbers.sumFollowers(db, 1),
  sumVisits: (db) => numbers.sumVisits(db, 1, '2040-05-01', '2040-05-16'),
  listRewardSales: (db) => numbers.listRewardSales(db, 1),
  listSourceChunk: (db) => exports.listSourceChunk(db, 1, { day: '-infinity', source: '' }),
  listProjects: (db) => discover.listProjects(db, {}, { status: 'live', sort: 'popular' }),
  findPlaceNumber: (db) => discover.findPlaceNumber(db, place),
  'listProjects of a person': (db) =>
    discover.listProjects(db, { creatorId: 1 }, { status: 'all', sort: 'newest' }),
  listBacked: (db) => discover.listBacked(db, 1),
  listStaffPicks: (db) => discover.listStaffPicks(db, 7),
  searchProjects: (db) => discover.searchProjects(db, 'game'),
  listCategories: (db) => discover.listCategories(db),
  listPlaces: (db) => discover.listPlaces(db, 12),
  findCheckout: (db) => findCheckout(db, 1, 1),
  findOwnPledge: (db) => findOwnPledge(db, 1, 1),
  findProjectTies: (db) => projects.findProjectTies(db, 1, 1),
  listMessages: (db) => listMessages(db, { projectId: 1, memberId: 1 }),
  findPlace: (db) => discover.findPlace(db, 'new-york', 'brooklyn'),
  newestProjectId: (db) => discover.newestProjectId(db),
  listSitemapProjects: (db) => discover.listSitemapProjects(db, 1, 100),
  findPerson: (db) => findPerson(db, 1),
  findPersonFor: (db) => findPersonFor(db, 1, 2),
  findProject: (db) => projects.findProject(db, 1),
  requireProject: (db) => projects.requireProject(db, 1),
  requireBackedProject: (db) => projects.requireBackedProject(db, 1),
  findLiveFigures: (db) => findLiveFigures(db, 1),
  findProjectRecord: (db) => projects.findProjectRecord(db, 1),
  findCampaign: (db) => projects.findCampaign(db, 1),
  listFaqs: (db) => projects.listFaqs(db, 1),
  listUpdates: (db) => listUpdates(db, 1),
  findUpdate: (db) => findUpdate(db, 1, 1),
  findStanding: (db) => findStanding(db, 1, 1),
  requireDraft: (db) => requireDraft(db, 1),
  listCards: (db) => listCards(db, 1, 'test'),
  findCard: (db) => findCard(db, 1, 1),
}

/** Reads of several statements, and how many. */
const compound: Record<string, [statements: number, read: (db: Db) => Promise<unknown>]> = {
  'listProjects of every status': [
    5,
    (db) => discover.listProjects(db, { place }, { status: 'all', sort: 'newest' }),
  ],
  'listProjects of a category in a place': [
    2,
    (db) =>
      discover.listProjects(db, { category: 'games', place }, { status: 'failed', sort: 'ending' }),
  ],
  listRewards: [3, (db) => listRewards(db, 1)],
  listThreads: [2, (db) => listThreads(db, { projectId: 1 })],
  suggest: [3, (db) => suggest(db, 'board ga')],
}

/** Builders of statements, which ask nothing themselves, and what a process asks once. */
const others = [
  ...['shelfStatement', 'creatorStatement', 'walkStatement'],
  ...['findCatalogue', 'withCategoryNames'],
  // Of one person, or of a form that is sent: seldom, and some of them inside a transaction.
  ...['listOwnPledges', 'sumOwnPledges'],
  ...['findAccount', 'findOwnAccount', 'findLink', 'listSessions', 'listSaved'],
  ...['listAccessTokens', 'listOwn'],
  ...['listCollaborators', 'findInvitation', 'listInvitations'],
  ...['findAccess', 'requireAccess', 'listMaking', 'listTransitions', 'listCategoryChoices'],
  ...['areBlocked', 'listFollowed', 'listBlocked', 'findConversation', 'listConversations'],
  ...['listProjectConversations', 'listActivities', 'listMuted', 'isMailKey'],
  // Of staff, and of reports.
  ...['listActs', 'findPersonRecord', 'listMade', 'findPersonBy', 'findReport', 'listOpenReports'],
  ...['aboutStatement', 'listReportsAbout', 'findOwnReport', 'listSubmissions', 'countWaiting'],
  ...['findCreatorRecord', 'findThing'],
  ...['listDrafts', 'findDraft', 'findEdition', 'requireReadable'],
  // Of money: of its makers, of staff, and of the clock.
  ...[
    'listBalancesIn',
    'findHead',
    'listLines',
    'findMoneyProject',
    'findRefundable',
    'findUnpaid',
  ],
  ...['listPayouts', 'listReturned', 'listEnded', 'listDue', 'listUnderWay', 'countPledges'],
  ...['countUnanswered'],
  // Of what is sent to backers, for those who send it or get it.
  ...['listAddresses', 'findAddress', 'findSurvey', 'findFulfilment', 'findBacker'],
  ...['listWebhooks', 'findWebhook', 'listDeliveries', 'findCustomerRef', 'listPaidBy'],
  ...['fitsStatement', 'listReport', 'listRewardNames', 'findCurrency', 'listTasks'],
]

async function preparedStatements() {
  const [row] = await db.$client.unsafe(`
    select count(*)::int as statements, sum(generic_plans + custom_plans)::int as executions
      from pg_prepared_statements`)
  return { statements: Number(row?.['statements']), executions: Number(row?.['executions']) }
}

const cases = [
  ...Object.entries(reads).map(([name, read]) => [name, 1, read] as const),
  ...Object.entries(compound).map(
    ([name, [statements, read]]) => [name, statements, read] as const,
  ),
]

test.each(cases)('%s is %i statements, prepared once', async (_, statements, read) => {
  await read(db)
  const before = await preparedStatements()
  await read(db)
  await read(db)
  const after = await preparedStatements()
  // An unnamed one is planned anew each time, and would not be counted.
  expect(after).toEqual({
    statements: before.statements,
    executions: before.executions + 2 * statements,
  })
})

test('no read is forgotten here', async () => {
  const files = ['*/reads.ts', '*/reads/*.ts'].flatMap((pattern) => [
    ...new Bun.Glob(pattern).scanSync(import.meta.dir),
  ])
  const exported: string[] = []
  for (const file of files) {
    const room: Record<string, unknown> = await import(`./${file}`)
    exported.push(...Object.keys(room).filter((name) => typeof room[name] === 'function'))
  }
  const known = [...Object.keys(reads), ...Object.keys(compound), ...others]
  expect(exported.filter((name) => !known.includes(name))).toEqual([])
  expect(exported.length).toBeGreaterThan(20)
})
