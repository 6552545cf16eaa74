import { mix, type Palette, shade } from './palettes.ts'
import { circle, dots, each, path, polar, sector, stroke } from './shapes.ts'

/** The coordinates of points spaced evenly on a circle round 0, `y`. */
function around(count: number, radius: number, y: number): number[] {
  const points: number[] = []
  for (let i = 0; i < count; i++) {
    const [px, py] = polar(0, y, radius, (i * 360) / count)
    points.push(px, py)
  }
  return points
}

/** A halved fruit seen from above, filling a circle of radius 100. */
export function halvedFruit(kind: number, p: Palette, color: string): string {
  const pale = mix(color, p.paper, 0.6)
  switch (kind) {
    case 0:
      return (
        circle(0, 0, 96, color) +
        circle(0, 0, 84, p.paper) +
        path(
          each(9, (i) => sector(0, 0, 77, i * 40 + 3, i * 40 + 37)),
          color,
        ) +
        circle(0, 0, 10, p.paper)
      )
    case 1:
      return (
        circle(0, 0, 94, shade(color, 0.35)) +
        circle(0, 0, 86, color) +
        circle(0, 0, 40, pale) +
        dots(around(16, 50, 0), p.ink, 10)
      )
    case 2:
      return (
        path(
          'M0 -98C36 -98 44 -50 70 -10C104 50 60 98 0 98' +
            'C-60 98 -104 50 -70 -10C-44 -50 -36 -98 0 -98z',
          shade(color, 0.35),
        ) +
        path(
          'M0 -86C30 -86 36 -46 60 -6C90 46 52 87 0 87C-52 87 -90 46 -60 -6C-36 -46 -30 -86 0 -86z',
          pale,
        ) +
        circle(0, 34, 34, mix(p.ink, p.a, 0.45)) +
        circle(-10, 24, 8, color)
      )
    case 3:
      return (
        path(
          'M0 -84C60 -112 104 -60 92 10C80 80 30 100 0 84' +
            'C-30 100 -80 80 -92 10C-104 -60 -60 -112 0 -84z',
          color,
        ) +
        path(
          'M0 -66C44 -90 84 -50 74 8C66 62 26 78 0 66C-26 78 -66 62 -74 8C-84 -50 -44 -90 0 -66z',
          p.paper,
        ) +
        path('M-5 -14Q-34 10 -8 34zM5 -14Q34 10 8 34z', p.ink) +
        stroke('M0 -78Q4 -104 20 -110', p.ink, 7)
      )
    default:
      return seededFruit(kind, p, color, pale)
  }
}

function seededFruit(kind: number, p: Palette, color: string, pale: string): string {
  switch (kind) {
    case 4:
      return (
        path(sector(0, -50, 146, 42, 138), shade(color, 0.4)) +
        path(sector(0, -50, 130, 42, 138), p.paper) +
        path(sector(0, -50, 120, 42, 138), color) +
        path(
          'M-30 40q8 14 0 22q-8 -8 0 -22zM0 10q8 14 0 22q-8 -8 0 -22zM30 40q8 14 0 22q-8 -8 0 -22z',
          p.ink,
        )
      )
    case 5:
      return (
        path(
          'M0 -90C40 -70 90 -20 80 40C72 90 30 96 0 96C-30 96 -72 90 -80 40C-90 -20 -40 -70 0 -90z',
          color,
        ) +
        path(
          'M0 -60C30 -40 66 -6 58 40C52 74 24 78 0 78C-24 78 -52 74 -58 40C-66 -6 -30 -40 0 -60z',
          pale,
        ) +
        dots([...around(12, 34, 28), ...around(6, 15, 28)], shade(color, 0.5), 9)
      )
    default:
      return (
        path(
          'M0 -70C-60 -100 -100 -30 -70 30C-50 80 -16 100 0 100' +
            'C16 100 50 80 70 30C100 -30 60 -100 0 -70z',
          color,
        ) +
        path('M0 -66L-52 -96L-18 -70L-34 -110L0 -76L34 -110L18 -70L52 -96z', mix(p.ink, p.b, 0.3)) +
        path(
          'M-40 -20l6 10l-8 4zM0 -30l6 10l-8 4zM38 -16l6 10l-8 4' +
            'zM-24 20l6 10l-8 4zM20 22l6 10l-8 4zM0 60l6 10l-8 4z',
          p.paper,
        )
      )
  }
}

/** A whole fruit resting on the origin, some 70 units across. */
export function wholeFruit(kind: number, p: Palette, color: string): string {
  const dark = shade(color, 0.25)
  const leaf = path('M2 -66q10 -26 34 -22q-6 24 -34 22z', mix(p.b, p.ink, 0.25))
  switch (kind) {
    case 0:
      return circle(0, -34, 34, color) + path('M6 -67a34 34 0 0 1 0 66q26 -32 0 -66z', dark) + leaf
    case 1:
      return (
        path(
          'M0 -100C20 -96 18 -66 34 -46C48 -20 30 0 0 0' +
            'C-30 0 -48 -20 -34 -46C-18 -66 -20 -96 0 -100z',
          color,
        ) +
        path('M6 -98C20 -90 18 -66 34 -46C48 -20 30 0 4 0C30 -30 10 -60 6 -98z', dark) +
        stroke('M0 -98q2 -14 12 -18', p.ink, 4)
      )
    case 2:
      return (
        path('M-50 -30Q-30 -62 0 -60Q30 -62 52 -30Q30 0 0 0Q-30 0 -50 -30z', color) +
        path('M0 0Q30 0 52 -30Q40 -50 20 -57Q40 -30 0 0z', dark)
      )
    case 3:
      return (
        stroke('M-16 -26Q-10 -80 20 -92Q22 -60 24 -22', mix(p.b, p.ink, 0.3), 4) +
        circle(-18, -20, 20, color) +
        circle(24, -20, 20, dark)
      )
    default:
      return (
        path('M-60 -62C-40 -10 30 -10 66 -56C60 0 -50 30 -66 -54z', color) +
        path('M-40 -36C-10 -12 40 -16 66 -56C60 -14 0 0 -40 -36z', dark)
      )
  }
}
