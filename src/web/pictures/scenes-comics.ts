import { burst, face, outlined, skinOf, skyline, speech, symbol } from './comic-parts.ts'
import { mix, type Palette, shade } from './palettes.ts'
import type { Random } from './random.ts'
import type { Scene } from './scene.ts'
import {
  circle,
  clipped,
  cycle,
  d,
  each,
  ellipse,
  faded,
  field,
  halftone,
  path,
  place,
  polygon,
  rays,
  rect,
  star,
  stroke,
} from './shapes.ts'

/** Path data of a rounded rise along a panel's lower edge. */
function hillOf(w: number, h: number): string {
  return d`M0 ${h}V${h * 0.7}Q${w / 2} ${h * 0.45} ${w} ${h * 0.7}V${h}z`
}

/** What one panel shows, in a box of the given size. */
function panelArt(r: Random, p: Palette, w: number, h: number, kind: number): string {
  const [x, y] = [w / 2, h / 2]
  const [a, b] = r.shuffle([p.a, p.b, p.c, p.bg]) as [string, string]
  const s = Math.min(w, h) / 200
  const back = rect(0, 0, w, h, a)
  const beams = path(rays(x, y, 9, r.int(0, 29)), b)
  switch (kind) {
    case 0:
      return (
        back +
        beams +
        place(
          x,
          y,
          outlined(burst(r, 9, 90, 80), p.paper, p.ink) +
            place(0, 0, symbol(r, p, r.pick(p.accents)), 0, 0.6),
          0,
          s * 1.3,
        )
      )
    case 1:
      return (
        back +
        path(hillOf(w, h), b) +
        place(x, y * 0.9, speech(r, p, 150, 104, p.paper), 0, s * 1.35)
      )
    case 2:
      return back + circle(w * 0.7, h * 0.34, h * 0.18, p.paper) + skyline(r, w, h, p.ink)
    case 3:
      return (
        back +
        halftone([0, 0, w, h * 0.7], b, 22) +
        place(x, h * 0.62, face(r, p, skinOf(r, p)), 0, s)
      )
    case 4:
      return (
        back +
        halftone([0, 0, w, h * 0.8], b, 28) +
        place(x, y, symbol(r, p, p.paper), r.int(-12, 12), s * 1.3)
      )
    default:
      return back + beams + place(x, h * 0.55, face(r, p, skinOf(r, p)), r.int(-8, 8), s * 0.9)
  }
}

const page: Scene = (r, p, uid) => {
  const gap = 12
  const split = r.int(150, 210)
  const kinds = r.shuffle([0, 1, 2, r.pick([3, 5]), 4])
  const rows = [
    { y: gap, h: split - gap * 1.5, count: r.int(1, 3) },
    { y: split + gap / 2, h: 360 - split - gap * 1.5, count: r.int(2, 3) },
  ]
  let k = 0
  let body = ''
  rows.forEach((row, j) => {
    let from = gap
    let lean = 0
    for (let i = 0; i < row.count; i++) {
      const last = i === row.count - 1
      const to = last ? 640 - gap : ((i + 1) * 640) / row.count + r.int(-40, 40)
      const next = last ? 0 : r.int(-26, 26)
      const outline = polygon([
        from + lean,
        row.y,
        to + next,
        row.y,
        to - next,
        row.y + row.h,
        from - lean,
        row.y + row.h,
      ])
      const left = from - Math.abs(lean)
      const right = to + Math.abs(next)
      const art = panelArt(r, p, right - left, row.h, cycle(kinds, k++))
      body +=
        clipped(`${uid}${j}${i}`, outline, place(left, row.y, art)) +
        outlined(outline, 'none', p.ink, 5)
      from = to + gap
      lean = next
    }
  })
  return field(p.paper) + body
}

const bang: Scene = (r, p) => {
  const [x, y] = [r.int(270, 370), r.int(165, 195)]
  const spikes = r.int(11, 17)
  const size = r.float(0.95, 1.2)
  const outer = burst(r, spikes, 230, 150)
  const inner = burst(r, spikes, 170, 108)
  const corner = r.chance(0.5)
    ? halftone([0, 0, 640, 170], p.bg2, 22)
    : halftone([0, 190, 640, 180], p.bg2, 22, true)
  const beams = path(rays(x, y, r.int(9, 18), r.int(0, 40)), p.bg2)
  const bubble = r.chance(0.4)
    ? place(x > 320 ? 100 : 540, 84, speech(r, p, 130, 88, p.paper), r.int(-8, 8))
    : ''
  const [first, second, third] = r.shuffle([p.a, p.b, p.paper]) as [string, string, string]
  const blast =
    place(12, 12, path(outer, p.ink)) +
    outlined(outer, first, p.ink, 7) +
    outlined(inner, second, p.ink, 6) +
    place(0, 0, symbol(r, p, third), r.int(-10, 10), 1.1)
  return (
    field(p.bg) + (r.chance(0.5) ? beams : corner) + place(x, y, blast, r.int(-6, 6), size) + bubble
  )
}

const conversation: Scene = (r, p) => {
  const fills = r.shuffle([p.paper, p.a, p.b, p.c])
  const seats = r.pick([
    [180, 130, 1.5, 450, 200, 1.7],
    [200, 210, 1.7, 470, 120, 1.4],
    [140, 110, 1.1, 330, 210, 1.6, 540, 110, 1.1],
    [150, 230, 1.2, 320, 120, 1.5, 520, 230, 1.2],
    [320, 165, 2.4],
  ])
  const bubbles = each(seats.length / 3, (i) => {
    const [x = 0, y = 0, size = 1] = seats.slice(i * 3)
    const body = speech(r, p, 160, 104, cycle(fills, i))
    return place(x, y, body, r.int(-6, 6), size)
  })
  const back = r.pick([
    halftone([0, 0, 650, 370], p.bg2, 24),
    halftone([0, 0, 650, 370], p.bg2, 24, true),
    path('M0 360L640 0V360z', p.bg2) + halftone([0, 240, 650, 130], p.bg, 20, true),
    path(rays(320, 420, 22), p.bg2),
  ])
  return field(p.bg) + back + bubbles
}

const hero: Scene = (r, p) => {
  const x = r.pick([200, 320, 440])
  const suit = r.pick([p.a, p.b])
  const cape = suit === p.a ? p.c : p.a
  const wind = x > 320 ? -1 : 1
  const capeShape =
    `M-60 120C${wind * 160} 90 ${wind * 240} 150 ${wind * 420} 90` + `L${wind * 380} 300H-90z`
  const body =
    outlined(capeShape, cape, p.ink, 7) +
    outlined('M-150 320C-150 160 -90 130 -40 118H40C90 130 150 160 150 320z', suit, p.ink, 7) +
    place(0, 214, path(star(0, 0, r.int(4, 6), 44, 20), p.paper)) +
    place(0, 20, face(r, p, skinOf(r, p)), 0, 1.05)
  const back = r.pick([
    path(rays(x, 180, r.int(10, 16), r.int(0, 30)), p.bg2),
    circle(x - wind * 60, 150, 150, p.bg2) + faded(0.9, place(0, 120, skyline(r, 640, 240, p.bg2))),
    halftone([0, 0, 650, 300], p.bg2, 24),
  ])
  return field(p.bg) + back + place(x, 118, body, 0, 0.98)
}

const city: Scene = (r, p) => {
  const x = r.int(170, 470)
  const moon = circle(x, r.int(120, 160), r.int(110, 140), r.pick([p.paper, p.c]))
  const roof = r.int(236, 262)
  const cape = x > 320 ? -1 : 1
  const figure =
    path(
      `M-12 -92C${cape * 70} -80 ${cape * 100} -60 ${cape * 150} -84` +
        `L${cape * 100} -6Q${cape * 40} -16 -6 -20z`,
      p.a,
    ) +
    path('M-24 -94q24 -10 48 0l-8 50h-32z', p.ink) +
    stroke('M-10 -46L-18 0M10 -46L20 0M-22 -88L-40 -58L-20 -46M22 -88L40 -58L20 -46', p.ink, 12) +
    ellipse(0, -112, 13, 15, p.ink)
  const lit = d`M${x - 44} ${roof + 34}h90M${x - 44} ${roof + 64}h90M${x - 44} ${roof + 94}h90`
  return (
    field(p.bg) +
    halftone([0, 0, 650, 240], p.bg2, 22, r.chance(0.5)) +
    moon +
    place(0, 110, skyline(r, 640, 250, shade(p.bg2, 0.39))) +
    place(0, 200, skyline(r, 640, 160, mix(p.bg2, p.ink, 0.6))) +
    rect(x - 70, roof, 140, 140, p.ink) +
    stroke(lit, p.a, 12, ' stroke-dasharray="0 22"') +
    place(x, roof + 2, figure, 0, r.float(1.15, 1.4))
  )
}

/** The compositions of the category comics. */
export const comicsScenes: readonly Scene[] = [
  page,
  page,
  page,
  bang,
  bang,
  conversation,
  hero,
  hero,
  city,
]
