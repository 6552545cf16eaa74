import { mix, type Palette, shade } from './palettes.ts'
import type { Random } from './random.ts'
import { circle, d, dots, each, path, place, polar, polygon, star, stroke } from './shapes.ts'

const BOLT = 'M14 -60L-34 8H-4L-18 60L36 -14H4z'
const HEART = 'M0 44C-70 0 -46 -52 -14 -44Q-4 -42 0 -28Q4 -42 14 -44C46 -52 70 0 0 44z'

/** A filled shape with an ink outline. */
export function outlined(data: string, fill: string, ink: string, width = 6): string {
  return path(data, fill, ` stroke="${ink}" stroke-width="${width}"`)
}

/** An explosion's outline: spikes of uneven length round an ellipse. */
export function burst(r: Random, spikes: number, rx: number, ry: number): string {
  const points: number[] = []
  for (let i = 0; i < spikes * 2; i++) {
    const reach = i % 2 ? r.float(0.62, 0.7) : r.float(0.88, 1.1)
    const [x, y] = polar(0, 0, reach, (i * 180) / spikes - 90)
    points.push(x * rx, y * ry)
  }
  return polygon(points)
}

/** A bold sign such as a bolt, a star, a heart or an eye. */
export function symbol(r: Random, p: Palette, fill: string): string {
  return r.pick([
    outlined(BOLT, fill, p.ink, 7),
    outlined(star(0, 4, 5, 62, 28), fill, p.ink, 7),
    outlined(HEART, fill, p.ink, 7),
    outlined('M-66 0Q0 -70 66 0Q0 70 -66 0z', p.paper, p.ink, 7) +
      circle(0, 0, 27, fill) +
      circle(0, 0, 13, p.ink),
  ])
}

/** A speech bubble without words. */
export function speech(r: Random, p: Palette, w: number, h: number, fill: string): string {
  const tail = r.pick([-1, 1])
  const round = outlined(
    d`M${tail * w * 0.1} ${h * 0.42}L${tail * w * 0.42} ${h * 0.9}L${tail * w * 0.36} ${h * 0.3}z`,
    fill,
    p.ink,
  )
  const kind = r.int(0, 2)
  const shape =
    kind === 0
      ? d`M${-w / 2} 0a${w / 2} ${h / 2} 0 1 1 ${w} 0a${w / 2} ${h / 2} 0 1 1 ${-w} 0z`
      : kind === 1
        ? d`M${-w / 2} ${-h / 2}h${w}v${h}h${-w}z`
        : burst(r, 13, w * 0.6, h * 0.68)
  const cover = path(
    d`M${tail * w * 0.13} ${h * 0.3}L${tail * w * 0.36} ${h * 0.62}L${tail * w * 0.34} ${h * 0.2}z`,
    fill,
  )
  const s = h * 0.16
  const lines = d`M${-w * 0.28} ${-h * 0.16}h${w * 0.56}M${-w * 0.28} ${h * 0.04}h${w * 0.4}`
  const inside = r.pick([
    dots([-s * 1.8, 0, 0, 0, s * 1.8, 0], p.ink, s),
    stroke(lines, p.ink, s * 0.6),
    place(0, 0, symbol(r, p, r.pick(p.accents)), 0, h / 210),
  ])
  return round + outlined(shape, fill, p.ink) + cover + inside
}

/** The silhouette of a town that fills a box from the bottom up. */
export function skyline(r: Random, w: number, h: number, fill: string): string {
  const count = 7
  return path(
    each(
      count,
      (i) => d`M${(i * w) / count} ${h}V${h * r.float(0.45, 0.8)}h${w / count + 1}V${h}z`,
    ),
    fill,
  )
}

/** A head, with or without a mask, some 240 units tall round the origin. */
export function face(r: Random, p: Palette, skin: string): string {
  const mask = r.chance(0.6) ? r.pick([p.ink, p.a, p.b]) : skin
  const hair = r.pick([p.ink, p.c, shade(p.a, 0.5)])
  const look = r.int(-5, 5)
  const eye = (x: number): string =>
    outlined(`M${x - 24} -4Q${x} -30 ${x + 24} -4Q${x} 12 ${x - 24} -4z`, p.paper, p.ink, 4) +
    circle(x + look, -9, 7, p.ink)
  const top = r.pick([
    'M-80 10C-110 -130 110 -130 80 10L58 -34Q0 -70 -58 -34z',
    'M-82 20C-130 -90 -40 -150 30 -128C110 -120 100 -40 80 10L64 -50Q-10 -30 -40 -60z',
    'M-78 0L-110 -70L-60 -60L-50 -130L-10 -84L40 -140L46 -78L104 -90L78 0L56 -44H-50z',
    'M-84 110C-130 -20 -100 -130 0 -126C100 -130 130 -20 84 110' +
      'L66 -20Q10 -40 -20 -70Q-40 -30 -66 -20z',
  ])
  const mouth = r.pick(['M-20 58Q6 70 30 50', 'M-22 54h44', 'M-24 48Q0 84 26 48z'])
  return (
    path('M-40 60v80h80v-80z', shade(skin, 0.25)) +
    outlined(
      'M-76 -40C-80 60 -40 104 0 104C40 104 80 60 76 -40C60 -110 -60 -110 -76 -40z',
      skin,
      p.ink,
    ) +
    (mask === skin
      ? ''
      : outlined('M-78 -30Q0 -50 78 -30L72 14Q34 26 0 8Q-34 26 -72 14z', mask, p.ink, 4)) +
    eye(-34) +
    eye(34) +
    stroke('M2 6L-8 30H4', p.ink, 4) +
    outlined(mouth, mouth.endsWith('z') ? p.paper : 'none', p.ink, 5) +
    outlined(top, hair, p.ink)
  )
}

/** A skin colour that suits the palette. */
export function skinOf(r: Random, p: Palette): string {
  return r.pick(['#f6c9a4', '#e0a074', '#b5734a', '#7d4a2e', mix(p.paper, p.a, 0.35)])
}
