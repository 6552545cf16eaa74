import { z } from 'zod'
import { shipsToKinds } from '#db/schema/backing'
import { addOnsPerBackerMax, type ProjectStatus, pledgeLimits } from '#features/projects/rules'
import { countryNamed } from '#lib/countries'
import { formatMoney, parseMoney } from '#lib/money'
import { readMoment } from '#lib/time'
import { areTermsFixed, versionField } from '../rules'

export const rewardsMax = 50
export const rewardNameCharactersMax = 50
export const rewardDescriptionCharactersMax = 1_000
export const itemsMax = 20
export const itemNameCharactersMax = 80
export const itemQuantityMax = 1_000
/** Prices of its own that one reward may have, beside the one for the rest of the world. */
export const countriesMax = 30
export const rewardQuantityMax = 1_000_000
export const imageAltCharactersMax = 200
/** How far ahead a delivery or a window may lie. */
const yearsAheadMax = 10
export const restOfTheWorld = 'Rest of the world'

/** What a reward is, but for what others have made of it and its picture. */
export interface RewardTerms {
  /** Minor units, as are the prices of shipping. */
  amount: number
  name: string
  description: string
  isAddOn: boolean
  /** Null is unlimited. */
  quantity: number | null
  perBackerMax: number | null
  opensAt: Date | null
  closesAt: Date | null
  /** The first day of the month. */
  deliveryMonth: string
  shipsTo: (typeof shipsToKinds)[number]
  items: { name: string; quantity: number }[]
  shipping: { country: string; price: number }[]
}

export interface RewardPicture {
  /** Its hash. */
  image: string | null
  imageAlt: string
}

/** What a form is read by: amounts are the project's currency, months are counted from now. */
export interface RewardContext {
  currency: string
  now: Date
  /** The delivery month it has had so far, which may be over. */
  deliveryMonth?: string | undefined
}

const line = (charactersMax: number) =>
  z
    .string()
    .transform((text) => text.replace(/\s+/g, ' ').trim())
    .pipe(z.string().max(charactersMax, `May have ${charactersMax} characters at most.`))
const given = (what: string) => z.string().min(1, `Please give ${what}.`)

const wholeNumber = (max: number) =>
  z
    .string()
    .trim()
    .regex(/^\d{1,9}$/, 'Must be a whole number, in the digits 0 to 9.')
    .transform(Number)
    .pipe(z.number().min(1, 'Must be at least 1.').max(max, `May be ${max} at most.`))
const optional = <Schema extends z.ZodType>(schema: Schema) =>
  z.preprocess((value) => (value === undefined || value === '' ? null : value), schema.nullable())

const moment = (latest: Date) =>
  z.string().transform((text, { addIssue }) => {
    const date = readMoment(text)
    if (date && date <= latest) return date
    const message = date
      ? `May be ${yearsAheadMax} years from now at most.`
      : 'Is not a moment: write it like 2027-03-31T18:00.'
    addIssue({ code: 'custom', message })
    return z.NEVER
  })

const amount = (currency: string, min: number) => {
  const { max } = pledgeLimits(currency)
  return z.string().transform((text, context) => {
    const { minor, problem } = parseMoney(text, currency)
    if (problem === undefined && minor >= min && minor <= max) return minor
    const least = `Must be ${formatMoney(min, currency)} or more.`
    const most = `May be ${formatMoney(max, currency)} at most.`
    const message = problem ?? (minor < min ? least : most)
    context.addIssue({ code: 'custom', message })
    return z.NEVER
  })
}

/** `2027-03`, as far back as now and as far ahead as is allowed. */
export function deliveryMonths({ now, deliveryMonth }: RewardContext): string[] {
  const first = now.getUTCFullYear() * 12 + now.getUTCMonth()
  const months = Array.from({ length: yearsAheadMax * 12 }, (_, index) => {
    const month = first + index
    return `${Math.floor(month / 12)}-${String((month % 12) + 1).padStart(2, '0')}`
  })
  const [own] = /^\d{4}-(0[1-9]|1[0-2])/.exec(deliveryMonth ?? '') ?? []
  return own !== undefined && !months.includes(own) ? [own, ...months] : months
}

const pictureFields = { imageAlt: line(imageAltCharactersMax).default('') }

/** The fields of the form that stand alone. */
const singleFields = (context: RewardContext) => {
  const { currency, now } = context
  const months = deliveryMonths(context)
  const latest = new Date(now)
  latest.setUTCFullYear(latest.getUTCFullYear() + yearsAheadMax)
  return z.object({
    version: versionField,
    amount: amount(currency, pledgeLimits(currency).min),
    name: line(rewardNameCharactersMax).pipe(given('it a name')),
    description: z
      .string()
      .trim()
      .min(1, 'Please say what it is.')
      .max(
        rewardDescriptionCharactersMax,
        `May have ${rewardDescriptionCharactersMax} characters at most.`,
      ),
    kind: z.enum(['reward', 'add-on'], 'Must be one of the two.'),
    quantity: optional(wholeNumber(rewardQuantityMax)),
    perBackerMax: optional(wholeNumber(addOnsPerBackerMax)),
    opensAt: optional(moment(latest)),
    closesAt: optional(moment(latest)),
    deliveryMonth: z
      .string('Please choose a month.')
      .refine((month) => months.includes(month), 'Please choose a month of the list.'),
    shipsTo: z.enum(shipsToKinds, 'Please choose one.'),
    ...pictureFields,
  })
}

export type TypedRow = Readonly<{ index: number; name: string; number: string }>

// As many as a form can be made to carry: what is above the limits is shown with what is wrong.
const rowNumber = /^[1-9]\d?$/

/** The rows of a kind that something was typed into: `item-3` with `item-3-number`. */
export function typedRows(values: Readonly<Record<string, string>>, kind: string): TypedRow[] {
  return Object.keys(values)
    .map((field) => field.match(new RegExp(`^${kind}-(\\d+)(?:-number)?$`))?.[1] ?? '')
    .filter((digits, place, all) => rowNumber.test(digits) && all.indexOf(digits) === place)
    .map(Number)
    .toSorted((a, b) => a - b)
    .map((index) => ({
      index,
      name: values[`${kind}-${index}`]?.trim() ?? '',
      number: values[`${kind}-${index}-number`]?.trim() ?? '',
    }))
    .filter(({ name, number }) => name !== '' || number !== '')
}

type Report = (field: string, message: string) => void

/** Reads one field of a row; what is wrong is reported under its name. */
function read<Out>(schema: z.ZodType<Out>, text: string, field: string, report: Report) {
  const { data, error } = schema.safeParse(text)
  if (error) report(field, error.issues[0]?.message ?? 'Is wrong.')
  return data as Out
}

function readItems(values: Readonly<Record<string, string>>, report: Report) {
  const rows = typedRows(values, 'item')
  if (rows.length > itemsMax) report('items', `There may be ${itemsMax} at most.`)
  const named = line(itemNameCharactersMax).pipe(given('it a name, or leave the row empty'))
  return rows.map(({ index, name, number }) => ({
    name: read(named, name, `item-${index}`, report),
    quantity: read(wholeNumber(itemQuantityMax), number || '1', `item-${index}-number`, report),
  }))
}

const country = z.string().transform((text, context) => {
  const name = countryNamed(text)
  if (name !== undefined) return name
  context.addIssue({ code: 'custom', message: 'Is no country we know: choose one of the list.' })
  return z.NEVER
})

function readShipping(
  values: Readonly<Record<string, string>>,
  currency: string,
  report: Report,
): RewardTerms['shipping'] {
  const kind = values['shipsTo']
  if (kind !== 'some' && kind !== 'anywhere') return []
  const price = amount(currency, 0)
  const rows = typedRows(values, 'country')
  const shipping = rows.map(({ index, name, number }) => ({
    country: read(country, name, `country-${index}`, report),
    price: read(price, number, `country-${index}-number`, report),
  }))
  if (rows.length > countriesMax) report('countries', `There may be ${countriesMax} at most.`)
  rows.forEach(({ index }, place) => {
    const { country } = shipping[place] ?? {}
    const isTwice = shipping.findIndex((row) => row.country === country) < place
    if (country && isTwice) report(`country-${index}`, 'Is in the list already.')
  })
  if (kind === 'some') {
    if (rows.length === 0) report('countries', 'Please name at least one country.')
    return shipping
  }
  const world = read(price, values['worldPrice'] ?? '', 'worldPrice', report)
  return [...shipping, { country: restOfTheWorld, price: world }]
}

export type RewardInput = { version: number; terms: RewardTerms; imageAlt: string }

const untyped = { amount: '', name: '', description: '' }

/** The form of a reward, every field of which is checked at once. */
export const rewardForm = (context: RewardContext) =>
  z.record(z.string(), z.string()).transform((values, { addIssue }): RewardInput => {
    let isWrong = false
    const report: Report = (field, message) => {
      isWrong = true
      addIssue({ code: 'custom', path: [field], message, input: values[field] })
    }
    const items = readItems(values, report)
    const shipping = readShipping(values, context.currency, report)
    const { data, error } = singleFields(context).safeParse({ ...untyped, ...values })
    for (const { path, message } of error?.issues ?? []) report(path.join('.'), message)
    if (data?.opensAt && data.closesAt && data.closesAt <= data.opensAt) {
      report('closesAt', 'Must be after it opens.')
    }
    if (!data || isWrong) return z.NEVER
    const { version, kind, imageAlt, deliveryMonth, ...rest } = data
    const terms = { ...rest, isAddOn: kind === 'add-on', items, shipping }
    return { version, imageAlt, terms: { ...terms, deliveryMonth: `${deliveryMonth}-01` } }
  })

/** What may still change of a reward that somebody has taken. */
const backedRewardForm = z.object({
  version: versionField,
  quantity: optional(wholeNumber(rewardQuantityMax)),
  ...pictureFields,
})

type RewardChange = RewardInput | z.output<typeof backedRewardForm>

/** Either form, by what was sent: whether it still fits is seen when it is saved. */
export const rewardChangeForm = (context: RewardContext) =>
  z.record(z.string(), z.string()).transform((values, { addIssue }): RewardChange => {
    const form: z.ZodType<RewardChange> = 'name' in values ? rewardForm(context) : backedRewardForm
    const { data, error } = form.safeParse(values)
    for (const { path, message } of error?.issues ?? []) {
      addIssue({ code: 'custom', path: [...path], message, input: values })
    }
    return data ?? z.NEVER
  })

/** A picture says what is to be seen; without one there is nothing to say. */
export function pictureProblem({ image, imageAlt }: RewardPicture): string | undefined {
  return image !== null && imageAlt === ''
    ? 'Please say in a few words what the picture shows, for those who cannot see it.'
    : undefined
}

/** Why there cannot be so few now; undefined when there can. Null is unlimited. */
export function quantityProblem(
  status: ProjectStatus,
  stored: { quantity: number | null; backersCount: number },
  quantity: number | null,
): string | undefined {
  if (quantity === null) return undefined
  const { backersCount } = stored
  if (quantity < backersCount) return `Is less than the ${backersCount} that are taken.`
  const before = stored.quantity ?? Number.POSITIVE_INFINITY
  if (!areTermsFixed(status) || quantity >= before) return undefined
  return stored.quantity === null
    ? 'Was unlimited at the launch, and may not become less.'
    : `May only rise after the launch: it is ${stored.quantity} now.`
}
