import { z } from 'zod'
import { pledgeStatuses } from '#db/schema/backing'
import type { Viewer } from '#db/sessions'
import type { Deps } from '#deps'
import { ofProject } from '#features/projects/parts/json'
import {
  type Project,
  requireBackedProject,
  requireProject,
} from '#features/projects/reads/projects'
import { listRewards } from '#features/projects/reads/rewards'
import { type Endpoint, noInput } from '#http/api'
import type { Backer } from '#http/guest'
import {
  address,
  id,
  idDigitsMax,
  money,
  numberAfter,
  pageOf,
  time,
  toCursor,
  toTime,
  toTimeOrNull,
} from '#http/json'
import { ownEndpoint } from '#http/own-endpoint'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { findOwnPledge, listOwnPledges } from './reads/own'
import { pledgesPerPerson } from './rules'
import { type Choice, quoteOf, shippedTo } from './rules/choice'
import { adjustPledge, placePledge, type Wish, withdrawPledge } from './writes/place-pledge'

const wholeAmountMax = 1_000_000_000_000
const minorUnits = z.int().min(0).max(wholeAmountMax)
const status = z.enum(pledgeStatuses)

const wish = z.strictObject({
  reward: id.nullable().describe('Null for none.'),
  addOns: z
    .array(z.strictObject({ reward: id, quantity: z.int().min(1).max(1_000) }))
    .max(100)
    .default([]),
  bonus: minorUnits.default(0).describe('In minor units; without a reward, all of the pledge.'),
  shipTo: z.string().max(100).nullable().default(null).describe('A country by its English name.'),
  anonymous: z.boolean().default(false).describe('Your name is shown to the creator alone.'),
  total: minorUnits.describe('All of it, shipping too, as you have agreed to; else it is refused.'),
  card: id.describe('One of your cards.'),
})
const wishExample = {
  ...{ reward: null, addOns: [], bonus: 2_500, shipTo: null, anonymous: false },
  ...{ total: 2_500, card: 1 },
}

const made = z.object({ id, total: money, url: address })

const pledge = z.object({
  id,
  status,
  amount: money,
  bonus: money,
  shipping: money,
  reward: z.object({ id, name: z.string() }).nullable(),
  addOns: z.array(z.object({ reward: id, name: z.string(), quantity: z.int(), amount: money })),
  shipTo: z.string().nullable(),
  anonymous: z.boolean(),
  card: id.nullable(),
  createdAt: time,
  changedAt: time.nullable(),
})

const once =
  'Done once for its key. Nothing is charged before the campaign ends; a late pledge, after a ' +
  'success, is charged at once. What cannot be had is refused, and leaves everything as it was.'

/** What endpoints that pledge have in common. */
const pledging = {
  ...ofProject,
  scope: 'pledges',
  restriction: 'pledge',
  rate: ['pledge', pledgesPerPerson],
  needsKey: true,
} as const

/** One by which somebody says all of what they pledge. */
const pledgeEndpoint = (
  act: typeof placePledge,
  declared: Pick<Endpoint, 'id' | 'method' | 'summary'> & {
    description: string
    creates: boolean
  },
) =>
  ownEndpoint({
    ...declared,
    path: '/projects/{id}/pledge',
    ...pledging,
    body: wish,
    bodyExample: wishExample,
    answer: made,
    handle: async ({ deps, viewer, params, body, key, url }) => {
      const { project, wish } = await wishFor(deps, params.id, body, key)
      const { id, total } = await act(deps, asBacker(viewer), project, wish)
      return {
        ...{ id, total: { amount: total, currency: project.currency } },
        url: url(paths.pledge(project)),
      }
    },
  })

export const pledgesApi = [
  ownEndpoint({
    id: 'listPledges',
    method: 'get',
    path: '/me/pledges',
    summary: 'What you back, the newest projects first',
    scope: 'pledges',
    params: noInput,
    query: z.strictObject({ after: numberAfter(idDigitsMax) }),
    answer: pageOf(
      z.object({
        project: z.object({ id, title: z.string(), url: address }),
        status,
        amount: money,
        reward: z.string().nullable().describe('Its name.'),
        anonymous: z.boolean(),
      }),
    ),
    sample: () => ({}),
    handle: async ({ deps, viewer, query, url }) => {
      const { page, next } = await listOwnPledges(deps.db, viewer.id, query.after)
      const data = page.map(({ id, title, currency, amount, rewardName, status, anonymous }) => ({
        project: { id, title, url: url(paths.project({ id, title })) },
        ...{ status, anonymous },
        amount: { amount, currency },
        reward: rewardName,
      }))
      return { data, next: toCursor(next) }
    },
  }),

  ownEndpoint({
    id: 'getPledge',
    method: 'get',
    path: '/projects/{id}/pledge',
    summary: 'Your pledge to a project, also a canceled one',
    scope: 'pledges',
    ...ofProject,
    answer: pledge,
    handle: async ({ deps: { db }, viewer, params }) => {
      const [{ currency }, own] = await Promise.all([
        requireBackedProject(db, params.id),
        findOwnPledge(db, viewer.id, params.id),
      ])
      if (!own) throw new AppError('pledge_not_found')
      const sum = (amount: number) => ({ amount, currency })
      const { id, status, shipTo, anonymous, rewardId, rewardName, addOns } = own
      return {
        ...{ id, status, shipTo, anonymous, card: own.cardId },
        ...{ amount: sum(own.amount), bonus: sum(own.bonus), shipping: sum(own.shipping) },
        reward: rewardId === null ? null : { id: rewardId, name: rewardName ?? '' },
        addOns: addOns.map(({ rewardId, name, quantity, amount }) => ({
          ...{ reward: rewardId, name, quantity, amount: sum(amount) },
        })),
        createdAt: toTime(own.createdAt),
        changedAt: toTimeOrNull(own.changedAt),
      }
    },
  }),

  pledgeEndpoint(placePledge, {
    ...{ id: 'placePledge', method: 'post', creates: true },
    summary: 'Back a project',
    description: once,
  }),

  pledgeEndpoint(adjustPledge, {
    ...{ id: 'changePledge', method: 'put', creates: false },
    summary: 'Change your pledge',
    description: `All of it is as you send it. ${once}`,
  }),

  ownEndpoint({
    id: 'cancelPledge',
    method: 'delete',
    path: '/projects/{id}/pledge',
    summary: 'Cancel your pledge',
    ...pledging,
    handle: async ({ deps, viewer, params, key }) => {
      const project = await requireProject(deps.db, params.id)
      await withdrawPledge(deps, asBacker(viewer), project, key)
    },
  }),
]

const asBacker = ({ id, name, email }: Viewer): Backer => ({ id, name, email, isGuest: false })

/** What a body asks for. Throws AppError invalid_body where it cannot be had like this. */
async function wishFor(
  { db }: Deps,
  projectId: number,
  body: z.output<typeof wish>,
  key: string,
): Promise<{ project: Project; wish: Wish }> {
  const [project, rewards] = await Promise.all([
    requireProject(db, projectId),
    listRewards(db, projectId),
  ])
  const { bonus, anonymous } = body
  const addOns = body.addOns.map(({ reward, quantity }) => ({ rewardId: reward, quantity }))
  const reward = rewards.find(({ id }) => id === body.reward)
  const shipTo = shippedTo(reward, body.shipTo ?? '')
  const choice: Choice = { rewardId: body.reward, addOns, bonus, shipTo, anonymous }
  const { errors } = quoteOf(choice, { currency: project.currency, rewards })
  const [wrong] = Object.entries(errors)
  if (wrong) {
    const field = bodyFields[wrong[0]] ?? 'addOns'
    throw new AppError('invalid_body', { field, detail: `“${field}”: ${wrong[1]}` })
  }
  return { project, wish: { ...choice, key, total: body.total, cardId: body.card } }
}

/** Of the form’s fields; all others are add-ons. */
const bodyFields: Readonly<Record<string, string>> = {
  ...{ reward: 'reward', country: 'shipTo', bonus: 'bonus' },
}
