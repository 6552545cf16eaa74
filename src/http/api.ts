import { type Context, Hono } from 'hono'
import { cors } from 'hono/cors'
import { z } from 'zod'
import type { Deps } from '#deps'
import { AppError, type ErrorCode } from '#lib/errors'
import { isKnown } from '#lib/negotiation'
import { suggest } from '#lib/suggest'
import { compressed } from './compress'
import type { AppEnv } from './env'
import { inputRefusal } from './input'
import { toJson } from './json'
import { keepBriefly, keepUntilChanged } from './keep'

export const apiRoot = '/api/v1'

/** What is asked for by name alone: anything else is refused. */
type Input = z.ZodObject<z.ZodRawShape, z.core.$strict>

export const noInput = z.strictObject({})

/** Things this site has, for examples that work. */
export interface Samples {
  project: number
  update: number
  person: number
  category: string
  subcategory: string
  state: string
  city: string
}

/** Everything there is to say about one endpoint. */
interface Declaration<Params extends Input, Query extends Input, Answer extends z.ZodObject> {
  /** Unique: the operation’s name in OpenAPI and its place on the page. */
  id: string
  /** Below the API’s root, with its parameters in braces. */
  path: string
  summary: string
  description?: string
  params: Params
  /** The refusal of a parameter that cannot be anything’s name. */
  missing?: { [Name in keyof z.output<Params>]?: ErrorCode }
  query: Query
  answer: Answer
  /** Whose changes make the answer old; without it, it is kept for a second. */
  tags?: (params: z.output<Params>, answer: z.input<Answer>) => readonly string[]
  sample: (samples: Samples) => z.output<Params>
  handle: (request: ApiRequest<z.output<Params>, z.output<Query>>) => Promise<z.input<Answer>>
}

export interface ApiRequest<Params, Query> {
  deps: Deps
  params: Params
  query: Query
  /** Makes a path of the site absolute. */
  url: MakeAbsolute
}

export type MakeAbsolute = (path: string) => string

export interface Endpoint {
  id: string
  path: string
  summary: string
  description?: string
  params: Input
  query: Input
  answer: z.ZodType
  mount(app: Hono<AppEnv>): void
  /** A request that can be made here, and its answer. Rejects like the endpoint itself. */
  example(deps: Deps, samples: Samples): Promise<{ path: string; answer: unknown }>
}

/** Checks a declaration as a whole; what comes out can stand in a list with others. */
export function endpoint<Params extends Input, Query extends Input, Answer extends z.ZodObject>(
  declaration: Declaration<Params, Query, Answer>,
): Endpoint {
  const { path, params, missing = {}, query, tags, sample, handle } = declaration
  return {
    ...declaration,
    mount: (app) => {
      const nothingAsked = query.safeParse({})
      app.get(path.replaceAll(/\{(\w+)\}/g, ':$1'), async (c) => {
        const deps = c.get('deps')
        const named = params.safeParse(c.req.param())
        if (!named.success) throw missingThing(named.error, missing)
        const given = queryOf(c)
        const asked = given ? query.safeParse(given) : nothingAsked
        if (!asked.success) throw queryRefusal(asked.error, given, query)
        const input = { params: named.data, query: asked.data }
        const answer = await handle({ deps, ...input, url: urlsOf(deps) })
        if (tags) keepUntilChanged(c, tags(input.params, answer))
        else keepBriefly(c)
        return answerJson(c, answer)
      })
    },
    example: async (deps, samples) => {
      const values = sample(samples)
      const input = { params: values, query: query.parse({}) }
      return {
        path: fillPath(path, values),
        answer: await handle({ deps, ...input, url: urlsOf(deps) }),
      }
    },
  }
}

/** Parameters by name, all values of one given more than once; undefined where there are none. */
function queryOf(c: Context<AppEnv>): Record<string, unknown> | undefined {
  if (!c.req.url.includes('?')) return undefined
  return Object.fromEntries(
    Object.entries(c.req.queries()).map(([name, values]) => [
      name,
      values.length === 1 ? values[0] : values,
    ]),
  )
}

const urlsOf =
  ({ config }: Deps): MakeAbsolute =>
  (path) =>
    config.baseUrl + path

const fillPath = (path: string, values: Record<string, unknown>) =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name]))

/** The endpoints as routes below the API’s root, readable from any site. */
export function api(endpoints: readonly Endpoint[]): Hono<AppEnv> {
  const app = new Hono<AppEnv>().basePath(apiRoot)
  app.options('*', cors({ allowMethods: ['GET'], allowHeaders: ['If-None-Match'] }))
  // Not by cors(), which sets its headers beforehand: Hono then makes every answer a second time.
  app.use(async (c, next) => {
    await next()
    c.res.headers.set('Access-Control-Allow-Origin', '*')
    c.res.headers.set('Access-Control-Expose-Headers', 'ETag')
  })
  for (const { mount } of endpoints) mount(app)
  return app
}

function missingThing(
  error: z.core.$ZodError,
  missing: Partial<Record<PropertyKey, ErrorCode>>,
): AppError {
  const field = error.issues[0]?.path[0]
  return new AppError((field !== undefined && missing[field]) || 'not_found')
}

function queryRefusal(error: z.core.$ZodError, given: unknown, query: Input): AppError {
  const unknown = error.issues.find((issue) => issue.code === 'unrecognized_keys')?.keys[0]
  if (unknown !== undefined) {
    const near = suggest(unknown, Object.keys(query.shape))
    return new AppError('invalid_input', {
      field: unknown,
      detail: `There is no parameter “${unknown}” here.${near ? ` Did you mean “${near}”?` : ''}`,
    })
  }
  const field = String(error.issues[0]?.path[0])
  const value = (given as Record<string, unknown>)[field]
  if (!Array.isArray(value)) return inputRefusal(error)
  return new AppError('invalid_input', { field, detail: `“${field}” may be given only once.` })
}

function answerJson(c: Context<AppEnv>, data: Record<string, unknown>): Response {
  const timing = c.get('timing')
  timing?.lap('db')
  const body = toJson(data)
  // Weak, because the same answer goes out with and without compression.
  const tag = `W/"${Bun.hash(body).toString(36)}"`
  timing?.lap('render')
  c.header('ETag', tag)
  c.header('Cache-Control', 'public, max-age=0, must-revalidate')
  if (!isKnown(tag, c.req.header('if-none-match'))) {
    return compressed(c, body, 'application/json')
  }
  return c.body(null, 304, { Vary: 'Accept-Encoding' })
}
