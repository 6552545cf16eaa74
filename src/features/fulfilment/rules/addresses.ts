import { z } from 'zod'
import { countryNamed } from '#lib/countries'

/** In one address book. */
export const addressesMax = 20
export const addressLineCharactersMax = 120

const line = z
  .string()
  .trim()
  .max(addressLineCharactersMax, `May have ${addressLineCharactersMax} characters at most.`)
const needed = (sentence: string) => line.min(1, sentence)
const optional = line.default('')

export const addressForm = z.object({
  name: needed('Please say whose name stands on the parcel.'),
  line1: needed('Please give street and number.'),
  line2: optional,
  city: needed('Please give a city.'),
  state: optional,
  postcode: optional,
  country: z.string().transform((text, context) => {
    const country = countryNamed(text)
    if (country) return country
    context.addIssue('Please choose a country of the list.')
    return z.NEVER
  }),
  phone: optional,
  isDefault: z
    .string()
    .optional()
    .transform((ticked) => ticked !== undefined),
})

export type NewAddress = z.output<typeof addressForm>

/** What is written on a parcel, from the name down to the country. */
export interface Postal {
  name: string
  line1: string
  line2: string
  city: string
  state: string
  postcode: string
  country: string
  phone: string
}

/** The lines of a parcel's label, without the telephone. */
export const labelOf = (address: Postal): string[] =>
  [
    address.name,
    address.line1,
    address.line2,
    [address.postcode, address.city].filter(Boolean).join(' '),
    address.state,
    address.country,
  ].filter(Boolean)
