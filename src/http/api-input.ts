import type { Context } from 'hono'
import { bodyLimit } from 'hono/body-limit'
import { z } from 'zod'
import { AppError, type ErrorCode } from '#lib/errors'
import { suggest } from '#lib/suggest'
import type { AppEnv } from './env'
import { plain } from './forms'
import { inputRefusal } from './input'

/** What is asked for by name alone: anything else is refused. */
export type Input = z.ZodObject<z.ZodRawShape, z.core.$strict>

/** As much as a form: the longest story in the longest alphabet fits. */
const bodyBytesMax = 256 * 1024

/** The path’s parameters. Throws the refusal of one that cannot be anything’s name. */
export function readParams<Params extends Input>(
  c: Context<AppEnv>,
  params: Params,
  missing: Partial<Record<PropertyKey, ErrorCode>>,
): z.output<Params> {
  const named = params.safeParse(c.req.param())
  if (named.success) return named.data
  const field = named.error.issues[0]?.path[0]
  throw new AppError((field !== undefined && missing[field]) || 'not_found')
}

/** The query. Throws AppError invalid_input. */
export function readQuery<Query extends Input>(c: Context<AppEnv>, query: Query): z.output<Query> {
  const given = queryOf(c)
  const asked = query.safeParse(given)
  if (asked.success) return asked.data
  throw queryRefusal(asked.error, given, query)
}

/** Parameters by name, all values of one given more than once. */
function queryOf(c: Context<AppEnv>): Record<string, unknown> {
  if (!c.req.url.includes('?')) return {}
  return Object.fromEntries(
    Object.entries(c.req.queries()).map(([name, values]) => [
      name,
      values.length === 1 ? values[0] : values,
    ]),
  )
}

function queryRefusal(
  error: z.core.$ZodError,
  given: Record<string, unknown>,
  query: Input,
): AppError {
  const unknown = unknownName(error, Object.keys(query.shape), 'parameter')
  if (unknown) return new AppError('invalid_input', unknown)
  const field = String(error.issues[0]?.path[0])
  if (!Array.isArray(given[field])) return inputRefusal(error)
  return new AppError('invalid_input', { field, detail: `“${field}” may be given only once.` })
}

function unknownName(error: z.core.$ZodError, names: string[], what: string) {
  const issue = error.issues.find(({ code }) => code === 'unrecognized_keys')
  const name = issue?.code === 'unrecognized_keys' ? issue.keys[0] : undefined
  if (issue === undefined || name === undefined) return undefined
  const field = [...issue.path, name].join('.')
  const near = suggest(name, names)
  const hint = near ? ` Did you mean “${near}”?` : ''
  return { field, detail: `There is no ${what} “${field}” here.${hint}` }
}

/** One request, whatever it is sent by: printable ASCII. */
export const keyPattern = /^[\x21-\x7e]{1,100}$/

/** The key that makes a request be done once. Throws AppError key_required. */
export function readKey(c: Context<AppEnv>): string {
  const key = c.req.header('idempotency-key') ?? ''
  if (!keyPattern.test(key)) throw new AppError('key_required', { field: 'Idempotency-Key' })
  return key
}

/** The body as JSON. Throws AppError not_json, too_large, or invalid_body naming the field. */
export async function readBody<Body extends z.ZodType>(
  c: Context<AppEnv>,
  body: Body,
): Promise<z.output<Body>> {
  const type = c.req.header('content-type') ?? ''
  if (!/^application\/json\s*(;|$)/i.test(type)) throw new AppError('not_json')
  if (Number(c.req.header('content-length') ?? 0) > bodyBytesMax) throw new AppError('too_large')
  const text = await c.req.text()
  if (text.length > bodyBytesMax) throw new AppError('too_large')
  const parsed = await body.safeParseAsync(parseJson(text))
  if (parsed.success) return parsed.data
  const names = body instanceof z.ZodObject ? Object.keys(body.shape) : []
  const unknown = unknownName(parsed.error, names, 'field')
  const { field, detail } = unknown ?? inputRefusal(parsed.error)
  throw new AppError('invalid_body', { ...(field ? { field } : {}), ...(detail ? { detail } : {}) })
}

// A telephone's largest photograph, as in a form.
const fileBytesMax = 16 * 1024 * 1024

/** The body as it is. Throws AppError too_large. */
export async function readFile(c: Context<AppEnv>): Promise<Uint8Array> {
  const onError = () => {
    throw new AppError('too_large')
  }
  await bodyLimit({ maxSize: fileBytesMax, onError })(c, async () => {})
  return new Uint8Array(await c.req.arrayBuffer())
}

/**
 * What a form of the site would make of these values, under the form’s own rules. `nameOf` gives a
 * field its name in the body. Throws AppError invalid_body naming the first field that is wrong.
 */
export async function readAsForm<Schema extends z.ZodType>(
  form: Schema,
  values: Record<string, string | undefined>,
  nameOf: (field: string) => string = (field) => field,
): Promise<z.output<Schema>> {
  const parsed = await form.safeParseAsync(values)
  if (parsed.success) return parsed.data
  const [issue] = parsed.error.issues
  const field = nameOf(String(issue?.path[0] ?? ''))
  throw new AppError('invalid_body', { field, detail: `“${field}”: ${issue?.message}` })
}

/** Its texts without the characters that no text has. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text, (_, value) => (typeof value === 'string' ? plain(value) : value))
  } catch {
    throw new AppError('invalid_body', { detail: 'The body is not JSON.' })
  }
}
