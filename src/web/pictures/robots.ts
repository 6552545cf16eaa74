import { type Palette, shade } from './palettes.ts'
import type { Random } from './random.ts'
import type { Scene } from './scene.ts'
import {
  circle,
  dots,
  each,
  field,
  path,
  place,
  rays,
  rect,
  ring,
  sector,
  stroke,
} from './shapes.ts'

function robotHead(r: Random, p: Palette, color: string): string {
  const shape = r.pick([
    rect(-78, -70, 156, 124, color, 26) +
      path('M20 -70H52a26 26 0 0 1 26 26V28a26 26 0 0 1 -26 26H20z', shade(color, 0.18)),
    path('M-80 54V-10a80 76 0 0 1 160 0V54z', color) +
      path('M16 -84a80 76 0 0 1 64 74V54H16z', shade(color, 0.18)),
    path('M-84 50L-64 -72H64L84 50z', color) + path('M16 -72H64L84 50H16z', shade(color, 0.18)),
  ])
  const eyes = r.pick([
    rect(-56, -36, 112, 50, p.ink, 25) +
      circle(-28, -11, 13, p.paper) +
      circle(28, -11, 13, p.paper),
    circle(-32, -14, 27, p.paper) +
      circle(32, -14, 27, p.paper) +
      circle(-29, -12, 12, p.ink) +
      circle(35, -12, 12, p.ink),
    circle(0, -14, 38, p.ink) + circle(0, -14, 24, p.b) + circle(8, -22, 8, p.paper),
    rect(-56, -38, 112, 54, p.ink, 10) +
      stroke('M-38 -10q10 -18 20 0M18 -10q10 -18 20 0', p.paper, 7),
  ])
  const mouth = r.pick([
    stroke('M-26 34H26', p.ink, 7),
    stroke('M-22 30Q0 46 22 30', p.ink, 7),
    stroke('M-30 34H30', p.ink, 15, ' stroke-linecap="butt" stroke-dasharray="7 6"'),
  ])
  const aerial = r.pick([
    stroke('M0 -70V-112', p.line, 7) + circle(0, -118, 13, p.b),
    stroke('M-40 -70L-58 -112M40 -70L58 -112', p.line, 7) +
      circle(-60, -116, 10, p.b) +
      circle(60, -116, 10, p.b),
    path('M-20 -74a20 20 0 0 1 40 0z', p.b),
  ])
  const ears = rect(-98, -32, 22, 50, p.c, 8) + rect(76, -32, 22, 50, p.c, 8)
  return aerial + ears + shape + eyes + mouth
}

/** A friendly robot that waves, whole or close up. */
export const robot: Scene = (r, p) => {
  const x = r.int(240, 400)
  const back = r.pick([
    circle(x, 180, 170, p.bg2),
    path(rays(x, 180, r.int(9, 14), r.int(0, 40)), p.bg2),
    each(5, (i) => ring(x, 190, 90 + i * 66, p.bg2, 30)),
    path('M0 360L640 0V360z', p.bg2),
  ])
  const trunk = r.pick([p.a, p.b])
  const head = r.pick([p.paper, p.c, p.a])
  const wave = r.pick([-1, 1])
  const arms =
    stroke(`M${-wave * 96} 120C${-wave * 170} 130 ${-wave * 150} 200 ${-wave * 160} 240`, p.c, 24) +
    stroke(
      `M${wave * 96} 120C${wave * 190} 130 ${wave * 170} 40 ${wave * 178} ${r.int(0, 30)}`,
      p.c,
      24,
    ) +
    path(sector(wave * 178, -10, 34, -60, 240), p.paper)
  const panel = r.pick([
    circle(0, 140, 34, p.paper) + path(sector(0, 140, 26, -90, r.int(0, 180)), p.c),
    rect(-56, 104, 112, 66, p.ink, 8) + stroke('M-44 140h18l10 -22l16 40l14 -18h26', p.c, 6),
    dots([-36, 120, 0, 120, 36, 120, -36, 152, 0, 152, 36, 152], p.paper, 20),
  ])
  const body =
    arms +
    rect(-24, 50, 48, 30, p.ink) +
    rect(-100, 70, 200, 220, trunk, 34) +
    path('M40 70H66a34 34 0 0 1 34 34V290H40z', shade(trunk, 0.2)) +
    panel +
    robotHead(r, p, head)
  const close = r.chance(0.35)
  return (
    field(p.bg) + back + place(x, close ? 200 : 150, body, 0, close ? 1.62 : r.float(0.98, 1.12))
  )
}
