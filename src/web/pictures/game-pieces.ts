import { mix, type Palette, shade } from './palettes.ts'
import type { Random } from './random.ts'
import { circle, d, dots, ellipse, path, place, rect, ring, star, stroke } from './shapes.ts'

/** Path data of a meeple, some 80 units tall round the origin. */
export const MEEPLE =
  'M0 -40a14 14 0 0 1 12 21C22 -15 36 -8 36 2' +
  'C36 9 28 11 19 9C21 17 30 28 30 34q0 4 -5 4H8L0 24L-8 38' +
  'H-25q-5 0 -5 -4C-30 28 -21 17 -19 9C-28 11 -36 9 -36 2' +
  'C-36 -8 -22 -15 -12 -19a14 14 0 0 1 12 -21z'

/** Path data of the signs on playing cards. */
export const SUITS = [
  'M0 -30L22 0L0 30L-22 0z',
  'M0 28C-52 -8 -26 -40 0 -16C26 -40 52 -8 0 28z',
  'M0 -30C40 4 22 30 4 12L10 30H-10L-4 12C-22 30 -40 4 0 -30z',
  'M0 -30a14 14 0 0 1 11 22a14 14 0 1 1 -7 20L10 30' +
    'H-10L-4 12a14 14 0 1 1 -7 -20a14 14 0 0 1 11 -22z',
  'M0 -30L9 -10L30 -8L14 7L18 28L0 17L-18 28L-14 7L-30 -8L-9 -10z',
  'M14 -28A30 30 0 1 0 14 28A24 24 0 1 1 14 -28z',
]

const PIPS: readonly (readonly number[])[] = [
  [50, 50],
  [26, 26, 74, 74],
  [24, 24, 50, 50, 76, 76],
  [28, 28, 72, 28, 28, 72, 72, 72],
  [26, 26, 74, 26, 50, 50, 26, 74, 74, 74],
  [28, 22, 28, 50, 28, 78, 72, 22, 72, 50, 72, 78],
]

function face(matrix: string, fill: string, pips: number, mark: string): string {
  const body = rect(0, 0, 100, 100, fill, 12) + dots(PIPS[pips] ?? [], mark, 19)
  return `<g transform="matrix(${matrix})">${body}</g>`
}

/** An isometric die of the given edge; its top corner is at the origin. */
export function die(r: Random, p: Palette, size: number, color: string): string {
  const k = (size / 100).toFixed(2)
  const x = (size * 0.00866).toFixed(3)
  const y = (size * 0.005).toFixed(3)
  const mark = color === p.paper ? p.ink : p.paper
  const [a, b, c] = r.shuffle([0, 1, 2, 3, 4, 5]) as [number, number, number]
  const w = size * 0.866
  const core = path(
    d`M0 ${size * 0.06}L${w * 0.95} ${size * 0.5}V${size * 1.47}` +
      d`L0 ${size * 1.95}L${-w * 0.95} ${size * 1.47}V${size * 0.5}z`,
    shade(color, 0.2),
  )
  return (
    core +
    face(`${x} ${y} -${x} ${y} 0 0`, color, a, mark) +
    face(
      `${x} ${y} 0 ${k} ${(-w).toFixed(1)} ${(size / 2).toFixed(1)}`,
      shade(color, 0.2),
      b,
      mark,
    ) +
    face(`${x} -${y} 0 ${k} 0 ${size.toFixed(1)}`, shade(color, 0.4), c, mark)
  )
}

/** Drawings for the tiles of a map, as definitions that the tiles refer to. */
export function terrains(p: Palette, uid: string): string {
  const dark = mix(p.ink, p.b, 0.25)
  const light = p.paper
  const drawings = [
    path('M-26 18L-6 -22L6 0L14 -12L30 18z', dark) +
      path('M-6 -22L-14 -6L-6 -10L0 -4L1 -8z', light),
    path('M-20 18l10 -26l10 26zM0 14l12 -34l12 34zM-8 24l9 -24l9 24z', dark),
    stroke('M-26 -8q7 -9 13 0t13 0t13 0M-18 8q7 -9 13 0t13 0t13 0', dark, 5),
    stroke('M-18 18v-26M-4 18v-34M10 18v-26M22 18v-16', dark, 5),
    path('M-20 20V-4L0 -22L20 -4V20z', light) +
      path('M-26 -2L0 -26L26 -2z', dark) +
      path('M-6 20v-14h12v14z', dark),
  ]
  return `<defs>${drawings.map((body, i) => `<g id="${uid}${i}">${body}</g>`).join('')}</defs>`
}

/** A playing card round the origin, 160 units wide. */
export function card(r: Random, p: Palette, color: string): string {
  const suit = r.pick(SUITS)
  const small = `<g transform="translate(-58 -96) scale(.55)">${path(suit, color)}</g>`
  const corner = `${small}<g transform="rotate(180)">${small}</g>`
  const back = rect(-84, -124, 168, 248, p.ink, 16) + rect(-80, -120, 160, 240, p.paper, 14)
  const middle = r.pick([
    place(0, 0, path(suit, color), 0, 2.1),
    place(0, -48, path(suit, color), 0, 1.1) + place(0, 48, path(suit, color), 180, 1.1),
    rect(-48, -84, 96, 168, mix(color, p.paper, 0.7), 8) +
      place(0, 0, path(suit, color), 0, 1.3) +
      stroke('M-48 -60H48M-48 60H48', color, 6),
    circle(0, 0, 56, color) + place(0, 0, path(suit, p.paper), 0, 1.1) + ring(0, 0, 66, color, 5),
    path(star(0, 0, 12, 72, 54), color) + place(0, 0, path(suit, p.paper)),
  ])
  return back + corner + middle
}

/** A chess piece standing on the origin. */
export function pawn(kind: number, color: string): string {
  const dark = shade(color, 0.3)
  const base = ellipse(0, 0, 34, 13, dark) + ellipse(0, -6, 34, 13, color)
  const bodies = [
    path('M-24 -8C-12 -30 -12 -50 -8 -66H8C12 -50 12 -30 24 -8z', color) +
      path('M2 -66H8C12 -50 12 -30 24 -8H6C8 -30 4 -50 2 -66z', dark) +
      circle(0, -78, 21, color),
    path('M-24 -8L-18 -84H18L24 -8z', color) +
      path('M4 -84H18L24 -8H8z', dark) +
      path('M-28 -84V-116H-14V-104H-7V-116H7V-104H14V-116H28V-84z', color),
    path(
      'M-24 -8C-10 -40 -14 -60 -26 -96L-12 -80L0 -112L12 -80L26 -96C14 -60 10 -40 24 -8z',
      color,
    ) +
      path('M4 -84L0 -112L12 -80L26 -96C14 -60 10 -40 24 -8H8z', dark) +
      circle(0, -120, 8, color),
    path('M-24 -8C-12 -40 -30 -70 0 -118C30 -70 12 -40 24 -8z', color) +
      path('M0 -118C30 -70 12 -40 24 -8H8C10 -50 12 -70 0 -118z', dark),
  ]
  return base + (bodies[kind] ?? '')
}
