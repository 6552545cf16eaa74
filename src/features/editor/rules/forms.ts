import { z } from 'zod'
import type { ProjectStatus } from '#features/projects/rules'
import { countryNamed } from '#lib/countries'
import { parseMoney } from '#lib/money'
import { slugify } from '#lib/slug'
import { readMoment } from '#lib/time'
import {
  blurbCharactersMax,
  budgetLabelCharactersMax,
  budgetLinesMax,
  daysUntil,
  durationDaysMax,
  durationDaysMin,
  placeCharactersMax,
  risksCharactersMax,
  storyCharactersMax,
  tagCharactersMax,
  tagsMax,
  titleCharactersMax,
  versionField,
} from '../rules'

const tooLong = (charactersMax: number) => `May have ${charactersMax} characters at most.`
const limited = (charactersMax: number) => z.string().max(charactersMax, tooLong(charactersMax))

/** One line, without the spaces that nobody sees. */
const line = (charactersMax: number) =>
  z
    .string()
    .default('')
    .transform((text) => text.replace(/\s+/g, ' ').trim())
    .pipe(limited(charactersMax))

const paragraphs = (charactersMax: number) =>
  z
    .string()
    .default('')
    .transform((text) => text.trim())
    .pipe(limited(charactersMax))

const notPlaces = new Set([
  ...['rest', 'rest of the world', 'world', 'worldwide', 'anywhere', 'everywhere', 'nowhere'],
  ...['earth', 'online', 'internet', 'unknown', 'none', 'na', 'test'],
])
const letters = /\p{L}/u
const noPlaceMarks = /[<>{}[\]@#/\\|;:!?*=_~^%$"]/

const placeName = (missing: string) =>
  line(placeCharactersMax).pipe(
    z
      .string()
      .min(1, missing)
      .refine(
        (text) => !notPlaces.has(text.toLowerCase()) && letters.test(text),
        'Is not the name of a place.',
      )
      .refine((text) => !noPlaceMarks.test(text), 'Has a character that no place has in its name.')
      .refine(
        (text) => slugify(text) !== '',
        'Please write it in Latin letters: its page has its name for an address.',
      ),
  )

const place = {
  city: placeName('Please give a city.'),
  state: placeName('Please give a state or region.'),
  country: z
    .string()
    .default('')
    .transform((text, context) => {
      const country = countryNamed(text)
      if (country === undefined) context.addIssue('Please choose a country.')
      return country ?? ''
    }),
}

const category = z.string().regex(/^[a-z0-9-]{1,60}\/[a-z0-9-]{1,60}$/, 'Please choose one.')

const tags = z
  .string()
  .default('')
  .transform((text) => [
    ...new Map(
      text
        .split(',')
        .map((tag) => tag.replace(/\s+/g, ' ').trim())
        .filter((tag) => tag !== '')
        .map((tag) => [tag.toLowerCase(), tag]),
    ).values(),
  ])
  .refine((all) => all.length <= tagsMax, `May be ${tagsMax} tags at most.`)
  .refine(
    (all) => all.every((tag) => tag.length <= tagCharactersMax),
    `A tag may have ${tagCharactersMax} characters.`,
  )
  .refine((all) => all.every((tag) => letters.test(tag)), 'A tag needs a letter.')

const given = (schema: z.ZodType<string>, missing: string) =>
  z.pipe(schema, z.string().min(1, missing))

export type NewProject = z.output<typeof newProjectForm>
export const newProjectForm = z.object({
  title: given(line(titleCharactersMax), 'Please give a title. You can change it later.'),
  category,
  ...place,
})

const looks = { version: versionField, tags }

export type DraftBasics = z.output<typeof draftBasicsForm>
export const draftBasicsForm = z.object({
  ...looks,
  title: line(titleCharactersMax),
  description: line(blurbCharactersMax),
  category,
  ...place,
})

/** What is known to backers may be reworded, but not be taken away. */
export type LiveBasics = z.output<typeof liveBasicsForm>
export const liveBasicsForm = z.object({
  ...looks,
  title: given(line(titleCharactersMax), 'Please give a title.'),
  description: given(line(blurbCharactersMax), 'Please say in a line what it is.'),
})

export const currencies = [
  ...(['USD', 'EUR', 'GBP', 'CAD', 'AUD', 'NZD', 'CHF', 'SEK', 'NOK', 'DKK'] as const),
  ...(['PLN', 'CZK', 'MXN', 'BRL', 'SGD', 'HKD', 'JPY', 'KRW', 'KWD'] as const),
] as const
/** A hundred thousand million in cents: far above any goal, and exact in every sum. */
const goalMinorMax = 10_000_000_000_000
const plannedEndDaysMax = 366

const endMoment = z
  .string()
  .default('')
  .transform((text, context) => {
    if (text.trim() === '') return null
    const moment = readMoment(text)
    if (moment) return moment
    context.addIssue('Is not a moment: write it like 2027-03-31T18:00.')
    return z.NEVER
  })

export type Funding = z.output<ReturnType<typeof fundingForm>>
/** Of a draft: nothing has to be given yet. */
export const fundingForm = (now: Date) =>
  z
    .object({
      version: versionField,
      currency: z.enum(currencies, 'Please choose one.'),
      goal: z.string().max(40, tooLong(40)).default(''),
      mode: z.enum(['all-or-nothing', 'flexible'], 'Please choose one.'),
      durationDays: z
        .string()
        .default('')
        .transform((text) => text.trim())
        .refine(isDuration, `Must be a whole number from ${durationDaysMin} to ${durationDaysMax}.`)
        .transform((text) => (text === '' ? null : Number(text))),
      plannedEnd: endMoment.refine(
        (end) => end === null || (end > now && daysUntil(end, now) <= plannedEndDaysMax),
        'Must be in the future, and within a year.',
      ),
    })
    .transform(({ goal, mode, ...rest }, context) => {
      if (rest.durationDays !== null && rest.plannedEnd !== null) {
        const message = 'Give either a number of days or an end, not both.'
        context.addIssue({ code: 'custom', path: ['plannedEnd'], message })
      }
      const read = goal.trim() === '' ? { minor: 0 } : parseMoney(goal, rest.currency)
      const problem =
        read.problem ?? (read.minor > goalMinorMax ? 'Is larger than any goal here.' : undefined)
      if (problem) context.addIssue({ code: 'custom', path: ['goal'], message: problem })
      return { ...rest, goal: read.minor ?? 0, allOrNothing: mode === 'all-or-nothing' }
    })

const isDuration = (text: string) => text === '' || (/^\d{1,3}$/.test(text) && isDays(Number(text)))
const isDays = (days: number) => days >= durationDaysMin && days <= durationDaysMax

export interface StoryTexts {
  version: number
  story: string
  risks: string
  budget: { label: string; amount: number }[]
}

const storyFields = z.looseObject({
  version: versionField,
  story: paragraphs(storyCharactersMax),
  risks: paragraphs(risksCharactersMax),
})

/** Budget lines are the fields `label-1` and `amount-1` and so on; empty ones are left out. */
export const storyForm = ({ currency, status }: { currency: string; status: ProjectStatus }) =>
  storyFields.transform((fields, context): StoryTexts => {
    const { version, story, risks } = fields
    const wrong = (field: string, message: string) =>
      context.addIssue({ code: 'custom', path: [field], message })
    if (status === 'live' && story === '') wrong('story', 'Please keep a story.')
    const budget: StoryTexts['budget'] = []
    for (let number = 1; number <= budgetLinesMax; number++) {
      const label = String(fields[`label-${number}`] ?? '').trim()
      const typed = String(fields[`amount-${number}`] ?? '').trim()
      if (label === '' && typed === '') continue
      if (label === '') wrong(`label-${number}`, 'Please say what it is for.')
      if (label.length > budgetLabelCharactersMax) {
        wrong(`label-${number}`, tooLong(budgetLabelCharactersMax))
      }
      const { minor = 0, problem } = parseMoney(typed, currency)
      if (problem) wrong(`amount-${number}`, problem)
      if (minor > goalMinorMax) wrong(`amount-${number}`, 'Is larger than any goal here.')
      budget.push({ label, amount: minor })
    }
    return { version, story, risks, budget }
  })

export const reasonCharactersMax = 1_000

export const cancelForm = z.object({
  reason: given(paragraphs(reasonCharactersMax), 'Please tell your backers why.'),
  sure: z.literal('yes', 'Please tick this if you are sure.'),
})
export const deleteForm = z.object({ sure: z.literal('yes', 'Please tick this if you are sure.') })
export const submitForm = z.object({ withoutRewards: z.literal('yes').optional() })
export const launchForm = z.object({
  when: z.enum(['now', 'later', 'never'], 'Please choose one.'),
  at: endMoment,
})
export const previewForm = z.object({ share: z.enum(['yes', 'no'], 'Please choose one.') })
