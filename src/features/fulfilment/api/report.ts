import { z } from 'zod'
import { pledgeStatuses } from '#db/schema/backing'
import { ofProject } from '#features/projects/parts/json'
import { requireAccess } from '#features/projects/reads/access'
import type { Samples } from '#http/api'
import { readAsForm } from '#http/api-input'
import { found } from '#http/input'
import {
  count,
  id,
  idDigitsMax,
  money,
  numberAfter,
  numberInput,
  pageOf,
  time,
  toCursor,
  toTime,
  toTimeOrNull,
} from '#http/json'
import { ownEndpoint } from '#http/own-endpoint'
import { AppError } from '#lib/errors'
import { requireBackers } from '../parts/access'
import { findCurrency, listReport, type ReportRow } from '../reads/backers'
import { findBacker } from '../reads/surveys'
import {
  backersFilter,
  backersPageRows,
  fulfilmentForm,
  givenStatuses,
  trackingCharactersMax,
  walkedPledgesMax,
} from '../rules/backers'
import { markBackers, saveFulfilment } from '../writes/fulfilments'
import { fulfilmentStatus, givenAnswers, postal } from './shapes'

/** In one request. */
const markedMax = 1_000

const backer = z
  .object({
    pledge: id.describe('The pledge’s id.'),
    name: z.string().nullable().describe('Null where they are anonymous to you.'),
    anonymous: z.boolean().describe('To the public.'),
    reward: z.string().nullable(),
    addOns: z
      .string()
      .nullable()
      .meta({ examples: ['2 × Poster'] }),
    amount: money,
    bonus: money,
    shipping: money,
    status: z.enum(pledgeStatuses),
    country: z.string(),
    pledgedAt: time,
    fulfilment: fulfilmentStatus,
    tracking: z.string(),
    answeredAt: time.nullable(),
    answers: givenAnswers.nullable().describe('Null for whoever does not deliver.'),
    address: postal.nullable(),
  })
  .meta({ id: 'ReportedBacker' })

const { reward, status, country, answered, fulfilment } = backersFilter.shape
const filterQuery = z.strictObject({
  reward: reward.describe('By the id of their reward; `none`: without one.'),
  status: status.describe('What has become of the pledge.'),
  country: country.describe('Where it goes to, or else where they live: a name or two letters.'),
  answered: answered.describe('Whether they have answered the survey.'),
  fulfilment: fulfilment.describe('What is sent to them, as it stands.'),
  after: numberAfter(idDigitsMax),
})
/** The same as in a query, but for what has a type of its own in JSON. */
const bodyFilter = z.strictObject({
  ...{ country, answered, fulfilment },
  status: z.enum(pledgeStatuses).optional(),
  reward: z.literal('none').or(id).optional().describe('`none`: without a reward.'),
})

function toBacker(row: ReportRow, currency: string, isDelivering: boolean) {
  const of = (amount: number) => ({ amount, currency })
  return {
    pledge: row.id,
    name: row.anonymous && !isDelivering ? null : row.name,
    ...{ anonymous: row.anonymous, reward: row.reward, addOns: row.addOns },
    ...{ amount: of(row.amount), bonus: of(row.bonus), shipping: of(row.shipping) },
    ...{ status: row.status, country: row.country, pledgedAt: toTime(row.createdAt) },
    ...{ fulfilment: row.fulfilment, tracking: row.tracking },
    answeredAt: toTimeOrNull(row.answeredAt),
    answers: isDelivering ? row.answers : null,
    address: isDelivering ? (row.address as z.input<typeof postal> | null) : null,
  }
}

/** Who has backed a project, and what is sent to them. */
export const reportApi = [
  ownEndpoint({
    id: 'listBackerReport',
    method: 'get',
    path: '/projects/{id}/backer-report',
    summary: 'Who has backed a project of yours, first come first',
    description:
      'With the permission for the community also who the anonymous are, where everybody lives and ' +
      `what they answered. A page looks at ${walkedPledgesMax.toLocaleString('en-US')} pledges at ` +
      'most, so one of a filter that finds few may be short: go on until `next` is null.',
    scope: 'projects',
    ...ofProject,
    query: filterQuery,
    answer: pageOf(backer),
    handle: async ({ deps: { db }, viewer, params, query: { after, ...asked } }) => {
      const { project, isDelivering } = await requireBackers(db, viewer, params.id)
      const bounds = { after, rowsMax: backersPageRows, walkMax: walkedPledgesMax }
      const [{ page, next }, currency] = await Promise.all([
        listReport(db, project.id, asked, bounds),
        findCurrency(db, project.id),
      ])
      return {
        data: page.map((row) => toBacker(row, currency, isDelivering)),
        next: toCursor(next),
      }
    },
  }),

  ownEndpoint({
    id: 'markBackers',
    method: 'post',
    path: '/projects/{id}/mark-backers',
    summary: 'Say of several backers how far what is sent to them is',
    description:
      'Of those in `pledges`, or of all whom `filter` finds. Only those who have paid are marked, ' +
      'and not those who have received it. With a filter, the rest of a large project is marked ' +
      'after the answer; the same request says how far it is.',
    scope: 'projects',
    ...ofProject,
    body: z.union([
      z.strictObject({ status: z.enum(givenStatuses), pledges: z.array(id).max(markedMax) }),
      z.strictObject({ status: z.enum(givenStatuses), filter: bodyFilter }),
    ]),
    bodyExample: { status: 'sent', pledges: [1, 2] },
    answer: z.object({ marked: count.describe('So far.'), isFinished: z.boolean() }),
    handle: async ({ deps: { db, config }, viewer, params, body }) => {
      const { project } = await requireAccess(db, viewer, params.id, 'community')
      const whom =
        'filter' in body
          ? { filter: body.filter, pledgeIds: [] }
          : { filter: undefined, pledgeIds: body.pledges }
      const work = { db, site: config.baseUrl }
      return await markBackers(work, project.id, { status: body.status, ...whom })
    },
  }),

  ownEndpoint({
    id: 'saveFulfilment',
    method: 'put',
    path: '/projects/{id}/fulfilments/{pledge}',
    summary: 'Say of one backer how far it is, and by which number it travels',
    scope: 'projects',
    params: ofProject.params.extend({
      pledge: numberInput(idDigitsMax).describe('The pledge’s id.'),
    }),
    missing: { ...ofProject.missing, pledge: 'pledge_not_found' },
    sample: ({ project }: Samples) => ({ id: project, pledge: 1 }),
    body: z.strictObject({
      status: z.enum(givenStatuses),
      tracking: z.string().max(trackingCharactersMax).default(''),
    }),
    bodyExample: { status: 'sent', tracking: 'https://carrier.example/00340434161094' },
    handle: async ({ deps: { db }, viewer, params, body }) => {
      const { project } = await requireAccess(db, viewer, params.id, 'community')
      const asked = await findBacker(db, project.id, params.pledge)
      found(asked, new AppError('pledge_not_found'))
      const key = { projectId: project.id, pledgeId: params.pledge }
      await saveFulfilment(db, key, await readAsForm(fulfilmentForm, body))
    },
  }),
]
