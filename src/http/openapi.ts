import { z } from 'zod'
import { positionHeader } from '#cache/keys'
import type { Scope } from '#db/access-tokens'
import { program } from '#version'
import { apiRoot, type Endpoint, endpoint, noInput } from './api'
import { keyPattern } from './api-input'

/** A JSON Schema (2020-12), or a part of the document that carries some. */
export type Json = Record<string, unknown>

export interface Parameter {
  name: string
  in: 'path' | 'query' | 'header'
  required: boolean
  description: string
  schema: Json
}

/** What every refusal of the API looks like (RFC 9457). */
export const problem = z
  .object({
    type: z.string().meta({ examples: ['urn:jumpstarter:project_not_found'] }),
    title: z.string(),
    status: z.int(),
    detail: z.string().describe('A sentence for people.'),
    field: z.string().optional().describe('The parameter that is wrong.'),
    requestId: z.uuid().optional().describe('Under which an error of ours is written down.'),
  })
  .meta({ id: 'Problem' })

/** The endpoints and one more, which describes them all. */
export function withDescription(endpoints: readonly Endpoint[]): Endpoint[] {
  let document: OpenApi | undefined
  const all: Endpoint[] = [
    ...endpoints,
    endpoint({
      id: 'getOpenApi',
      path: '/openapi.json',
      summary: 'All of this for programs',
      params: noInput,
      query: noInput,
      answer: z.looseObject({ openapi: z.string() }).describe('An OpenAPI 3.1 document.'),
      sample: () => ({}),
      handle: async () => {
        document ??= openApi(all)
        return document
      },
    }),
  ]
  return all
}

export type OpenApi = Json & { openapi: string }

/** The OpenAPI document of these endpoints, made from the schemas that check them. */
export function openApi(endpoints: readonly Endpoint[]): OpenApi {
  const { properties, $defs } = jsonSchemas({
    problem,
    ...Object.fromEntries(
      endpoints.flatMap(({ id, answer, body }) => [
        ...(answer ? [[id, answer]] : []),
        ...(body ? [[bodyOf(id), body]] : []),
      ]),
    ),
  })
  const paths: Record<string, Json> = {}
  for (const each of endpoints) {
    const schemas = { answer: properties[each.id], body: properties[bodyOf(each.id)] }
    paths[each.path] = { ...paths[each.path], [each.method]: operation(each, schemas) }
  }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Jumpstarter',
      version: program.version,
      summary: 'Projects, the people behind them and those who back them.',
      description:
        'Reading what is public takes no key; acting for somebody takes a personal access token. ' +
        'Lists are paged with `after`; see /api.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    jsonSchemaDialect: 'https://json-schema.org/draft/2020-12/schema',
    servers: [{ url: apiRoot }],
    tags: [...new Set(endpoints.map(tagOf))].map((name) => ({ name })),
    paths,
    components: {
      schemas: $defs,
      responses: {
        BadRequest: refusal('A parameter is unknown or wrong.'),
        Unauthorized: refusal('There is no token, or one that does not work.'),
        Forbidden: refusal('The token does not open this, or its owner may not do it.'),
        NotFound: refusal('There is no such thing, or it is none of the owner’s business.'),
        Conflict: refusal('Not as things stand now: it was changed meanwhile, or is past that.'),
        TooLarge: refusal('The body is larger than this takes.'),
        NotJson: refusal('The body is not declared as JSON.'),
        InvalidBody: refusal('A field of the body is missing, unknown or wrong.'),
        TooManyRequests: refusal('Too many in a short time; `Retry-After` says when to go on.'),
        ServerError: refusal('The fault is ours; 503 is worth another try.'),
      },
      headers: {
        Position: {
          description:
            'How far you have come, where the site reads from replicas of its database: send it ' +
            'with what you ask next.',
          schema: { type: 'string' },
        },
      },
      securitySchemes: {
        token: {
          type: 'http',
          scheme: 'bearer',
          description: `A personal access token. ${Object.entries(scopeSentences)
            .map(([scope, sentence]) => `\`${scope}\`: ${sentence}`)
            .join(' ')}`,
        },
      },
    },
  }
}

const bodyOf = (id: string) => `${id}Body`

/** What a token with this scope opens. */
export const scopeSentences: Record<Scope, string> = {
  read: 'reads what only you see: your saved projects, what happens around you.',
  write: 'does what any member does: your profile, saves, comments, likes, follows, reports.',
  projects: 'reads and changes the projects you make or help with, from draft to update.',
  messages: 'reads your messages and sends some in your name.',
  pledges: 'reads what you back, and pledges in your name with your cards.',
}

/** The noun an endpoint is about: the first part of its path. */
export const tagOf = ({ path }: Endpoint): string => path.split('/')[1] ?? ''

/** The fields of a body, as far as it has some. */
export function fieldsOf({ body }: Endpoint): Omit<Parameter, 'in'>[] {
  return body instanceof z.ZodObject ? described(body) : []
}

function described(schema: z.ZodObject): Omit<Parameter, 'in'>[] {
  const { properties, required } = jsonSchemas(schema.shape)
  return Object.entries(properties).map(([name, { description = '', ...rest }]) => ({
    name,
    required: required.includes(name),
    description: String(description),
    schema: rest,
  }))
}

/** What the address of a request to this endpoint may carry. */
export function parametersOf({ params, query, needsKey }: Endpoint): Parameter[] {
  const parametersIn = (place: Parameter['in'], schema: z.ZodObject): Parameter[] =>
    described(schema).map((each) => ({ ...each, in: place }))
  return [
    ...parametersIn('path', params),
    ...parametersIn('query', query),
    ...(needsKey ? parametersIn('header', keyed) : []),
  ]
}

const keyed = z.strictObject({
  'Idempotency-Key': z
    .string()
    .regex(keyPattern)
    .describe(
      'Of your own, for this one request: with the same key it is done once, however often it is ' +
        'sent, and answered the same.',
    ),
})

const position: Parameter = {
  name: positionHeader,
  in: 'header',
  required: false,
  description:
    'The one of the answer before, or several with commas between: this answer is no older than ' +
    'what was written and read there. Good for half a minute.',
  schema: { type: 'string' },
}

function operation(
  endpoint: Endpoint,
  schemas: { answer: Json | undefined; body: Json | undefined },
): Json {
  const { id, summary, description, scope } = endpoint
  return {
    operationId: id,
    tags: [tagOf(endpoint)],
    summary,
    ...(description ? { description } : {}),
    ...(scope ? { security: [{ token: [scope] }] } : {}),
    parameters: [...parametersOf(endpoint), position],
    ...requestBody(endpoint, schemas.body),
    responses: responses(endpoint, schemas.answer),
  }
}

function requestBody({ takesFile }: Endpoint, schema: Json | undefined): Json {
  const content = takesFile
    ? { 'application/octet-stream': {} }
    : schema && { 'application/json': { schema } }
  return content ? { requestBody: { required: true, content } } : {}
}

function responses(endpoint: Endpoint, answer: Json | undefined): Json {
  const { summary, method, scope, params, body, takesFile, status } = endpoint
  const hasBody = body !== undefined || takesFile === true
  const refusals: [status: number | string, name: string, isPossible: boolean][] = [
    [400, 'BadRequest', true],
    [401, 'Unauthorized', scope !== undefined],
    [403, 'Forbidden', scope !== undefined],
    [404, 'NotFound', Object.keys(params.shape).length > 0],
    [409, 'Conflict', method !== 'get'],
    [413, 'TooLarge', hasBody],
    [415, 'NotJson', body !== undefined],
    [422, 'InvalidBody', hasBody],
    [429, 'TooManyRequests', method !== 'get'],
    ['5XX', 'ServerError', true],
  ]
  return {
    [status]: {
      description: summary,
      ...(scope
        ? { headers: { [positionHeader]: { $ref: '#/components/headers/Position' } } }
        : {}),
      ...(answer ? { content: { 'application/json': { schema: answer } } } : {}),
    },
    ...(method === 'get'
      ? { 304: { description: 'The answer is still the one whose ETag `If-None-Match` named.' } }
      : {}),
    ...Object.fromEntries(
      refusals.flatMap(([code, name, isPossible]) =>
        isPossible ? [[code, { $ref: `#/components/responses/${name}` }]] : [],
      ),
    ),
  }
}

const refusal = (description: string): Json => ({
  description,
  content: { 'application/problem+json': { schema: { $ref: `${componentRoot}Problem` } } },
})

const componentRoot = '#/components/schemas/'

interface JsonSchemas {
  properties: Record<string, Json>
  required: string[]
  /** Schemas with an id of their own, which the properties refer to. */
  $defs: Record<string, Json>
}

function jsonSchemas(shape: z.ZodRawShape): JsonSchemas {
  const schema = z.toJSONSchema(z.object(shape), {
    // What a client sends, and answers without a promise that no field is ever added.
    io: 'input',
    override: ({ jsonSchema }) => {
      // The format says it; the pattern is half a page.
      if (jsonSchema.format === 'date-time') delete jsonSchema.pattern
    },
  })
  const text = JSON.stringify({ properties: {}, required: [], $defs: {}, ...schema })
  return JSON.parse(text.replaceAll('"#/$defs/', `"${componentRoot}`))
}
