import { skinTone } from './figures.ts'
import { cloth, garment, hanger } from './garments.ts'
import { apart, mix, type Palette, shade } from './palettes.ts'
import type { Random } from './random.ts'
import type { Scene } from './scene.ts'
import {
  circle,
  clipped,
  cycle,
  d,
  each,
  ellipse,
  field,
  ground,
  path,
  place,
  rect,
  ring,
  stroke,
} from './shapes.ts'

function backdrop(r: Random, p: Palette): string {
  return r.pick([
    circle(r.int(200, 440), r.int(160, 200), r.int(140, 180), p.bg2),
    rect(0, 0, r.int(180, 460), 360, p.bg2),
    path('M140 360V190a180 160 0 0 1 360 0V360z', p.bg2),
    each(5, (i) => rect(i * 128, 0, 64, 360, p.bg2)),
  ])
}

const rail: Scene = (r, p, uid) => {
  const count = r.int(3, 4)
  const kinds = r.shuffle([0, 1, 2, 3, 4, 5, 6])
  const colors = r.shuffle([...p.accents, p.paper])
  const size = count === 3 ? 1.06 : 0.9
  const y = r.int(34, 46)
  const step = 600 / count
  const clothes = each(count, (i) => {
    const body = garment(r, p, `${uid}${i}`, cycle(kinds, i), cycle(colors, i))
    return place(20 + (i + 0.5) * step, y + 54 * size, hanger(p.line) + body, 0, size)
  })
  const floor = ground(r.int(312, 330), shade(p.bg2, 0.25))
  return field(p.bg) + backdrop(r, p) + floor + stroke(d`M-10 ${y}H650`, p.line, 8) + clothes
}

const mannequin: Scene = (r, p, uid) => {
  const x = r.int(230, 410)
  const kind = r.pick([0, 1, 5, 6, 0])
  const side = x > 320 ? -1 : 1
  const form =
    stroke('M0 200V318M-44 322H44', p.ink, 9) +
    path('M-12 -34H12L16 4H-16z', p.paper) +
    path('M-14 -40a14 8 0 0 1 28 0z', p.ink)
  const dress = garment(r, p, uid, kind, p.a)
  const lean = d`M${x + side * 150} 330V110q0 -70 ${side * 40} -70t${side * 40} 70V330z`
  const mirror = path(lean, mix(p.paper, p.c, 0.3)) + stroke(lean, shade(p.b, 0.3), 9)
  const boxes =
    rect(x - side * 230 - 50, 270, 110, 60, p.b) +
    rect(x - side * 230 - 56, 258, 122, 18, shade(p.b, 0.3)) +
    place(x - side * 224, 258, hat(p, p.c))
  return (
    field(p.bg) +
    backdrop(r, p) +
    ground(r.int(290, 312), shade(p.bg2, 0.25)) +
    (r.chance(0.6) ? mirror : '') +
    (r.chance(0.7) ? boxes : '') +
    place(x, 52, form + dress, 0, r.float(0.94, 1.02))
  )
}

function hat(p: Palette, color: string): string {
  return (
    ellipse(0, -6, 74, 12, shade(color, 0.2)) +
    path('M-42 -8C-44 -70 -20 -64 0 -60C20 -64 44 -70 42 -8z', color) +
    path('M-43 -22Q0 -12 43 -22L42 -8Q0 2 -42 -8z', p.ink)
  )
}

const portrait: Scene = (r, p, uid) => {
  const skin = skinTone(r)
  const x = r.pick([230, 320, 410])
  const color = r.pick([p.a, p.b])
  const headwear = r.pick([
    ellipse(0, -64, r.int(150, 200), r.int(34, 50), color) +
      path('M-74 -70C-80 -160 80 -160 74 -70z', shade(color, 0.15)) +
      path('M-75 -84Q0 -64 75 -84V-66Q0 -44 -75 -66z', p.ink),
    path('M-84 -40C-110 -140 40 -180 96 -110C116 -84 96 -60 70 -56Q0 -84 -84 -40z', color) +
      circle(4, -148, 9, shade(color, 0.3)),
    path(
      'M-70 20C-100 -60 -70 -132 0 -136C70 -132 100 -60 70 20' +
        'C74 -40 40 -84 0 -84C-40 -84 -74 -40 -70 20z',
      color,
    ) + path('M-30 -130C-60 -170 -20 -190 0 -150C20 -190 60 -170 30 -130z', shade(color, 0.2)),
  ])
  const glasses = r.chance(0.5)
    ? circle(-28, -14, 25, p.ink) +
      circle(28, -14, 25, p.ink) +
      stroke('M-4 -18h8', p.ink, 5) +
      stroke('M-40 -22l12 -10M16 -22l12 -10', p.c, 4)
    : stroke('M-42 -14q14 12 28 0M14 -14q14 12 28 0', p.ink, 5)
  const coat = 'M-190 260C-180 140 -100 120 -40 104L0 150L40 104C100 120 180 140 190 260z'
  const hair = r.pick([
    path('M-72 -60C-110 20 -90 80 -60 110H60C90 80 110 20 72 -60z', p.ink),
    circle(-74, -10, 30, p.ink) + circle(74, -10, 30, p.ink),
    path('M-70 -60C-84 0 -70 30 -62 40L-50 -40zM70 -60C84 0 70 30 62 40L50 -40z', p.ink),
  ])
  const earring = circle(-60, 46, 10, p.c) + circle(60, 46, 10, p.c)
  const body =
    hair +
    path('M-30 40H30V110L0 140L-30 110z', shade(skin, 0.25)) +
    clipped(uid, coat, place(0, 96, cloth(r, p, uid, r.pick([p.b, p.c, p.paper])), 0, 1.5)) +
    path('M-44 102L0 152L-30 196L-74 118zM44 102L0 152L30 196L74 118z', p.ink) +
    path('M-62 -70C-66 30 -44 84 0 86C44 84 66 30 62 -70z', skin) +
    path('M0 -30L-8 30H6z', shade(skin, 0.2)) +
    path('M-22 52Q-8 42 0 47Q8 42 22 52Q0 70 -22 52z', mix(p.a, '#b5122f', 0.6)) +
    glasses +
    earring +
    headwear
  return field(p.bg) + backdrop(r, p) + place(x, 178, body, 0, 1.02)
}

const drape: Scene = (r, p) => {
  const count = r.int(5, 7)
  const colors = r.shuffle([...p.accents, p.paper])
  const [from, to] = r.shuffle([40, 300]) as [number, number]
  const w = 660 / count
  const folds = each(count, (i) => {
    const x = i * w - 20
    const color = cycle(colors, Math.floor(i / r.pick([1, 2])))
    const low = from + ((to - from) * i) / count
    const edge = d`M${x} -10C${x + 50} ${low * 0.5} ${x - 60} ${low} ${x + 30} 370`
    const back =
      d`L${x + w + 40} 370` + d`C${x + w - 50} ${low} ${x + w + 60} ${low * 0.5} ${x + w + 10} -10z`
    const inner =
      d`M${x + w * 0.5} -10` +
      d`C${x + w * 0.5 + 50} ${low * 0.5} ${x + w * 0.5 - 60} ${low} ${x + w * 0.7} 370`
    const dots = stroke(
      d`M${x + w * 0.28} 0c50 ${low * 0.5} -60 ${low} 26 370`,
      cycle(colors, i + 1),
      w * 0.16,
      r.pick([' stroke-dasharray="0 34"', ' stroke-dasharray="16 26"', '']),
    )
    return path(edge + back, color) + path(inner + back, shade(color, 0.22)) + dots
  })
  const pin = (x: number, y: number, turn: number): string =>
    place(x, y, stroke('M0 0V70', p.paper, 3) + circle(0, -6, 11, p.ink), turn)
  const [x, y] = [r.int(160, 480), r.int(110, 220)]
  const blades =
    place(
      0,
      0,
      path('M-11 10L-3 -170L11 10z', p.paper, ` stroke="${p.ink}" stroke-width="5"`),
      -11,
    ) +
    place(0, 0, path('M-11 10L3 -170L11 10z', p.paper, ` stroke="${p.ink}" stroke-width="5"`), 13) +
    circle(2, -6, 5, p.ink) +
    ring(-22, 44, 24, p.ink, 11) +
    ring(34, 38, 24, p.ink, 11) +
    stroke('M-12 22L4 -4L22 16', p.ink, 10)
  const button =
    circle(0, 0, 50, p.ink) +
    ring(0, 0, 38, p.paper, 3) +
    circle(-12, -12, 7, p.paper) +
    circle(12, -12, 7, p.paper) +
    circle(-12, 12, 7, p.paper) +
    circle(12, 12, 7, p.paper)
  const thing = r.pick([
    place(x, y + 40, blades, r.int(-60, 60), 1.1),
    place(x, y, button) + place(x + 80, y + 70, button, 0, 0.6),
    pin(x, y, 30) + pin(x + 60, y + 30, 50) + pin(x - 60, y + 50, 10),
  ])
  return field(p.bg) + folds + thing
}

function shoe(p: Palette, color: string): string {
  return (
    path(
      'M-86 -96C-60 -60 -20 -46 30 -28C70 -20 92 -14 92 0H48' +
        'C10 -6 -30 -30 -60 -44L-70 0H-82C-84 -40 -92 -70 -86 -96z',
      color,
    ) + path('M30 -28C70 -20 92 -14 92 0H48Q40 -14 30 -28z', p.ink)
  )
}

function bag(p: Palette, color: string): string {
  return (
    stroke('M-44 -84C-44 -160 44 -160 44 -84', p.ink, 9) +
    path('M-74 -92H74L88 0H-88z', color) +
    path('M-74 -92H74L58 -40H-58z', shade(color, 0.25)) +
    circle(0, -42, 11, p.c)
  )
}

function glasses(p: Palette, color: string): string {
  return (
    path(
      'M-92 -70H-8C-10 -20 -26 -8 -50 -8C-78 -8 -92 -30 -92 -70' +
        'zM92 -70H8C10 -20 26 -8 50 -8C78 -8 92 -30 92 -70z',
      p.ink,
    ) +
    stroke('M-96 -70H96', color, 12) +
    stroke('M-70 -54L-52 -36M30 -54L48 -36', color, 6)
  )
}

const accessories: Scene = (r, p) => {
  const count = r.int(3, 4)
  const w = 640 / count
  const fields = r.shuffle([p.bg, p.bg2, p.a, p.b, p.c])
  const makers = r.shuffle([shoe, bag, glasses, hat])
  const rows = count === 4 ? 1 : r.int(1, 2)
  return each(count * rows, (i) => {
    const [x, y, h] = [(i % count) * w, Math.floor(i / count) * (360 / rows), 360 / rows]
    const at = i + Math.floor(i / count) * 2
    const back = cycle(fields, at)
    const color = apart([cycle(fields, at + 2), cycle(fields, at + 3), p.paper, p.ink], back)
    const arch =
      d`M${x + w * 0.12} ${y + h}V${y + h * 0.45}` +
      d`a${w * 0.38} ${h * 0.36} 0 0 1 ${w * 0.76} 0V${y + h}z`
    const stand = rect(x, y + h * 0.78, w + 1, h * 0.22, shade(back, 0.25))
    const item = (cycle(makers, at) as typeof hat)(p, color)
    const size = Math.min(w / 220, h / 190)
    return (
      rect(x, y, w + 1, h + 1, back) +
      path(arch, mix(back, p.paper, 0.22)) +
      stand +
      place(x + w / 2, y + h * 0.84, item, 0, size * 1.06)
    )
  })
}

/** The compositions of the category fashion. */
export const fashionScenes: readonly Scene[] = [
  rail,
  rail,
  mannequin,
  portrait,
  portrait,
  drape,
  accessories,
]
