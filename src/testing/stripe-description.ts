import description from './stripe-calls.json'

/** Checks a call against what Stripe's published description says that it takes. */

interface Schema {
  type?: string
  enum?: string[]
  maxLength?: number
  anyOf?: Schema[]
  items?: Schema
  additionalProperties?: Schema
  properties?: Record<string, Schema>
  required?: string[] | boolean
}
interface Call {
  query: Record<string, Schema>
  body?: Schema
}
export type Value = string | Value[] | { [name: string]: Value }
export type Fields = { [name: string]: Value }

export const apiVersion = description.version
const calls = description.calls as unknown as Record<string, Call>

/** `expand[0]=a&metadata[key]=b` as the object it stands for. */
export function readFields(encoded: string): Fields {
  const fields: Fields = {}
  for (const [path, value] of new URLSearchParams(encoded)) {
    const names = path.split(/\]\[|\[|\]/).filter((part) => part !== '')
    const last = names.pop() ?? ''
    let place = fields
    for (const name of names) {
      place[name] ??= {}
      place = place[name] as Fields
    }
    place[last] = value
  }
  return fields
}

/** The call that a path is, and what in it is not as described. */
export function checkCall(
  method: string,
  path: string,
  fields: Fields,
): { call: string | undefined; problems: string[] } {
  const call = Object.keys(calls).find((name) => patternOf(name).test(`${method} ${path}`))
  const described = call === undefined ? undefined : calls[call]
  if (!described) return { call, problems: [`${method} ${path} is not described`] }
  const schemas = method === 'GET' ? described.query : (described.body?.properties ?? {})
  const required = Array.isArray(described.body?.required) ? described.body.required : []
  const problems = [
    ...required.filter((name) => !(name in fields)).map((name) => `${name} is missing`),
    ...Object.entries(fields).flatMap(([name, value]) => {
      const schema = schemas[name]
      return schema ? valueProblems(name, value, schema) : [`${name} is unknown`]
    }),
  ]
  return { call, problems: problems.map((problem) => `${call}: ${problem}`) }
}

const patternOf = (call: string) => new RegExp(`^${call.replace(/\{\w+\}/g, '[^/]+')}$`)

function valueProblems(name: string, value: Value, schema: Schema): string[] {
  if (schema.anyOf) {
    const each = schema.anyOf.map((one) => valueProblems(name, value, one))
    return each.some((problems) => problems.length === 0) ? [] : (each[0] ?? [])
  }
  if (schema.type === 'object' || schema.type === 'array') {
    if (typeof value === 'string') return [`${name} is no ${schema.type}`]
    const inner = schema.type === 'array' ? schema.items : schema.additionalProperties
    return Object.entries(value).flatMap(([key, one]) =>
      inner ? valueProblems(`${name}[${key}]`, one, inner) : [],
    )
  }
  if (typeof value !== 'string') return [`${name} is no ${schema.type}`]
  return textProblem(value, schema) ? [`${name} ${textProblem(value, schema)}`] : []
}

function textProblem(value: string, schema: Schema): string | undefined {
  if (schema.type === 'integer' && !/^-?\d+$/.test(value)) return 'is no whole number'
  if (schema.type === 'boolean' && !/^(true|false)$/.test(value)) return 'is no boolean'
  if (schema.enum && !schema.enum.includes(value)) return `is none of ${schema.enum.join(', ')}`
  if (value.length > (schema.maxLength ?? Number.POSITIVE_INFINITY)) return 'is too long'
  return undefined
}
