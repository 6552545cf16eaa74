import { conifers, hills } from './miniatures.ts'
import { mix, type Palette, shade } from './palettes.ts'
import type { Random } from './random.ts'
import { band, circle, cycle, d, each, path, place, rect, stroke } from './shapes.ts'

/** A drawn curtain on the left; `reach` is how far it hangs in. */
export function curtain(p: Palette, color: string, reach: number): string {
  const folds = each(4, (i) => {
    const top = (reach * 1.25 * (i + 0.55)) / 4
    const low = (reach * 0.62 * (i + 0.55)) / 4
    return d`M${top} 0C${top} 140 ${low} 180 ${low * 0.7} 232`
  })
  const hem = each(4, (i) => {
    const low = (reach * 0.62 * (i + 0.5)) / 4
    return d`M${low * 0.7} 250Q${low * 1.1} 300 ${low * 1.2} 360`
  })
  return (
    path(
      d`M-10 -10H${reach * 1.3}C${reach * 1.2} 130 ${reach * 0.8} 200 ${reach * 0.46} 240` +
        d`C${reach * 0.6} 290 ${reach * 0.7} 330 ${reach * 0.74} 370H-10z`,
      color,
    ) +
    stroke(folds + hem, shade(color, 0.3), reach * 0.085) +
    stroke(d`M-10 236Q${reach * 0.24} 258 ${reach * 0.48} 238`, p.b, 15)
  )
}

/** The short curtain along the top of a stage. */
export function valance(r: Random, p: Palette, color: string): string {
  const count = r.int(5, 9)
  const w = 640 / count
  const drop = r.int(44, 64)
  const scallops = each(
    count,
    (i) =>
      d`M${i * w} -10V${drop * 0.4}` +
      d`Q${(i + 0.5) * w} ${drop * 1.6} ${(i + 1) * w} ${drop * 0.4}V-10z`,
  )
  const fringe = each(
    count,
    (i) => d`M${i * w} ${drop * 0.4}Q${(i + 0.5) * w} ${drop * 1.6} ${(i + 1) * w} ${drop * 0.4}`,
  )
  return path(scallops, shade(color, 0.15)) + stroke(fringe, p.b, 6)
}

function house(r: Random, p: Palette, color: string): string {
  return (
    rect(-46, -110, 92, 110, color) +
    rect(10, -110, 36, 110, shade(color, 0.2)) +
    path('M-60 -108L0 -164L60 -108z', p.c) +
    rect(-14, -50, 28, 50, p.ink) +
    rect(-34, -94, 20, 24, p.b) +
    rect(16, -94, 20, 24, r.chance(0.5) ? p.b : p.ink)
  )
}

/** The scenery on a stage: a sea, a castle, a forest or a street. */
export function setPiece(r: Random, p: Palette): string {
  const sea = each(3, (i) => {
    const y = 236 + i * 26
    const crest = each(8, (k) => `q${20} -22 40 0t40 0`.replace('k', String(k)))
    return path(
      `M${-30 - i * 26} ${y}${crest}V330H-60z`,
      cycle([p.c, mix(p.c, p.ink, 0.3), mix(p.c, p.ink, 0.5)], i),
    )
  })
  const boat = place(
    r.int(250, 390),
    246,
    path('M-70 -20H70L44 16H-44z', p.a) +
      stroke('M0 -20V-110', p.ink, 6) +
      path('M6 -108L56 -40H6zM-6 -94L-44 -40H-6z', p.paper),
    r.int(-8, 8),
  )
  const moon = circle(r.int(230, 410), r.int(110, 140), r.int(44, 66), p.b)
  const stars = each(5, (i) => circle(180 + i * 70, 70 + ((i * 53) % 60), 5, p.paper))
  const castle = place(
    320,
    300,
    rect(-110, -90, 220, 90, p.a) +
      rect(-130, -150, 54, 150, shade(p.a, 0.2)) +
      rect(76, -150, 54, 150, shade(p.a, 0.2)) +
      path('M-138 -148L-103 -206L-68 -148zM68 -148L103 -206L138 -148z', p.c) +
      path('M-26 0V-40a26 26 0 0 1 52 0V0z', p.ink) +
      band('M-76 -96H76', p.a, 16, ' stroke-dasharray="19 19"'),
  )
  const forest =
    path(hills(r, 640, 310, 250, 24), mix(p.c, p.ink, 0.4)) +
    place(0, 0, conifers(r, 640, 304, 130, mix(p.c, p.ink, 0.6)))
  const street = each(3, (i) =>
    place(210 + i * 110, 300, house(r, p, cycle([p.a, p.paper, p.b], i)), 0, r.float(0.9, 1.2)),
  )
  return r.pick([moon + stars + boat + sea, moon + castle, moon + forest, street + stars])
}
