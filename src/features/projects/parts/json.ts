import { z } from 'zod'
import { personSummary, toPersonSummary } from '#features/people/rules'
import type { MakeAbsolute, Samples } from '#http/api'
import { address, count, id, idDigitsMax, money, numberInput, time, toTimeOrNull } from '#http/json'
import { paths } from '#web/paths'
import { listedStatuses, type ProjectStatus } from '../rules'

/** Projects as JSON, for every room that answers with some. */

const publicStatus = z
  .enum([...listedStatuses, 'suspended'])
  .describe('A suspended project keeps its page but is in no list.')

export const projectSummary = z
  .object({
    id,
    url: address,
    picture: address,
    title: z.string(),
    description: z.string().describe('The blurb: one or two sentences.'),
    status: publicStatus,
    creator: personSummary,
    category: z.string().meta({ examples: ['games'] }),
    subcategory: z.string().meta({ examples: ['games/tabletop'] }),
    city: z.string(),
    state: z.string(),
    country: z.string(),
    goal: money,
    pledged: money,
    backersCount: count,
    launchedAt: time.nullable(),
    endsAt: time.nullable().describe('The deadline.'),
    featuredAt: time.nullable().describe('When the staff picked it; null if they have not.'),
  })
  .meta({ id: 'ProjectSummary' })

interface SummaryRow {
  id: number
  title: string
  description: string
  status: ProjectStatus
  creatorId: number
  creatorName: string
  category: string
  subcategory: string
  city: string
  state: string
  country: string
  currency: string
  goal: number
  pledged: number
  backersCount: number
  launchedAt: Date | null
  endsAt: Date | null
  featuredAt: Date | null
  image: string | null
}

export const toProjectSummary = (
  row: SummaryRow,
  url: MakeAbsolute,
): z.input<typeof projectSummary> => ({
  id: row.id,
  url: url(paths.project(row)),
  picture: url(paths.projectPicture(row)),
  title: row.title,
  description: row.description,
  status: publicStatus.parse(row.status),
  creator: toPersonSummary({ id: row.creatorId, name: row.creatorName }, url),
  category: row.category,
  subcategory: row.subcategory,
  city: row.city,
  state: row.state,
  country: row.country,
  goal: { amount: row.goal, currency: row.currency },
  pledged: { amount: row.pledged, currency: row.currency },
  backersCount: row.backersCount,
  launchedAt: toTimeOrNull(row.launchedAt),
  endsAt: toTimeOrNull(row.endsAt),
  featuredAt: toTimeOrNull(row.featuredAt),
})

/** What endpoints below `/projects/{id}` have in common. */
export const ofProject = {
  params: z.strictObject({ id: numberInput(idDigitsMax).describe('The project’s number.') }),
  missing: { id: 'project_not_found' },
  sample: ({ project }: Samples) => ({ id: project }),
} as const
