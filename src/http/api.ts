import { type Context, Hono } from 'hono'
import { cors } from 'hono/cors'
import { z } from 'zod'
import type { Scope } from '#db/access-tokens'
import type { Deps } from '#deps'
import type { ErrorCode } from '#lib/errors'
import { isKnown } from '#lib/negotiation'
import { type Input, readParams, readQuery } from './api-input'
import { bearer } from './bearer'
import { compressed } from './compress'
import type { AppEnv } from './env'
import { toJson } from './json'
import { keepBriefly, keepUntilChanged } from './keep'
import { readDb } from './reading'

export const apiRoot = '/api/v1'

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
  /** For whom a program reads that may read what is theirs. */
  reader: number | undefined
  /** Makes a path of the site absolute. */
  url: MakeAbsolute
}

export type MakeAbsolute = (path: string) => string

export type Method = 'get' | 'post' | 'put' | 'patch' | 'delete'

export interface Endpoint {
  id: string
  method: Method
  path: string
  summary: string
  description?: string
  /** What a token has to open; without it, the endpoint is for everybody. */
  scope?: Scope
  params: Input
  query: Input
  body?: z.ZodType
  bodyExample?: unknown
  /** Its body is a file. */
  takesFile?: boolean
  /** It takes an idempotency key. */
  needsKey?: boolean
  status: 200 | 201 | 204
  /** Absent where there is nothing to say. */
  answer?: z.ZodType
  mount(app: Hono<AppEnv>): void
  /** A path that can be asked for here. */
  samplePath(samples: Samples): string
  /** What it answers to that. Rejects like the endpoint itself. */
  example?(deps: Deps, samples: Samples): Promise<unknown>
}

/** Checks a declaration as a whole; what comes out can stand in a list with others. */
export function endpoint<Params extends Input, Query extends Input, Answer extends z.ZodObject>(
  declaration: Declaration<Params, Query, Answer>,
): Endpoint {
  const { path, params, missing = {}, query, tags, sample, handle } = declaration
  return {
    ...declaration,
    method: 'get',
    status: 200,
    mount: (app) => {
      const nothingAsked = query.safeParse({})
      app.get(routeOf(path), async (c) => {
        const deps = readingDeps(c)
        const isPlain = nothingAsked.success && !c.req.url.includes('?')
        const input = {
          params: readParams(c, params, missing),
          query: isPlain ? nothingAsked.data : readQuery(c, query),
        }
        const reader = c.var.scopes?.includes('read') ? c.var.viewer?.id : undefined
        const answer = await handle({ deps, ...input, reader, url: urlsOf(deps) })
        if (tags) keepUntilChanged(c, tags(input.params, answer))
        else keepBriefly(c)
        return answerJson(c, answer)
      })
    },
    samplePath: (samples) => fillPath(path, sample(samples)),
    example: (deps, samples) => {
      const input = { params: sample(samples), query: query.parse({}), reader: undefined }
      return handle({ deps, ...input, url: urlsOf(deps) })
    },
  }
}

function readingDeps(c: Context<AppEnv>): Deps {
  const deps = c.get('deps')
  return deps.replicas ? { ...deps, db: readDb(c) } : deps
}

/** A path with its parameters as the router has them. */
export const routeOf = (path: string): string => path.replaceAll(/\{(\w+)\}/g, ':$1')

export const urlsOf =
  ({ config }: Deps): MakeAbsolute =>
  (path) =>
    config.baseUrl + path

export const fillPath = (path: string, values: Record<string, unknown>) =>
  path.replaceAll(/\{(\w+)\}/g, (_, name: string) => String(values[name]))

/** The endpoints as routes below the API’s root, readable from any site. */
export function api(endpoints: readonly Endpoint[]): Hono<AppEnv> {
  const app = new Hono<AppEnv>().basePath(apiRoot)
  app.options('*', cors({ allowMethods: ['GET'], allowHeaders: ['If-None-Match'] }))
  // Not by cors(), which sets its headers beforehand: Hono then makes every answer a second time.
  app.use(async (c, next) => {
    await next()
    // What a token opens is read by programs, not by the scripts of other sites.
    if (c.var.viewer || !['GET', 'HEAD'].includes(c.req.method)) return
    c.res.headers.set('Access-Control-Allow-Origin', '*')
    c.res.headers.set('Access-Control-Expose-Headers', 'ETag')
  })
  app.use(bearer)
  for (const { mount } of endpoints) mount(app)
  return app
}

/** `data` as JSON, or 304 for whoever has it already. */
export function answerJson(
  c: Context<AppEnv>,
  data: Record<string, unknown>,
  status: 200 | 201 = 200,
): Response {
  const timing = c.get('timing')
  timing?.lap('db')
  const body = toJson(data)
  if (status !== 200) return c.body(body, status, { 'Content-Type': 'application/json' })
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
