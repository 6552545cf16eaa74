import { z } from 'zod'
import { tags } from '#cache/recording'
import { endpoint, noInput } from '#http/api'
import { found } from '#http/input'
import { address, count, id, money, pageOf, time, toTimeOrNull } from '#http/json'
import { AppError } from '#lib/errors'
import { paths } from '#web/paths'
import { ofProject, projectSummary, toProjectSummary } from './parts/json'
import { findProjectRecord, listFaqs, requireProject } from './reads/projects'
import { listRewards } from './reads/rewards'
import { mostPerBacker } from './rules'

const markdown = z.string().describe('Markdown.')

const project = z
  .object({
    ...projectSummary.shape,
    tags: z.array(z.string()),
    allOrNothing: z.boolean().describe('Whether pledges are collected only if the goal is met.'),
    lateUntil: time
      .nullable()
      .describe('After a success: until when late pledges are taken, or were; null for never.'),
    story: markdown,
    risks: markdown,
    budget: z.array(z.object({ label: z.string(), amount: money })),
    counts: z.object({ updates: count, comments: count, faqs: count, saves: count }),
    urls: z
      .object({
        updates: address,
        comments: address,
        community: address,
        rewards: address,
        faqs: address,
        backers: address,
      })
      .describe('What more the API has on this project.'),
  })
  .meta({ id: 'Project' })

const reward = z
  .object({
    id,
    url: address,
    name: z.string(),
    description: z.string(),
    amount: money.describe('The least pledge that gets it.'),
    items: z.array(z.object({ name: z.string(), quantity: z.int().positive() })),
    deliveryMonth: z
      .string()
      .regex(/^\d{4}-\d{2}$/)
      .describe('When the creator means to deliver.')
      .meta({ examples: ['2026-11'] }),
    shipsTo: z.enum(['nobody', 'some', 'anywhere']),
    shipping: z
      .array(z.object({ country: z.string(), price: money }))
      .describe('`Rest of the world` is every country without a price of its own.'),
    quantity: count.nullable().describe('How many there are; null is unlimited.'),
    backersCount: count,
    opensAt: time.nullable(),
    closesAt: time.nullable(),
    isAddOn: z.boolean().describe('Whether it is taken on top of another reward, never alone.'),
    perBackerMax: z.int().positive().describe('How many one backer may take.'),
    image: address.nullable(),
    imageAlt: z.string().describe('What the image shows.'),
  })
  .meta({ id: 'Reward' })

const faq = z
  .object({ position: z.int(), url: address, question: z.string(), answer: z.string() })
  .meta({ id: 'Faq' })

export const projectsApi = [
  endpoint({
    id: 'getProject',
    path: '/projects/{id}',
    summary: 'One project, with its story',
    ...ofProject,
    query: noInput,
    answer: project,
    tags: ({ id }, { creator }) => [tags.project(id), tags.person(creator.id)],
    handle: async ({ deps, params, url }) => {
      const record = await findProjectRecord(deps.db, params.id)
      const project = found(record, new AppError('project_not_found'))
      const { currency } = project
      return {
        ...toProjectSummary(project, url),
        tags: project.tags,
        allOrNothing: project.allOrNothing,
        lateUntil: toTimeOrNull(project.lateUntil),
        story: project.story ?? '',
        risks: project.risks ?? '',
        budget: (project.budget ?? []).map(({ label, amount }) => ({
          label,
          amount: { amount, currency },
        })),
        counts: {
          updates: project.updatesCount,
          comments: project.commentsCount,
          faqs: project.faqsCount,
          saves: project.savesCount,
        },
        urls: urlsBelow(url(paths.apiProject(project))),
      }
    },
  }),

  endpoint({
    id: 'listRewards',
    path: '/projects/{id}/rewards',
    summary: 'A project’s rewards and add-ons',
    description: 'All on one page, in the creator’s order.',
    ...ofProject,
    query: noInput,
    answer: pageOf(reward),
    tags: ({ id }) => [tags.project(id)],
    handle: async ({ deps, params, url }) => {
      const [project, rows] = await Promise.all([
        requireProject(deps.db, params.id),
        listRewards(deps.db, params.id),
      ])
      const { currency } = project
      // What is set aside just now is old before it is read.
      const data = rows.map(({ heldCount: _, heldUntil: __, ...row }) => ({
        ...row,
        url: url(`${paths.projectTab(project, 'rewards')}#reward-${row.id}`),
        amount: { amount: row.amount, currency },
        deliveryMonth: row.deliveryMonth.slice(0, 'YYYY-MM'.length),
        shipping: row.shipping.map(({ country, price }) => ({
          country,
          price: { amount: price, currency },
        })),
        opensAt: toTimeOrNull(row.opensAt),
        closesAt: toTimeOrNull(row.closesAt),
        perBackerMax: mostPerBacker(row),
        image: row.image && url(paths.image(row.image, 1024)),
      }))
      return { data, next: null }
    },
  }),

  endpoint({
    id: 'listFaqs',
    path: '/projects/{id}/faqs',
    summary: 'Questions a project has answered',
    description: 'All on one page, in the creator’s order.',
    ...ofProject,
    query: noInput,
    answer: pageOf(faq),
    tags: ({ id }) => [tags.project(id)],
    handle: async ({ deps, params, url }) => {
      const [project, rows] = await Promise.all([
        requireProject(deps.db, params.id),
        listFaqs(deps.db, params.id),
      ])
      const data = rows.map((row) => ({
        ...row,
        url: url(`${paths.projectTab(project, 'faqs')}#question-${row.position}`),
      }))
      return { data, next: null }
    },
  }),
]

const urlsBelow = (root: string) => ({
  updates: `${root}/updates`,
  comments: `${root}/comments`,
  community: `${root}/community`,
  rewards: `${root}/rewards`,
  faqs: `${root}/faqs`,
  backers: `${root}/backers`,
})
