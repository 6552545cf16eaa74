import { z } from 'zod'
import { program } from '#version'
import { apiRoot, type Endpoint, endpoint, noInput } from './api'

/** A JSON Schema (2020-12), or a part of the document that carries some. */
export type Json = Record<string, unknown>

export interface Parameter {
  name: string
  in: 'path' | 'query'
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
    ...Object.fromEntries(endpoints.map(({ id, answer }) => [id, answer])),
  })
  const paths: Record<string, Json> = {}
  for (const each of endpoints) paths[each.path] = { get: operation(each, properties[each.id]) }
  return {
    openapi: '3.1.1',
    info: {
      title: 'Jumpstarter',
      version: program.version,
      summary: 'Projects, the people behind them and those who back them.',
      description: 'Public and without keys. Lists are paged with `after`; see /api.',
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
        NotFound: refusal('There is no such thing.'),
        ServerError: refusal('The fault is ours; 503 is worth another try.'),
      },
    },
  }
}

/** The noun an endpoint is about: the first part of its path. */
export const tagOf = ({ path }: Endpoint): string => path.split('/')[1] ?? ''

/** What a request to this endpoint may carry. */
export function parametersOf({ params, query }: Endpoint): Parameter[] {
  const parametersIn = (place: 'path' | 'query', schema: z.ZodObject): Parameter[] => {
    const { properties, required } = jsonSchemas(schema.shape)
    return Object.entries(properties).map(([name, { description, ...rest }]) => ({
      name,
      in: place,
      required: required.includes(name),
      description: String(description),
      schema: rest,
    }))
  }
  return [...parametersIn('path', params), ...parametersIn('query', query)]
}

function operation(endpoint: Endpoint, answer: Json | undefined): Json {
  const { id, summary, description, params } = endpoint
  const hasPathParameters = Object.keys(params.shape).length > 0
  return {
    operationId: id,
    tags: [tagOf(endpoint)],
    summary,
    ...(description ? { description } : {}),
    parameters: parametersOf(endpoint),
    responses: {
      200: { description: summary, content: { 'application/json': { schema: answer } } },
      304: { description: 'The answer is still the one whose ETag `If-None-Match` named.' },
      400: { $ref: '#/components/responses/BadRequest' },
      ...(hasPathParameters ? { 404: { $ref: '#/components/responses/NotFound' } } : {}),
      '5XX': { $ref: '#/components/responses/ServerError' },
    },
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
