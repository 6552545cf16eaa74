import { z } from 'zod'

/** Shapes that JSON answers share, and how rows become them. */

export const id = z.int().positive()
export const count = z.int().nonnegative()
export const address = z.url()

export const money = z
  .object({
    amount: z.int().describe('In minor units: cents, or yen where there are none.'),
    currency: z.string().length(3).describe('ISO 4217.'),
  })
  .meta({ id: 'Money', examples: [{ amount: 12_345, currency: 'USD' }] })

export const time = z.iso.datetime().meta({ examples: ['2026-05-16T12:00:00.000Z'] })

const longText = 500

/**
 * `JSON.stringify` with the long texts of an object for themselves, behind the rest: with one
 * letter beyond Latin-1 anywhere the engine takes a slower way through the whole, and for 4 KB
 * twice as long.
 */
export function toJson(data: Record<string, unknown>): string {
  const rest: Record<string, unknown> = {}
  let texts = ''
  for (const name in data) {
    const value = data[name]
    if (typeof value !== 'string' || value.length < longText) rest[name] = value
    else texts += `,${JSON.stringify(name)}:${JSON.stringify(value)}`
  }
  const json = JSON.stringify(rest)
  return texts === '' ? json : `${json.slice(0, -1)}${json === '{}' ? texts.slice(1) : texts}}`
}

export const toTime = (date: Date): string => date.toISOString()
export const toTimeOrNull = (date: Date | null): string | null => date && toTime(date)

type Defined<Fields> = { [Name in keyof Fields]?: Exclude<Fields[Name], undefined> }

/** Of the fields of a change, those that were given. */
export const definedOf = <Fields extends object>(fields: Fields): Defined<Fields> =>
  Object.fromEntries(
    Object.entries(fields).filter(([, value]) => value !== undefined),
  ) as Defined<Fields>

/** One page of a list. */
export const pageOf = <Item extends z.ZodType>(item: Item) =>
  z.object({
    data: z.array(item),
    next: z
      .string()
      .nullable()
      .describe('What to give as `after` for the next page; null on the last one.'),
  })

/** A keyset as the cursor that `next` carries. */
export const toCursor = (key: number | null): string | null => (key === null ? null : String(key))

/** `after=`, the `next` of the page before. */
export const describeAfter = <Schema extends z.ZodType>(schema: Schema) =>
  schema.describe('The `next` of the page before this one; left out for the first.')

/** `after=` of a list whose cursor is a whole number of at most so many digits. */
export const numberAfter = (digitsMax: number) =>
  describeAfter(
    z
      .string()
      .regex(
        new RegExp(`^[1-9][0-9]{0,${digitsMax - 1}}$`),
        'must be the `next` of the page before it',
      )
      .transform(Number)
      .optional(),
  )

/** A whole number in an address, of at most so many digits: described as a number, not as text. */
export const numberInput = (digitsMax: number) =>
  z.preprocess(
    (text) => (typeof text === 'string' && /^[1-9][0-9]*$/.test(text) ? Number(text) : text),
    z
      .int('must be a positive whole number')
      .min(1)
      .max(10 ** digitsMax - 1, `may have at most ${digitsMax} digits`),
  )

/** Small enough to be exact in JavaScript. */
export const idDigitsMax = 15
/** Small enough for Postgres’ `integer`. */
export const integerDigitsMax = 9
