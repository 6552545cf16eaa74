import { z } from 'zod'
import { versionField } from '../rules'

/** What is done to one of a list by a button. */
export const actForm = z.object({ version: versionField })
export const moveForm = actForm.extend({ to: z.enum(['up', 'down'], 'Must be up or down.') })

/** The same list with one of it changed for its neighbour above or below, where there is one. */
export function moved<Item>(list: readonly Item[], index: number, to: 'up' | 'down'): Item[] {
  const other = index + (to === 'up' ? -1 : 1)
  const [item, neighbour] = [list[index], list[other]]
  if (item === undefined || neighbour === undefined) return [...list]
  return list.map((each, place) => (place === index ? neighbour : place === other ? item : each))
}
