import { z } from 'zod'
import type { Db } from '#db/client'
import { shipsToKinds } from '#db/schema/backing'
import { knownPicture, pictureName } from '#features/images/parts/json'
import { ofProject } from '#features/projects/parts/json'
import { requireAccess } from '#features/projects/reads/access'
import { listRewards, type Reward } from '#features/projects/reads/rewards'
import type { Samples } from '#http/api'
import { readAsForm } from '#http/api-input'
import { found } from '#http/input'
import { id, idDigitsMax, numberInput, time } from '#http/json'
import { ownEndpoint } from '#http/own-endpoint'
import { AppError } from '#lib/errors'
import { requireDraft } from '../reads/drafts'
import { savesPerPerson } from '../rules'
import { faqForm } from '../rules/faqs'
import { rewardValues } from '../rules/reward-values'
import { pictureProblem, type RewardPicture, rewardForm } from '../rules/rewards'
import { addFaq, changeFaq, deleteFaq } from '../writes/faqs'
import { addReward, changeBackedReward, changeReward, deleteReward } from '../writes/rewards'
import { minor, version } from './projects'

const part = { scope: 'projects', rate: ['save', savesPerPerson] } as const

const versionInQuery = z.strictObject({
  version: numberInput(9).describe('Of the draft, as you have read it.'),
})

const ofReward = {
  params: ofProject.params.extend({ reward: numberInput(idDigitsMax).describe('Its id.') }),
  missing: { ...ofProject.missing, reward: 'reward_not_found' },
  sample: ({ project }: Samples) => ({ id: project, reward: 1 }),
} as const

const rewardBody = z.strictObject({
  version,
  ...{ name: z.string(), description: z.string(), amount: minor },
  isAddOn: z.boolean().default(false).describe('On top of another reward.'),
  items: z.array(z.strictObject({ name: z.string(), quantity: z.int().min(1) })).default([]),
  quantity: z.int().nullable().default(null).describe('Null is unlimited.'),
  perBackerMax: z.int().nullable().default(null),
  ...{ opensAt: time.nullable().default(null), closesAt: time.nullable().default(null) },
  deliveryMonth: z.string().regex(/^\d{4}-\d{2}$/, 'must be like 2027-03'),
  shipsTo: z.enum(shipsToKinds),
  shipping: z
    .array(z.strictObject({ country: z.string(), price: minor }))
    .default([])
    .describe('`Rest of the world` is every country without a price of its own.'),
  image: pictureName.optional(),
  imageAlt: z.string().optional().describe('What the picture shows.'),
})

const bodyExample = {
  ...{ version: 4, name: 'One lamp', description: 'Folded by hand.', amount: 2_500 },
  ...{ deliveryMonth: '2027-03', shipsTo: 'nobody' as const },
}

/** What the site’s form makes of it, under the form’s rules. */
async function readReward(
  body: z.output<typeof rewardBody>,
  { currency, now, stored }: { currency: string; now: Date; stored?: Reward },
) {
  const { opensAt, closesAt } = body
  const values = rewardValues(
    {
      ...{ id: 0, position: 0, backersCount: 0, heldCount: 0, heldUntil: null },
      ...body,
      ...{ image: null, imageAlt: body.imageAlt ?? stored?.imageAlt ?? '' },
      ...{ opensAt: opensAt ? new Date(opensAt) : null },
      ...{ closesAt: closesAt ? new Date(closesAt) : null },
    },
    currency,
  )
  const context = { currency, now, deliveryMonth: stored?.deliveryMonth }
  return await readAsForm(rewardForm(context), { ...values, version: `${body.version}` }, toField)
}

/** What is left out stays as it is. Throws AppError invalid_body. */
async function readPicture(
  db: Db,
  { image, imageAlt }: Pick<z.output<typeof rewardBody>, 'image' | 'imageAlt'>,
  stored: RewardPicture,
): Promise<RewardPicture> {
  const picture = {
    image: image === undefined ? stored.image : await knownPicture(db, image),
    imageAlt: (imageAlt ?? stored.imageAlt).replace(/\s+/g, ' ').trim(),
  }
  const problem = pictureProblem(picture)
  if (!problem) return picture
  throw new AppError('invalid_body', { field: 'imageAlt', detail: `“imageAlt”: ${problem}` })
}

const rowNames: Record<string, string> = {
  ...{ item: 'items.$.name', 'item-number': 'items.$.quantity' },
  ...{ country: 'shipping.$.country', 'country-number': 'shipping.$.price' },
}

/** `item-3-number` is `items.2.quantity` in a body. */
const toField = (field: string) =>
  field.replace(/^(item|country)-(\d+)(-number)?$/, (_, kind, row, number = '') =>
    String(rowNames[kind + number]).replace('$', `${row - 1}`),
  )

const rewardsApi = [
  ownEndpoint({
    id: 'addReward',
    method: 'post',
    path: '/projects/{id}/draft/rewards',
    summary: 'Add a reward',
    ...part,
    ...ofProject,
    body: rewardBody,
    bodyExample,
    answer: z.object({ id }),
    creates: true,
    handle: async ({ deps: { db, now }, viewer, params, body }) => {
      await requireAccess(db, viewer, params.id, 'edit')
      const { currency } = await requireDraft(db, params.id)
      const { version, terms } = await readReward(body, { currency, now: now() })
      const picture = await readPicture(db, body, { image: null, imageAlt: '' })
      const at = { projectId: params.id, version }
      return { id: await addReward(db, viewer, at, { terms, picture }) }
    },
  }),

  ownEndpoint({
    id: 'changeReward',
    method: 'put',
    path: '/projects/{id}/draft/rewards/{reward}',
    summary: 'Change a reward that nobody has taken',
    ...part,
    ...ofReward,
    body: rewardBody,
    bodyExample,
    handle: async ({ deps: { db, now }, viewer, params, body }) => {
      await requireAccess(db, viewer, params.id, 'edit')
      const { currency } = await requireDraft(db, params.id)
      const stored = requireReward(await listRewards(db, params.id), params.reward)
      const { version, terms } = await readReward(body, { currency, now: now(), stored })
      const at = { projectId: params.id, rewardId: params.reward, version }
      const picture = await readPicture(db, body, stored)
      await changeReward(db, viewer, at, { terms, picture })
    },
  }),

  ownEndpoint({
    id: 'changeRewardQuantity',
    method: 'patch',
    path: '/projects/{id}/draft/rewards/{reward}',
    summary: 'Change how many there are of a reward, also when some are taken',
    ...part,
    ...ofReward,
    body: z.strictObject({ version, quantity: rewardBody.shape.quantity.unwrap() }),
    bodyExample: { version: 5, quantity: 200 },
    handle: async ({ deps: { db }, viewer, params, body: { version, quantity } }) => {
      await requireAccess(db, viewer, params.id, 'edit')
      const stored = requireReward(await listRewards(db, params.id), params.reward)
      const at = { projectId: params.id, rewardId: params.reward, version }
      const { image, imageAlt } = stored
      await changeBackedReward(db, viewer, at, { quantity, picture: { image, imageAlt } })
    },
  }),

  ownEndpoint({
    id: 'deleteReward',
    method: 'delete',
    path: '/projects/{id}/draft/rewards/{reward}',
    summary: 'Take away a reward that nobody has taken',
    ...part,
    ...ofReward,
    query: versionInQuery,
    handle: ({ deps, viewer, params, query }) =>
      deleteReward(deps.db, viewer, { projectId: params.id, rewardId: params.reward, ...query }),
  }),
]

const requireReward = (rewards: Reward[], id: number): Reward =>
  found(
    rewards.find((reward) => reward.id === id),
    new AppError('reward_not_found'),
  )

const ofFaq = {
  params: ofProject.params.extend({
    position: numberInput(4).describe('Its place in the list, from 1.'),
  }),
  missing: { ...ofProject.missing, position: 'faq_not_found' },
  sample: ({ project }: Samples) => ({ id: project, position: 1 }),
} as const

const { question, answer } = faqForm.shape
const faqBody = z.strictObject({ version, question, answer })
const faqExample = { version: 6, question: 'How bright is it?', answer: 'As a candle.' }

const faqsApi = [
  ownEndpoint({
    id: 'addFaq',
    method: 'post',
    path: '/projects/{id}/draft/faqs',
    summary: 'Answer a question below the others',
    ...part,
    ...ofProject,
    body: faqBody,
    bodyExample: faqExample,
    handle: ({ deps, viewer, params, body: { version, ...faq } }) =>
      addFaq(deps.db, viewer, { projectId: params.id, version }, faq),
  }),

  ownEndpoint({
    id: 'changeFaq',
    method: 'put',
    path: '/projects/{id}/draft/faqs/{position}',
    summary: 'Change a question or its answer',
    ...part,
    ...ofFaq,
    body: faqBody,
    bodyExample: faqExample,
    handle: ({ deps, viewer, params: { id, position }, body: { version, ...faq } }) =>
      changeFaq(deps.db, viewer, { projectId: id, version, position }, faq),
  }),

  ownEndpoint({
    id: 'deleteFaq',
    method: 'delete',
    path: '/projects/{id}/draft/faqs/{position}',
    summary: 'Take a question away',
    ...part,
    ...ofFaq,
    query: versionInQuery,
    handle: ({ deps, viewer, params: { id, position }, query }) =>
      deleteFaq(deps.db, viewer, { projectId: id, position, ...query }),
  }),
]

/** What a project is made of, one by one. */
export const partsApi = [...rewardsApi, ...faqsApi]
