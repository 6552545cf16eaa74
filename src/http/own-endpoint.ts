import type { Context } from 'hono'
import type { z } from 'zod'
import type { Scope } from '#db/access-tokens'
import type { RateLimit } from '#db/rate-limits'
import type { RestrictionKind } from '#db/schema/trust'
import type { Viewer } from '#db/sessions'
import type { Deps } from '#deps'
import type { ErrorCode } from '#lib/errors'
import {
  answerJson,
  type Endpoint,
  fillPath,
  type MakeAbsolute,
  type Method,
  noInput,
  routeOf,
  type Samples,
  urlsOf,
} from './api'
import { type Input, readBody, readFile, readKey, readParams, readQuery } from './api-input'
import { requireScope } from './bearer'
import type { AppEnv } from './env'
import { limit } from './rate-limit'
import { requireUnrestricted } from './session'

type AnswerOf<Answer> = Answer extends z.ZodType ? z.input<Answer> : unknown

/** Everything there is to say about an endpoint that acts for somebody. */
interface Declaration<
  Params extends Input,
  Query extends Input,
  Body extends z.ZodType,
  Answer extends z.ZodObject | undefined,
> {
  id: string
  method: Method
  /** Below the API’s root, with its parameters in braces. */
  path: string
  summary: string
  description?: string
  /** What a token has to open. */
  scope: Scope
  /** Refused for as long as staff has taken this from whoever asks. */
  restriction?: RestrictionKind
  /** What else is counted, together with the site’s own form for it. */
  rate?: readonly [what: string, rate: RateLimit]
  params: Params
  missing?: { [Name in keyof z.output<Params>]?: ErrorCode }
  query?: Query
  body?: Body
  /** Its body is a file. */
  takesFile?: boolean
  /** Done once for each idempotency key, which a header has to name; `handle` gets it. */
  needsKey?: boolean
  /** For the page about the API. */
  bodyExample?: z.input<Body>
  /** Without one, there is nothing to say: 204. */
  answer?: Answer
  /** It makes something new: 201. */
  creates?: boolean
  sample: (samples: Samples) => z.input<Params>
  handle: (request: {
    deps: Deps
    viewer: Viewer
    params: z.output<Params>
    query: z.output<Query>
    body: z.output<Body>
    /** How long it says it is, and its bytes. */
    file: { bytes: string | undefined; read(): Promise<Uint8Array> }
    /** Of the request, where it needs one; otherwise empty. */
    key: string
    /** Counts something more against a limit, as `limit` does for a form. */
    count: (what: string, who: string, rate: RateLimit) => Promise<void>
    /** Makes a path of the site absolute. */
    url: MakeAbsolute
  }) => Promise<AnswerOf<Answer>>
}

const writesPerPerson = { times: 120, seconds: 60 }

/** An endpoint that acts for whoever has made the token; the same verbs as the pages’. */
export function ownEndpoint<
  Params extends Input,
  Query extends Input = typeof noInput,
  Body extends z.ZodType = typeof noInput,
  Answer extends z.ZodObject | undefined = undefined,
>(declaration: Declaration<Params, Query, Body, Answer>): Endpoint {
  const { id, method, path, summary, scope, params, missing = {}, body, answer } = declaration
  const { description, bodyExample, takesFile, needsKey = false, rate, sample } = declaration
  const query = declaration.query ?? noInput
  const status = declaration.creates ? 201 : 200
  return {
    ...{ id, method, path, summary, scope, params, query },
    status: answer === undefined ? 204 : status,
    ...(description === undefined ? {} : { description }),
    ...(body === undefined ? {} : { body }),
    ...(bodyExample === undefined ? {} : { bodyExample }),
    ...(answer === undefined ? {} : { answer }),
    ...(takesFile === undefined ? {} : { takesFile }),
    needsKey,
    mount: (app) => {
      app.on(method.toUpperCase(), routeOf(path), async (c) => {
        const viewer = await admit(c, declaration)
        const deps = c.get('deps')
        const given = {
          params: readParams(c, params, missing),
          query: readQuery(c, query) as z.output<Query>,
          key: needsKey ? readKey(c) : '',
          body: (body === undefined ? {} : await readBody(c, body)) as z.output<Body>,
        }
        // What is not even a request does not count.
        if (rate) await limit(c, rate[0], String(viewer.id), rate[1])
        const said = await declaration.handle({
          ...{ deps, viewer, ...given, url: urlsOf(deps) },
          file: { bytes: c.req.header('content-length'), read: () => readFile(c) },
          count: (what, who, rate) => limit(c, what, who, rate),
        })
        if (answer === undefined) return c.body(null, 204)
        return answerJson(c, said as Record<string, unknown>, status)
      })
    },
    samplePath: (samples) => fillPath(path, sample(samples)),
  }
}

/** For whom it is done; throws what may keep them from it. */
async function admit(
  c: Context<AppEnv>,
  declared: Pick<Declaration<Input, Input, Input, undefined>, 'method' | 'scope'> & {
    restriction?: RestrictionKind
  },
): Promise<Viewer> {
  const { method, scope, restriction } = declared
  const viewer = requireScope(c, scope)
  if (restriction) requireUnrestricted(c, restriction)
  if (method !== 'get') await limit(c, 'api', String(viewer.id), writesPerPerson)
  return viewer
}
