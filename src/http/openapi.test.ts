import { describe, expect, test } from 'bun:test'
import { z } from 'zod'
import { createApp, endpoints } from '#app'
import { loadConfig } from '#config'
import { scopes } from '#db/schema/accounts'
import type { Deps } from '#deps'
import { apiRoot, routeOf } from './api'
import { openApi } from './openapi'

const schema = z.record(z.string(), z.unknown())
const parameter = z.strictObject({
  name: z.string(),
  in: z.enum(['path', 'query', 'header']),
  required: z.boolean(),
  description: z.string().min(1),
  schema,
})
const operation = z.looseObject({
  operationId: z.string(),
  summary: z.string().min(1),
  tags: z.array(z.string()).length(1),
  parameters: z.array(parameter),
  security: z.tuple([z.strictObject({ token: z.array(z.enum(scopes)).length(1) })]).optional(),
  requestBody: z
    .strictObject({
      required: z.literal(true),
      content: z.union([
        z.strictObject({ 'application/json': z.object({ schema }) }),
        z.strictObject({ 'application/octet-stream': z.strictObject({}) }),
      ]),
    })
    .optional(),
  responses: z.record(z.string().regex(/^([1-5]\d\d|[1-5]XX)$/), schema),
})
const method = z.enum(['get', 'post', 'put', 'patch', 'delete'])
/** As much of OpenAPI 3.1 as we use. */
const structure = z.strictObject({
  openapi: z.string().regex(/^3\.1\.\d+$/),
  info: z.looseObject({ title: z.string(), version: z.string() }),
  jsonSchemaDialect: z.literal('https://json-schema.org/draft/2020-12/schema'),
  servers: z.array(z.strictObject({ url: z.literal(apiRoot) })),
  tags: z.array(z.strictObject({ name: z.string() })),
  paths: z.record(z.string().startsWith('/'), z.partialRecord(method, operation)),
  components: z.strictObject({
    schemas: z.record(z.string().regex(/^[A-Za-z]+$/), schema),
    responses: z.record(z.string(), schema),
    headers: z.record(z.string(), schema),
    securitySchemes: z.strictObject({ token: schema }),
  }),
})

const document = openApi(endpoints)
const { paths, tags } = structure.parse(document)
const operations = Object.entries(paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, each]) => ({ path, method, ...each })),
)

/** Everything a `$ref` in the document points to. */
function references(value: unknown): string[] {
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([name, part]) =>
    name === '$ref' ? [String(part)] : references(part),
  )
}

describe('the OpenAPI document', () => {
  test('resolves every reference', () => {
    const found = references(document)
    expect(found.length).toBeGreaterThan(20)
    for (const reference of found) {
      const parts = reference.replace('#/', '').split('/')
      const target = parts.reduce<unknown>((at, part) => schema.parse(at)[part], document)
      expect({ reference, target }).toEqual({ reference, target: expect.any(Object) })
    }
  })

  test('declares every parameter of a path, once', () => {
    for (const { path, parameters } of operations) {
      const inPath = [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => name)
      const declared = parameters.filter((each) => each.in === 'path')
      expect(declared.map(({ name }) => name).toSorted()).toEqual(inPath.toSorted())
      expect(declared.every(({ required }) => required)).toBe(true)
      const names = parameters.map(({ name }) => name)
      expect(new Set(names).size).toBe(names.length)
    }
  })

  test('names every operation once, under a tag that is listed', () => {
    const names = operations.map(({ operationId }) => operationId)
    expect(new Set(names).size).toBe(names.length)
    const known = tags.map(({ name }) => name)
    expect(operations.filter((each) => !known.includes(each.tags[0] ?? ''))).toEqual([])
  })

  test('says what each refuses, and whom', () => {
    for (const { method, security, requestBody, responses } of operations) {
      const statuses = Object.keys(responses)
      if (method !== 'get') expect(security).toBeDefined()
      if (security) expect(statuses).toEqual(expect.arrayContaining(['401', '403']))
      if (requestBody) expect(statuses).toEqual(expect.arrayContaining(['413', '422']))
      const isJson = 'application/json' in (requestBody?.content ?? {})
      expect(statuses.includes('415')).toBe(isJson)
      if (method !== 'get') expect(statuses).toEqual(expect.arrayContaining(['409', '429']))
    }
  })

  test('lists exactly the routes there are', () => {
    const payments = { origins: [] as string[] }
    const deps = { config: loadConfig({}, {}), payments } as unknown as Deps
    const routes = createApp(deps, { ready: true })
      .routes.filter(({ path }) => path.startsWith(`${apiRoot}/`) && !path.includes('*'))
      .map(({ method, path }) => `${method} ${path.slice(apiRoot.length)}`)
    const described = operations.map(
      ({ method, path }) => `${method.toUpperCase()} ${routeOf(path)}`,
    )
    expect([...new Set(routes)].toSorted()).toEqual(described.toSorted())
  })
})
