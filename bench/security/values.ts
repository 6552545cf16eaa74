import type { Random } from '#web/pictures/random'

/** As much of JSON Schema (2020-12) as our document has. */
export interface Schema {
  type?: string
  const?: unknown
  enum?: unknown[]
  anyOf?: Schema[]
  properties?: Record<string, Schema>
  required?: string[]
  items?: Schema
  maxItems?: number
  minimum?: number
  maximum?: number
  exclusiveMinimum?: number
  minLength?: number
  maxLength?: number
  pattern?: string
  format?: string
  additionalProperties?: boolean | Schema
}

/** JSON that no value of the language can be: a number too large, say. */
export class Raw {
  readonly text: string
  constructor(text: string) {
    this.text = text
  }
}

/** An object whose names may be repeated, or `__proto__`. */
export class Fields {
  readonly pairs: [name: string, value: unknown][]
  constructor(pairs: [name: string, value: unknown][]) {
    this.pairs = pairs
  }
}

/** What there is on the site, by the name of the field or parameter that says which. */
export type Known = Readonly<Record<string, readonly (string | number | null)[]>>

const usualTexts = [
  ...[
    'A lamp of paper',
    'It folds. **Well.**',
    'Ana Ruiz',
    'Berlin',
    'Germany',
    'Rest of the world',
  ],
  ...['2040-12', '2040-12-01', '2040-06-10T12:00:00.000Z', '2041-01-01T00:00:00Z', 'USD', 'JPY'],
  ...['ana@example.test', 'https://hooks.example.invalid/in', '0123456789abcdef0123456789abcdef'],
  ...['games', 'games/tabletop-games', 'new-york', 'yes', 'none', '1', '7', '1200.5.6', 'lamp'],
  ...['👩‍🚀 עדי \u202eطارق', 'One line\nand another', 'comment_posted', 'project.failed'],
]

const hostileTexts = [
  ...['', ' ', '\u0000', 'a\u0000b', '\u0001\u001f\u007f\u0085', '\ud800', '\udfff\ud800'],
  ...[
    '\ufffe\uffff',
    '\u202e\u2066',
    'e\u0301'.repeat(2_000),
    '\u{10ffff}',
    '👩‍👩‍👧‍👦'.repeat(500),
  ],
  ...[
    "'; drop table projects; --",
    "' or '1'='1",
    '" or ""="',
    '$1',
    '%s%n',
    '\\',
    "\\'",
    '%',
    '_',
  ],
  ...['<script>alert(1)</script>', '"><img src=x onerror=alert(1)>', 'javascript:alert(1)'],
  ...[`\${7*7}`, '{{7*7}}', '#{7*7}', '<%= 7*7 %>', '$(id)', '`id`', '| id', '; id', '(a+)+$'],
  ...['../../../../etc/passwd', '..%2f..%2fetc%2fpasswd', 'file:///etc/passwd', 'C:\\boot.ini'],
  ...['http://169.254.169.254/latest/', 'http://[::ffff:127.0.0.1]:1/', 'http://2130706433:1/'],
  ...['https://user:pass@hooks.example.invalid/', 'https://localhost:1/', 'gopher://x/', '//x'],
  ...['__proto__', 'constructor', 'prototype', 'toString', 'hasOwnProperty', 'null', 'undefined'],
  ...[
    'NaN',
    'Infinity',
    '-Infinity',
    '1e309',
    '-0',
    '0x10',
    '00001',
    '9'.repeat(400),
    '١٢٣',
    '1_000',
  ],
  ...[
    '0000-00',
    '0000-01',
    '9999-12',
    '9999-99',
    '0000-01-01T00:00:00Z',
    '9999-12-31T23:59:59.999Z',
  ],
  ...[
    '2040-02-30T25:61:61Z',
    '2040-06-10T12:00:00+99:99',
    '+275760-09-13T00:00:00.001Z',
    '2040-06',
  ],
  ...['x\r\nX-Injected: 1', 'x\nSet-Cookie: session=1', 'ana@example.test\r\nBcc: x@example.test'],
  ...[
    'x'.repeat(300),
    'x'.repeat(70_000),
    ' '.repeat(5_000),
    '\n'.repeat(5_000),
    '['.repeat(2_000),
  ],
  ...['a@b', `${'a'.repeat(250)}@example.test`, 'ana@example.test,bo@example.test', '"x y"@z.test'],
]

const hostileNumbers = [
  ...[0, -1, 1, 1.5, -1.5, 2 ** 15, 2 ** 31 - 1, 2 ** 31, -(2 ** 31) - 1, 2 ** 32, 1e-7, 1e21],
  ...[2 ** 53 - 1, 2 ** 53, -(2 ** 53), 2 ** 63, 999_999_999_999_999, 1e308],
]

const hostileRaws = ['1e400', '-1e400', '1E-400', '-0', '9'.repeat(500), '1.000000000000000000001']

export const hostileText = (random: Random): string => random.pick(hostileTexts)

/** A value of whatever kind. */
export function hostileValue(random: Random): unknown {
  const kinds: (() => unknown)[] = [
    () => hostileText(random),
    () => hostileText(random),
    () => random.pick(hostileNumbers),
    () => new Raw(random.pick(hostileRaws)),
    () => random.pick([null, true, false]),
    () => random.pick([[], [[]], [null], Array.from({ length: 2_000 }, () => 1)]),
    () => new Fields([[random.pick(['__proto__', 'constructor', 'a']), new Fields([['a', 1]])]]),
    () => new Raw('['.repeat(50) + ']'.repeat(50)),
  ]
  return random.pick(kinds)()
}

/** A value as the schema wants it; where the site has some of that name, often one of those. */
export function rightValue(schema: Schema, name: string, random: Random, known: Known): unknown {
  const here = known[name]
  if (
    here &&
    here.length > 0 &&
    random.chance(0.85) &&
    takes(
      schema,
      here.find((each) => each !== null),
    )
  ) {
    return random.pick(here)
  }
  if (schema.const !== undefined) return schema.const
  if (schema.enum) return random.pick(schema.enum)
  if (schema.anyOf) return rightValue(random.pick(schema.anyOf), name, random, known)
  switch (schema.type) {
    case 'object':
      return rightObject(schema, random, known)
    case 'array': {
      const length = random.int(0, Math.min(schema.maxItems ?? 3, 3))
      const { items = {} } = schema
      return Array.from({ length }, () => rightValue(items, name, random, known))
    }
    case 'integer':
    case 'number': {
      const min = schema.minimum ?? (schema.exclusiveMinimum ?? -1) + 1
      const max = schema.maximum ?? Number.MAX_SAFE_INTEGER
      // Most numbers are small, and bounds are where it goes wrong.
      return random.pick([
        min,
        max,
        ...Array.from({ length: 6 }, () => random.int(min, near(min, max))),
      ])
    }
    case 'boolean':
      return random.chance(0.5)
    case 'null':
      return null
    default:
      return rightText(schema, random)
  }
}

const near = (min: number, max: number) => Math.min(max, min + 5_000)

const takes = ({ type, anyOf }: Schema, value: unknown): boolean =>
  anyOf?.some((each) => takes(each, value)) ??
  (type === 'string' ? typeof value === 'string' : typeof value === 'number')

function rightObject(schema: Schema, random: Random, known: Known): Fields {
  const { properties = {}, required = [], additionalProperties } = schema
  const pairs = Object.entries(properties)
    .filter(([name]) => required.includes(name) || random.chance(0.6))
    .map(([name, each]): [string, unknown] => [name, rightValue(each, name, random, known)])
  if (typeof additionalProperties === 'object') {
    pairs.push(['1', rightValue(additionalProperties, 'value', random, known)])
  }
  return new Fields(pairs)
}

function rightText(schema: Schema, random: Random): string {
  const { pattern, minLength = 0, maxLength = Number.POSITIVE_INFINITY, format } = schema
  const shape = new RegExp(format === 'date-time' ? '^\\d{4}-\\d\\d-\\d\\dT.*Z$' : (pattern ?? ''))
  const fitting = usualTexts.filter(
    (text) => shape.test(text) && text.length >= minLength && text.length <= maxLength,
  )
  return fitting.length > 0 ? random.pick(fitting) : 'x'.repeat(Math.max(1, minLength))
}

/** JSON of values that may be `Raw` or `Fields`. */
export function toText(value: unknown): string {
  if (value instanceof Raw) return value.text
  if (value instanceof Fields) {
    return `{${value.pairs.map(([name, each]) => `${JSON.stringify(name)}:${toText(each)}`)}}`
  }
  if (Array.isArray(value)) return `[${value.map(toText)}]`
  return JSON.stringify(value ?? null)
}

/** The same with something wrong at one place of it. */
export function spoiled(value: unknown, random: Random): unknown {
  if (value instanceof Fields && random.chance(0.9)) return spoiledFields(value, random)
  if (Array.isArray(value) && value.length > 0 && random.chance(0.7)) {
    const at = random.int(0, value.length - 1)
    return value.map((each, index) => (index === at ? spoiled(each, random) : each))
  }
  return hostileValue(random)
}

const strangeNames = [
  '__proto__',
  'constructor',
  'role',
  'id',
  'creatorId',
  'status',
  'isStaff',
  '',
]

function spoiledFields({ pairs }: Fields, random: Random): Fields {
  const at = random.int(0, Math.max(0, pairs.length - 1))
  const [name, value] = pairs[at] ?? ['x', 1]
  const others = pairs.filter((_, index) => index !== at)
  const ways: (() => [string, unknown][])[] = [
    () => others,
    () => [...pairs, [name, hostileValue(random)]],
    () => [...pairs, [random.pick(strangeNames), random.pick(['staff', 1, true, new Fields([])])]],
    ...Array.from(
      { length: 5 },
      () => (): [string, unknown][] =>
        pairs.map((pair, index) => (index === at ? [name, spoiled(value, random)] : pair)),
    ),
  ]
  return new Fields(random.pick(ways)())
}
