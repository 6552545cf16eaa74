import { mix, type Palette, shade } from './palettes.ts'
import type { Random } from './random.ts'
import { circle, disc, each, ellipse, path, place, polar, ring, stroke } from './shapes.ts'

/** A dish seen from above on a plate of radius 100. */
export function plate(r: Random, p: Palette, color: string): string {
  const base =
    circle(4, 6, 100, shade(p.bg2, 0.4)) +
    circle(0, 0, 100, p.paper) +
    ring(0, 0, 92, color, 5) +
    ring(0, 0, 68, shade(p.paper, 0.12), 3)
  const green = mix(p.b, p.ink, 0.15)
  switch (r.int(0, 5)) {
    case 0:
      return (
        base +
        path('M-66 0C-40 -44 20 -40 44 -8L72 -28V28L44 8C20 40 -40 44 -66 0z', color) +
        circle(-42, -6, 6, p.ink) +
        stroke('M-20 -20Q-8 0 -20 20M4 -24Q16 0 4 24', p.paper, 4)
      )
    case 1:
      return base + friedEgg(p)
    case 2:
      return (
        base +
        circle(0, 0, 72, shade(color, 0.2)) +
        circle(0, 0, 62, mix(color, p.paper, 0.35)) +
        path(
          each(7, (i) => {
            const [x, y] = polar(0, 0, i ? 40 : 0, i * 60)
            return disc(x, y, 12)
          }),
          p.a,
        ) +
        stroke('M-62 0H62M0 -62V62M-44 -44L44 44', shade(color, 0.2), 3)
      )
    case 3:
      return (
        base +
        each(5, (i) =>
          place(0, 0, path('M0 -6q16 -26 0 -54q-16 28 0 54z', i % 2 ? green : color), i * 72),
        ) +
        circle(0, 0, 16, p.a)
      )
    case 4:
      return (
        base +
        each(4, (i) => ring(0, 0, 12 + i * 14, i % 2 ? color : mix(color, p.paper, 0.4), 9)) +
        circle(18, -22, 13, p.a) +
        circle(-24, 14, 13, p.a)
      )
    default:
      return (
        base +
        each(3, (i) =>
          place(
            0,
            0,
            ellipse(0, -34, 22, 26, p.paper) +
              ellipse(0, -34, 22, 26, mix(color, p.paper, 0.2)) +
              ellipse(0, -34, 11, 13, p.a),
            i * 120,
          ),
        )
      )
  }
}

function friedEgg(p: Palette): string {
  const white =
    'M-50 -10C-60 -60 0 -50 20 -44C60 -50 70 0 46 24C30 60 -20 50 -40 40C-70 30 -60 0 -50 -10z'
  return (
    path(white, '#fffdf6', ` stroke="${shade(p.paper, 0.14)}" stroke-width="4"`) +
    circle(2, 2, 25, '#f6a72b') +
    stroke('M-10 -8q8 -10 20 -4', '#ffd98a', 5)
  )
}
