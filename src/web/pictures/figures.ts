import { type Palette, shade } from './palettes.ts'
import type { Random } from './random.ts'
import { circle, d, ellipse, path, place, stroke } from './shapes.ts'

/** Elbow or knee, then hand or foot. */
type Limb = readonly [number, number, number, number]

/** A dancer's posture; the hip is the origin. */
interface Pose {
  shoulder: number
  arms: readonly [Limb, Limb]
  legs: readonly [Limb, Limb]
  /** The height of the lowest foot under the hip. */
  foot: number
}

const poses: readonly Pose[] = [
  {
    shoulder: 10,
    arms: [
      [50, -75, 118, -104],
      [-40, -70, -105, -60],
    ],
    legs: [
      [4, 60, 2, 120],
      [-60, 6, -130, -56],
    ],
    foot: 120,
  },
  {
    shoulder: 6,
    arms: [
      [50, -112, 98, -146],
      [-50, -96, -106, -84],
    ],
    legs: [
      [60, -8, 138, 16],
      [-60, 0, -136, -4],
    ],
    foot: 60,
  },
  {
    shoulder: 0,
    arms: [
      [70, -100, 6, -152],
      [-70, -100, -6, -152],
    ],
    legs: [
      [3, 60, 0, 122],
      [72, 26, 6, 66],
    ],
    foot: 122,
  },
  {
    shoulder: -14,
    arms: [
      [40, -110, 104, -124],
      [-70, -60, -124, -24],
    ],
    legs: [
      [92, 2, 62, 116],
      [-50, 50, -124, 114],
    ],
    foot: 116,
  },
  {
    shoulder: 8,
    arms: [
      [56, -100, 52, -158],
      [-40, -60, -104, -80],
    ],
    legs: [
      [2, 60, 4, 122],
      [-120, 10, -84, -74],
    ],
    foot: 122,
  },
  {
    shoulder: -22,
    arms: [
      [-40, -130, -120, -96],
      [-60, -100, -110, -56],
    ],
    legs: [
      [22, 60, -8, 120],
      [54, 50, 92, 112],
    ],
    foot: 120,
  },
  {
    shoulder: -6,
    arms: [
      [50, -60, 106, -70],
      [-50, -62, -106, -72],
    ],
    legs: [
      [0, 60, -4, 122],
      [50, -40, 86, -124],
    ],
    foot: 122,
  },
  {
    shoulder: 16,
    arms: [
      [80, -60, 92, -140],
      [-30, -90, -92, -128],
    ],
    legs: [
      [30, 70, 10, 120],
      [-60, 60, -60, 116],
    ],
    foot: 120,
  },
]

/** The clothes and colours of a dancer. */
export interface Outfit {
  skin: string
  top: string
  skirt: string
  hair: string
}

function limb(x0: number, y0: number, limbTo: Limb, thick: number, fill: string): string {
  const [cx, cy, x1, y1] = limbTo
  const length = Math.hypot(x1 - x0, y1 - y0) || 1
  const [nx, ny] = [-(y1 - y0) / length, (x1 - x0) / length]
  const t = thick / 2
  const data =
    d`M${x0 + nx * t} ${y0 + ny * t}` +
    d`Q${cx + nx * t * 0.9} ${cy + ny * t * 0.9} ${x1 + nx * 2} ${y1 + ny * 2}` +
    d`L${x1 - nx * 2} ${y1 - ny * 2}` +
    d`Q${cx - nx * t * 0.9} ${cy - ny * t * 0.9} ${x0 - nx * t} ${y0 - ny * t}z`
  return path(data, fill)
}

function skirtShape(kind: number, color: string, dark: string): string {
  switch (kind) {
    case 0:
      return place(0, -4, ellipse(0, 4, 56, 13, dark) + ellipse(0, 0, 56, 12, color), -6)
    case 1:
      return (
        path(
          'M-14 -22H14C40 20 92 40 96 66C60 60 40 78 10 66' +
            'C-20 82 -50 60 -84 74C-80 40 -36 20 -14 -22z',
          color,
        ) + path('M2 -22H14C40 20 92 40 96 66C60 60 40 78 18 67C24 40 10 10 2 -22z', dark)
      )
    case 2:
      return (
        path('M-14 -22H14L30 14C-30 60 -90 30 -150 66C-130 10 -60 10 -14 -22z', color) +
        path('M-14 -22L-4 -10C-50 20 -100 20 -150 66C-130 10 -60 10 -14 -22z', dark)
      )
    default:
      return ''
  }
}

/** A dancer; the hip is the origin and the figure is some 280 units tall. */
export function dancer(pose: number, look: Outfit, skirt: number): string {
  const { shoulder: s, arms, legs } = poses[pose % poses.length] as Pose
  const skinShade = shade(look.skin, 0.3)
  const tights = skirt === 3 ? look.skirt : look.skin
  const tightsShade = shade(tights, 0.3)
  const neck = s * 1.25
  const head = s * 1.6
  return (
    limb(s - 6, -60, arms[1], 11, skinShade) +
    limb(-4, -2, legs[1], 22, tightsShade) +
    limb(4, -2, legs[0], 22, tights) +
    path(
      d`M${s - 17} -66Q${s} -74 ${s + 17} -66L${s * 0.4 + 12} -30L15 2H-15L${s * 0.4 - 12} -30z`,
      look.top,
    ) +
    skirtShape(skirt, look.skirt, shade(look.skirt, 0.25)) +
    stroke(d`M${s} -66L${neck} -82`, look.skin, 9) +
    limb(s + 6, -60, arms[0], 11, look.skin) +
    circle(head - 11, -104, 7, look.hair) +
    ellipse(head, -94, 12, 14, look.skin) +
    path(d`M${head - 13} -90a13 15 0 0 1 25 -10q-14 0 -18 6z`, look.hair)
  )
}

/** How many postures there are. */
export const POSES = poses.length

/** The distance from the hip to the floor in a posture. */
export function footOf(pose: number): number {
  return (poses[pose % poses.length] as Pose).foot
}

/** The hand of the front arm in a posture. */
export function handOf(pose: number): readonly [number, number] {
  const [, , x, y] = (poses[pose % poses.length] as Pose).arms[0]
  return [x, y]
}

const skins = ['#f7cfae', '#e6ac80', '#c98658', '#9a5f3c', '#6b3f28']

/** A skin tone. */
export function skinTone(r: Random): string {
  return r.pick(skins)
}

/** Clothes for a dancer in front of the given colour. */
export function outfit(r: Random, p: Palette, behind: string): Outfit {
  const free = r.shuffle([p.paper, ...p.accents].filter((color) => color !== behind))
  const skin = r.chance(0.65) ? skinTone(r) : (free[2] ?? p.paper)
  return { skin, top: free[0] ?? p.paper, skirt: free[1] ?? p.a, hair: p.ink }
}
