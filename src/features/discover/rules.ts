import { z } from 'zod'
import { listedStatuses } from '#features/projects/rules'
import { blank, cursorAfter, searchCharactersMax } from '#http/input'
import { AppError } from '#lib/errors'

/** Projects on one page of any list. */
export const pageRows = 12

export const sorts = ['popular', 'newest', 'ending', 'most-funded', 'most-backed'] as const
export type Sort = (typeof sorts)[number]

export const sortNames: Record<Sort, string> = {
  popular: 'Popular',
  newest: 'Newest',
  ending: 'Ending soon',
  'most-funded': 'Most funded',
  'most-backed': 'Most backed',
}

export const statusFilters = [...listedStatuses, 'all'] as const
export type StatusFilter = (typeof statusFilters)[number]

export const statusNames: Record<StatusFilter, string> = {
  live: 'Live',
  successful: 'Successful',
  failed: 'Not funded',
  canceled: 'Canceled',
  all: 'All',
}

const oneOf = <const Values extends readonly [string, ...string[]]>(values: Values) =>
  z.enum(values, `must be one of ${values.join(', ')}`)

const slug = z
  .string()
  .regex(
    /^[a-z0-9-]{1,60}(\/[a-z0-9-]{1,60})?$/,
    'must be the name of a category as its address has it',
  )

const placeName = z
  .string()
  .max(60, 'may have at most 60 characters')
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
  .regex(/^[^\u0000-\u001f]*$/, 'may not contain control characters')

/** What narrows and orders a list of projects. */
export const listQuery = z.object({
  category: blank(slug),
  state: blank(placeName),
  city: blank(placeName),
  status: blank(oneOf(statusFilters)).transform((status): StatusFilter => status ?? 'live'),
  sort: blank(oneOf(sorts)).transform((sort): Sort => sort ?? 'popular'),
  after: cursorAfter,
})

export type ListQuery = z.output<typeof listQuery>

export const searchQuery = z.object({
  q: z
    .string()
    .trim()
    .max(searchCharactersMax, `may have at most ${searchCharactersMax} characters`)
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is refused
    .regex(/^[^\u0000]*$/, 'may not contain NUL characters')
    .default(''),
  after: cursorAfter,
})

/** Refuses the filter of a category that there is not. */
export function requireKnown(category: string | undefined, known: { slug: string }[]): void {
  if (category === undefined || known.some(({ slug }) => slug === category)) return
  throw new AppError('invalid_input', {
    field: 'category',
    detail: `“category” is not one of ours: ${category}.`,
  })
}
