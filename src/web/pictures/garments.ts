import { type Palette, shade } from './palettes.ts'
import type { Random } from './random.ts'
import { band, clipped, cycle, d, disc, each, faded, path, rect, stroke } from './shapes.ts'

/** A small figure repeated all over, for which the id names the pattern. */
function repeated(id: string, figure: string, color: string): string {
  const size = 'width="44" height="76" patternUnits="userSpaceOnUse"'
  const twin = `<g transform="translate(22 38)">${path(figure, color)}</g>`
  const pattern = `<pattern id="${id}f" ${size}>${path(figure, color)}${twin}</pattern>`
  return pattern + rect(-130, -10, 260, 330, `url(#${id}f)`)
}

/** A cloth pattern that covers 240 by 320 units round the origin's column, from the top down. */
export function cloth(r: Random, p: Palette, id: string, base: string): string {
  const [one, two] = r.shuffle(
    [p.paper, p.ink, ...p.accents].filter((color) => color !== base),
  ) as [string, string]
  const back = rect(-130, -10, 260, 330, base)
  const gap = r.pick([22, 28, 36])
  const lines = band('M0 -10V320', one, 260, ` stroke-dasharray="${gap * 0.4} ${gap * 0.6}"`)
  const stripe = (color: string): string =>
    band('M-130 155H130', color, 330, ` stroke-dasharray="${gap * 0.4} ${gap * 0.6}"`)
  const zigzag = each(9, (i) => d`M-130 ${i * 38}` + 'l22 20l22 -20'.repeat(6))
  switch (r.int(0, 7)) {
    case 0:
      return back + lines
    case 1:
      return back + stripe(one)
    case 2:
      return back + repeated(id, disc(11, 19, 9), one)
    case 3:
      return back + faded(0.7, lines) + faded(0.6, stripe(two))
    case 4:
      return back + repeated(id, 'M4 19q12 -20 28 0q-14 20 -28 0z', one)
    case 5:
      return back + band(zigzag, one, 8)
    case 6:
      return back + repeated(id, 'M11 6l10 13l-10 13l-10 -13z', one)
    default:
      return back + rect(-130, 180, 260, 200, one) + rect(-130, 170, 260, 16, two)
  }
}

/** Outlines of garments hung from the origin, with the lines of their folds. */
const garments: readonly (readonly [string, string])[] = [
  [
    'M-22 0Q0 14 22 0L34 8L30 50L26 92C50 150 66 200 74 262' +
      'H-74C-66 200 -50 150 -26 92L-30 50L-34 8z',
    'M-26 94H26M-20 110L-34 256M0 120V258M20 110L34 256',
  ],
  [
    'M-24 0Q0 20 24 0L74 24L96 112L66 122L54 74V262H-54V74L-66 122L-96 112L-74 24z',
    'M0 14V262M-40 176h26M14 176h26M-22 2L0 60L22 2',
  ],
  ['M-24 0Q0 22 24 0L62 18L98 66L72 90L52 70V176H-52V70L-72 90L-98 66L-62 18z', 'M-52 164H52'],
  [
    'M-42 4H42L46 26C66 110 82 170 92 226H-92C-82 170 -66 110 -46 26z',
    'M-44 26H44M-20 40L-40 220M6 40L10 222M28 40L52 220',
  ],
  ['M-46 4H46L66 262H14L0 84L-14 262H-66z', 'M-46 24H46M-26 40L-42 250M26 40L42 250'],
  [
    'M-26 0Q0 12 26 0L90 40L124 150L96 164L60 96L66 214' +
      'Q0 232 -66 214L-60 96L-96 164L-124 150L-90 40z',
    'M0 8V222M-66 200Q0 216 66 200',
  ],
  [
    'M-34 0L-26 46L0 60L26 46L34 0L44 4L38 70C60 140 44 200 96 262' +
      'Q0 290 -96 262C-44 200 -60 140 -38 70L-44 4z',
    'M-36 96Q0 108 36 96M-10 116Q-20 200 -50 262M14 116Q20 200 40 264',
  ],
]

/** A garment hung from the origin. */
export function garment(r: Random, p: Palette, id: string, kind: number, color: string): string {
  const [outline, folds] = cycle(garments, kind)
  const dark = faded(0.16, path('M26 0H140V320H26z', p.ink))
  return clipped(id, outline, cloth(r, p, id, color) + dark) + stroke(folds, shade(color, 0.5), 3)
}

/** A clothes hanger whose hook ends above the origin. */
export function hanger(color: string): string {
  return stroke(
    'M-60 14L0 -16L60 14M0 -16V-30C18 -36 14 -56 0 -54C-8 -54 -12 -48 -10 -42',
    color,
    5,
  )
}
