import type { Scene } from './scene.ts'
import { field } from './shapes.ts'

/** placeholder */
export const designScenes: readonly Scene[] = [(_r, p) => field(p.bg)]
