import { zValidator } from '@hono/zod-validator'
import { z } from 'zod'
import { AppError } from '#lib/errors'

// Far above every list of filters; below what proxies accept.
export const urlCharactersMax = 2_000
export const searchCharactersMax = 200

/** Ids in addresses and queries: whole, positive, and small enough to be exact in JavaScript. */
export const idSchema = z
  .string()
  .regex(/^[1-9][0-9]{0,14}$/, 'must be a positive whole number')
  .transform(Number)

/** A field of a form or query that may be left out; left empty, it says nothing either. */
export const blank = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === '' ? undefined : value), schema.optional())

/** `after=`, the place in a list where the page before it ended. */
export const cursorAfter = blank(z.string().max(200))

/** The same where that place is the number of the last thing shown. */
export const numberAfter = blank(idSchema)

/**
 * Reads a page’s query as `c.req.valid('query')`; throws AppError invalid_input naming the field that
 * is wrong. Of several values the first counts, as in the page cache’s key.
 */
export const validQuery = <Schema extends z.ZodType>(schema: Schema) =>
  zValidator('query', z.preprocess(firstValues, schema), (result) => {
    // Its types allow for schemas of older versions.
    if (!result.success) throw inputRefusal(result.error as z.ZodError)
  })

const firstValues = (query: unknown) =>
  Object.fromEntries(
    Object.entries(query as Record<string, string | string[]>).map(([name, value]) => [
      name,
      typeof value === 'string' ? value : value[0],
    ]),
  )

/** The refusal invalid_input for the first thing a schema found wrong. */
export function inputRefusal(error: z.core.$ZodError): AppError {
  const issue = error.issues[0]
  const field = issue?.path.join('.') || undefined
  const message = issue?.message ?? 'is not what this page expects'
  return new AppError('invalid_input', {
    detail: `${field ? `“${field}” ${lowerFirst(message)}` : message}.`.replace(/\.\.$/, '.'),
    ...(field ? { field } : {}),
  })
}

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1)

/** `42` or `42-any-slug` → 42; what cannot be a project's number is not found. */
export function parseProjectId(text: string): number {
  const match = /^([1-9][0-9]{0,14})(?:-.*)?$/.exec(text)
  if (!match) throw new AppError('project_not_found')
  return Number(match[1])
}

/** The row, or the given refusal when there is none. */
export function found<Row>(row: Row | undefined, orElse: AppError): Row {
  if (row === undefined) throw orElse
  return row
}
