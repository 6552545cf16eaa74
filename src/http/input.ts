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

/** `after=`, the place in a list where the page before it ended. */
export const afterSchema = z.string().min(1).max(200).optional()

/** Parses with a schema; throws AppError invalid_input naming the field that is wrong. */
export function parseInput<Schema extends z.ZodType>(
  schema: Schema,
  input: unknown,
): z.output<Schema> {
  const parsed = schema.safeParse(input)
  if (parsed.success) return parsed.data
  throw inputRefusal(parsed.error)
}

/** The refusal invalid_input for the first thing a schema found wrong. */
export function inputRefusal(error: z.core.$ZodError): AppError {
  const issue = error.issues[0]
  const field = issue?.path.join('.') || undefined
  const message = issue?.message ?? 'is not what this page expects'
  return new AppError('invalid_input', {
    detail: field ? `“${field}” ${lowerFirst(message)}.` : `${message}.`,
    ...(field ? { field } : {}),
  })
}

const lowerFirst = (text: string) => text.charAt(0).toLowerCase() + text.slice(1)

/** `42` or `42-any-slug` → 42 and the slug; a thing that cannot be an id is not found. */
export function parseSluggedId(text: string, orElse: 'project_not_found' | 'person_not_found') {
  const match = /^([1-9][0-9]{0,14})(?:-(.*))?$/.exec(text)
  if (!match) throw new AppError(orElse)
  return { id: Number(match[1]), slug: match[2] }
}

/** The row, or the given refusal when there is none. */
export function found<Row>(row: Row | undefined, orElse: AppError): Row {
  if (row === undefined) throw orElse
  return row
}
