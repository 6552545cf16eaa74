import type { Palette } from './palettes.ts'
import type { Random } from './random.ts'

/** Width of every project picture's drawing area. */
export const WIDTH = 640

/** Height of every project picture's drawing area. */
export const HEIGHT = 360

/**
 * Draws one composition. `uid` prefixes the element ids, so that two pictures inlined in the same
 * page never share one.
 */
export type Scene = (r: Random, p: Palette, uid: string) => string
