import { z } from 'zod'
import { shipsToKinds } from '#db/schema/backing'
import { permissions } from '#db/schema/making'
import { projectStatuses } from '#db/schema/projects'
import { knownPicture, pictureName } from '#features/images/parts/json'
import { ofProject } from '#features/projects/parts/json'
import { requireAccess } from '#features/projects/reads/access'
import { listFaqs } from '#features/projects/reads/projects'
import { listRewards } from '#features/projects/reads/rewards'
import { noInput } from '#http/api'
import { readAsForm } from '#http/api-input'
import { address, count, id, pageOf, time, toTimeOrNull } from '#http/json'
import { ownEndpoint } from '#http/own-endpoint'
import { plainAmount } from '#lib/money'
import { plainMoment } from '#lib/time'
import { paths } from '#web/paths'
import { requireDraft } from '../reads/drafts'
import { listMaking } from '../reads/making'
import { areTermsFixed, missingToLaunch, newPerPerson, savesPerPerson } from '../rules'
import {
  currencies,
  draftBasicsForm,
  fundingForm,
  liveBasicsForm,
  newProjectForm,
  storyForm,
} from '../rules/forms'
import { createProject, saveBasics, saveFunding, saveStory } from '../writes/drafts'

export const version = z
  .int()
  .min(0)
  .describe('The one you have read: if somebody has saved since, nothing is done (409).')
export const saved = z.object({ version: version.describe('Of the draft, from now on.') })
export const minor = z.int().min(0).describe('In minor units of the project’s currency.')

const made = z
  .object({
    id,
    url: address,
    status: z.enum(projectStatuses),
    title: z.string(),
    permissions: z
      .array(z.enum(permissions))
      .nullable()
      .describe('What you may do as a collaborator; null in a project of your own.'),
  })
  .meta({ id: 'Made' })

const reward = z.object({
  ...{ id, name: z.string(), description: z.string(), amount: minor, isAddOn: z.boolean() },
  items: z.array(z.object({ name: z.string(), quantity: z.int() })),
  ...{ quantity: count.nullable(), perBackerMax: count.nullable(), backersCount: count },
  ...{ opensAt: time.nullable(), closesAt: time.nullable(), deliveryMonth: z.string() },
  shipsTo: z.enum(shipsToKinds),
  shipping: z.array(z.object({ country: z.string(), price: minor })),
  ...{ image: z.string().nullable(), imageAlt: z.string() },
})

const draft = z
  .object({
    ...{ id, version, status: z.enum(projectStatuses), title: z.string() },
    ...{ description: z.string(), category: z.string(), subcategory: z.string() },
    ...{ city: z.string(), state: z.string(), country: z.string(), tags: z.array(z.string()) },
    image: z.string().nullable(),
    ...{ currency: z.string(), goal: minor, allOrNothing: z.boolean() },
    ...{ durationDays: z.int().nullable(), plannedEnd: time.nullable() },
    ...{ story: z.string(), risks: z.string() },
    budget: z.array(z.object({ label: z.string(), amount: minor })),
    rewards: z.array(reward),
    faqs: z.array(z.object({ position: z.int(), question: z.string(), answer: z.string() })),
    ...{ isApproved: z.boolean(), launchAt: time.nullable() },
    missing: z.array(z.string()).describe('What it still lacks before it can be launched.'),
  })
  .meta({ id: 'Draft' })

const basics = z.strictObject({
  version,
  title: z.string(),
  description: z.string(),
  subcategory: z.string().optional().describe('Fixed from the launch on, like the place.'),
  city: z.string().optional(),
  state: z.string().optional(),
  country: z.string().optional(),
  tags: z.array(z.string()).default([]),
  image: pictureName.optional(),
})

const funding = z.strictObject({
  version,
  currency: z.enum(currencies),
  goal: minor,
  allOrNothing: z.boolean(),
  durationDays: z.int().nullable().default(null),
  plannedEnd: time.nullable().default(null).describe('Instead of a number of days.'),
})

const story = z.strictObject({
  version,
  story: z.string().describe('Markdown.'),
  risks: z.string(),
  budget: z.array(z.strictObject({ label: z.string(), amount: minor })).default([]),
})

const place = { city: 'Bergen', state: 'Vestland', country: 'Norway' }
const titled = { title: 'A lamp of paper', subcategory: 'design/lighting', ...place }

const reading = [
  ownEndpoint({
    id: 'listMade',
    method: 'get',
    path: '/me/projects',
    summary: 'Projects you make or help to make, in whatever state',
    scope: 'projects',
    params: noInput,
    answer: pageOf(made),
    sample: () => ({}),
    handle: async ({ deps, viewer, url }) => {
      const rows = await listMaking(deps.db, viewer.id)
      const data = rows.map(({ id, status, title, permissions }) => ({
        ...{ id, status, title, permissions, url: url(paths.edit({ id })) },
      }))
      return { data, next: null }
    },
  }),

  ownEndpoint({
    id: 'getDraft',
    method: 'get',
    path: '/projects/{id}/draft',
    summary: 'A project as its makers see it',
    scope: 'projects',
    ...ofProject,
    answer: draft,
    handle: async ({ deps: { db, now }, viewer, params }) => {
      await requireAccess(db, viewer, params.id, 'edit')
      const [row, rewards, faqs] = await Promise.all([
        requireDraft(db, params.id),
        listRewards(db, params.id),
        listFaqs(db, params.id),
      ])
      return {
        ...row,
        plannedEnd: toTimeOrNull(row.plannedEnd),
        launchAt: toTimeOrNull(row.launchAt),
        isApproved: row.approvedAt !== null,
        missing: missingToLaunch(row, now()).map(({ sentence }) => sentence),
        faqs,
        rewards: rewards.map((each) => ({
          ...each,
          opensAt: toTimeOrNull(each.opensAt),
          closesAt: toTimeOrNull(each.closesAt),
          deliveryMonth: each.deliveryMonth.slice(0, 'YYYY-MM'.length),
        })),
      }
    },
  }),
]

export const draftsApi = [
  ...reading,
  ownEndpoint({
    id: 'createProject',
    method: 'post',
    path: '/projects',
    summary: 'Begin a project, as a draft',
    scope: 'projects',
    restriction: 'submit',
    rate: ['new project', newPerPerson],
    params: noInput,
    body: z.strictObject({
      ...{ title: z.string(), subcategory: z.string() },
      ...{ city: z.string(), state: z.string(), country: z.string() },
    }),
    bodyExample: titled,
    answer: z.object({ id, url: address }),
    creates: true,
    sample: () => ({}),
    handle: async ({ deps, viewer, body: { subcategory, ...body }, url }) => {
      const typed = await readAsForm(newProjectForm, { ...body, category: subcategory }, toField)
      const id = await createProject(deps.db, viewer, typed)
      return { id, url: url(paths.edit({ id })) }
    },
  }),

  ownEndpoint({
    id: 'saveBasics',
    method: 'put',
    path: '/projects/{id}/draft/basics',
    summary: 'Change what a project is called and where it is filed',
    scope: 'projects',
    rate: ['save', savesPerPerson],
    ...ofProject,
    body: basics,
    bodyExample: { version: 1, ...titled, description: 'It folds flat.', tags: ['light'] },
    answer: saved,
    handle: async ({ deps: { db }, viewer, params, body }) => {
      await requireAccess(db, viewer, params.id, 'edit')
      const { status } = await requireDraft(db, params.id)
      const { version, tags, subcategory, image: named, ...texts } = body
      const form = areTermsFixed(status) ? liveBasicsForm : draftBasicsForm
      const values = { ...texts, category: subcategory, version: `${version}`, tags: tags.join() }
      const data = await readAsForm(form, values, toField)
      const image = named === undefined ? undefined : await knownPicture(db, named)
      const after = await saveBasics(db, viewer, { projectId: params.id, data, image })
      return { version: after.version }
    },
  }),

  ownEndpoint({
    id: 'saveFunding',
    method: 'put',
    path: '/projects/{id}/draft/funding',
    summary: 'Change the goal and the time of a draft',
    scope: 'projects',
    rate: ['save', savesPerPerson],
    ...ofProject,
    body: funding,
    bodyExample: {
      ...{ version: 2, currency: 'EUR', goal: 500_000, allOrNothing: true, durationDays: 30 },
    },
    answer: saved,
    handle: async ({ deps: { db, now }, viewer, params, body }) => {
      const { version, currency, goal, allOrNothing, durationDays, plannedEnd } = body
      const data = await readAsForm(
        fundingForm(now()),
        {
          ...{ version: `${version}`, currency, goal: goal ? plainAmount(goal, currency) : '' },
          mode: allOrNothing ? 'all-or-nothing' : 'flexible',
          durationDays: `${durationDays ?? ''}`,
          plannedEnd: plannedEnd === null ? '' : plainMoment(new Date(plannedEnd)),
        },
        (field) => (field === 'mode' ? 'allOrNothing' : field),
      )
      return await saveFunding(db, viewer, { projectId: params.id, data })
    },
  }),

  ownEndpoint({
    id: 'saveStory',
    method: 'put',
    path: '/projects/{id}/draft/story',
    summary: 'Change the story, the risks and the budget',
    scope: 'projects',
    rate: ['save', savesPerPerson],
    ...ofProject,
    body: story,
    bodyExample: {
      ...{ version: 3, story: 'Once upon a time …', risks: 'Paper burns.' },
      budget: [{ label: 'Paper', amount: 120_000 }],
    },
    answer: saved,
    handle: async ({ deps: { db }, viewer, params, body }) => {
      await requireAccess(db, viewer, params.id, 'edit')
      const { status, currency } = await requireDraft(db, params.id)
      const values: Record<string, string> = { ...body, version: `${body.version}`, budget: '' }
      body.budget.forEach(({ label, amount }, index) => {
        values[`label-${index + 1}`] = label
        values[`amount-${index + 1}`] = plainAmount(amount, currency)
      })
      const data = await readAsForm(storyForm({ currency, status }), values, toBudgetField)
      return await saveStory(db, viewer, { projectId: params.id, data })
    },
  }),
]

const toField = (field: string) => (field === 'category' ? 'subcategory' : field)

const toBudgetField = (field: string) =>
  field.replace(/^(label|amount)-(\d+)$/, (_, part, row) => `budget.${row - 1}.${part}`)
