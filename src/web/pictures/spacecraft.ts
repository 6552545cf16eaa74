import { type Palette, shade } from './palettes.ts'
import type { Random } from './random.ts'
import { circle, d, path, rect, stroke } from './shapes.ts'

/** A satellite round the origin, some 350 units wide. */
export function satellite(r: Random, p: Palette): string {
  const wing = (side: number): string =>
    stroke(d`M${side * 36} 0H${side * 60}`, p.line, 8) +
    rect(side > 0 ? 58 : -178, -36, 120, 72, p.b, 4) +
    stroke(
      d`M${side * 88} -36V36M${side * 118} -36V36` +
        d`M${side * 148} -36V36M${side * 58} 0H${side * 178}`,
      p.paper,
      3,
    )
  const core = r.pick([
    rect(-38, -52, 76, 104, p.a, 10) + rect(8, -52, 30, 104, shade(p.a, 0.25), 10),
    circle(0, 0, 50, p.a) + path('M10 -49a50 50 0 0 1 0 98q34 -50 0 -98z', shade(p.a, 0.25)),
  ])
  const dish =
    stroke('M0 -52V-80', p.line, 6) +
    path('M-44 -104Q0 -52 44 -104z', p.paper) +
    circle(0, -112, 8, p.c)
  return wing(-1) + wing(1) + core + dish + circle(0, 8, 15, p.ink) + circle(0, 8, 7, p.c)
}

/** A rocket round the origin that points upwards, some 330 units tall. */
export function rocket(p: Palette): string {
  return (
    path('M-20 96Q-24 150 0 190Q24 150 20 96z', p.c) +
    path('M-10 96Q-12 130 0 154Q12 130 10 96z', p.paper) +
    path('M-44 40L-84 104L-34 90zM44 40L84 104L34 90z', p.b) +
    path('M0 -140C60 -80 60 20 36 100H-36C-60 20 -60 -80 0 -140z', p.paper) +
    path('M0 -140C60 -80 60 20 36 100H10C40 20 40 -80 0 -140z', shade(p.paper, 0.18)) +
    path('M0 -140C24 -116 38 -88 43 -60H-43C-38 -88 -24 -116 0 -140z', p.a) +
    circle(0, -14, 24, p.ink) +
    circle(0, -14, 15, p.c)
  )
}
