import type { Scene } from './scene.ts'
import { field } from './shapes.ts'

/** placeholder */
export const filmScenes: readonly Scene[] = [(_r, p) => field(p.bg)]
