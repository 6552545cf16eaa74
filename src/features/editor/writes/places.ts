import { and, eq } from 'drizzle-orm'
import { places } from '#db/schema/projects'
import { AppError } from '#lib/errors'
import { slugify } from '#lib/slug'
import type { Tx } from './versions'

export interface PlaceName {
  city: string
  state: string
  country: string
}

/** The place with the same address as this one, however its name is written. */
async function findSamePlace(tx: Pick<Tx, 'select'>, { city, state }: PlaceName) {
  const [place] = await tx
    .select({ city: places.city, state: places.state, country: places.country })
    .from(places)
    .where(and(eq(places.stateSlug, slugify(state)), eq(places.citySlug, slugify(city))))
  return place
}

/**
 * The place of this name as it is written here, which is made when it is missing and `makes`;
 * undefined when it is missing otherwise. Throws AppError invalid_input with the field `country`
 * where the same city and state are known in another country.
 */
export async function placeNamed(
  tx: Tx,
  name: PlaceName,
  { makes = true } = {},
): Promise<PlaceName | undefined> {
  let place = await findSamePlace(tx, name)
  if (!place && makes) {
    const slugs = { stateSlug: slugify(name.state), citySlug: slugify(name.city) }
    await tx
      .insert(places)
      .values({ ...name, ...slugs })
      .onConflictDoNothing()
    // Somebody else may have made it in this moment.
    place = await findSamePlace(tx, name)
  }
  if (!place || slugify(place.country) === slugify(name.country)) return place
  throw new AppError('invalid_input', {
    field: 'country',
    detail: `${place.city}, ${place.state} is in ${place.country}, as far as we know.`,
  })
}
