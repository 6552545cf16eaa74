import { landscape, painting, tones } from './miniatures.ts'
import { mix, type Palette, shade } from './palettes.ts'
import type { Random } from './random.ts'
import type { Scene } from './scene.ts'
import {
  band,
  circle,
  clipped,
  cycle,
  d,
  each,
  ellipse,
  field,
  frame,
  ground,
  path,
  place,
  rays,
  rect,
  stroke,
} from './shapes.ts'

function backdrop(r: Random, p: Palette): string {
  return r.pick([
    circle(r.int(200, 440), r.int(140, 180), r.int(130, 165), p.bg2),
    path('M140 360V190a180 160 0 0 1 360 0V360z', p.bg2),
    rect(0, 0, r.int(200, 440), 360, p.bg2),
    each(5, (i) => rect(i * 128, 0, 64, 360, p.bg2)),
  ])
}

/** A book lying flat, its spine towards us; the origin is the middle of its lower edge. */
function lying(r: Random, p: Palette, w: number, h: number, color: string): string {
  const x = -w / 2
  const detail = r.pick([p.paper, ...p.accents].filter((one) => one !== color))
  const trim = r.pick([
    rect(x + w * 0.1, -h, 9, h, detail) + rect(x + w * 0.84, -h, 9, h, detail),
    rect(x + w * 0.2, -h * 0.64, w * r.float(0.3, 0.5), h * 0.28, detail),
    rect(x + w * 0.12, -h, w * 0.2, h, detail),
    circle(x + w * 0.85, -h / 2, h * 0.22, detail) +
      rect(x + w * 0.14, -h * 0.62, w * 0.4, h * 0.24, detail),
  ])
  if (r.chance(0.35)) {
    return (
      rect(x, -h, w, h, color, 5) +
      rect(x + 12, -h + 6, w, h - 12, p.paper) +
      band(d`M${x + 12} ${-h * 0.36}h${w}M${x + 12} ${-h * 0.62}h${w}`, shade(p.paper, 0.25), 2) +
      rect(x, -h, w * 0.96, 6, color) +
      rect(x, -6, w * 0.96, 6, color)
    )
  }
  return rect(x, -h, w, h, color, 7) + trim + rect(x + 6, -7, w - 12, 7, shade(color, 0.3))
}

function ornament(r: Random, p: Palette): string {
  const steam = stroke('M-8 -74c-14 -16 14 -22 0 -40M14 -74c-14 -16 14 -22 0 -40', p.line, 5)
  const mug =
    stroke('M34 -50C66 -54 66 -10 32 -16', p.b, 10) + path('M-38 -62H38L32 0H-32z', p.b) + steam
  const leaves = each(5, (i) =>
    place(
      0,
      -44,
      path('M0 0C-26 -36 -14 -68 0 -84C14 -68 26 -36 0 0z', i % 2 ? p.b : mix(p.b, p.ink, 0.3)),
      -56 + i * 28,
    ),
  )
  const plant = leaves + path('M-34 -50H34L26 0H-26z', p.c)
  const cat =
    path(
      'M-60 0C-74 -60 -30 -84 10 -70L16 -100L34 -84L54 -84L72 -102L76 -60C80 -36 60 -20 66 0z',
      p.ink,
    ) +
    stroke('M-56 -8C-110 -10 -90 -70 -120 -64', p.ink, 13) +
    circle(36, -60, 5, p.a) +
    circle(60, -60, 5, p.a)
  const lamp =
    stroke('M0 0V-60', p.ink, 8) +
    rect(-34, -8, 68, 8, p.ink, 4) +
    path('M-26 -130H26L56 -58H-56z', p.a)
  const apple =
    circle(-14, -32, 32, p.a) +
    circle(14, -32, 32, p.a) +
    stroke('M0 -58q2 -18 14 -24', p.ink, 6) +
    path('M6 -66q20 -22 40 -6q-20 18 -40 6z', p.b)
  const spectacles =
    circle(-30, -26, 26, 'none') +
    stroke(
      'M-56 -26a26 26 0 1 0 52 0a26 26 0 1 0 -52 0' +
        'M4 -26a26 26 0 1 0 52 0a26 26 0 1 0 -52 0M-4 -30h8',
      p.ink,
      7,
    )
  return r.pick([mug, plant, cat, lamp, apple, spectacles])
}

const pile: Scene = (r, p) => {
  const stacks = r.pick([1, 2, 2, 3])
  const floor = r.int(306, 326)
  const colors = r.shuffle([...p.accents, p.paper, p.ink, mix(p.a, p.paper, 0.35)])
  const body = each(stacks, (j) => {
    const x = 320 + (j - (stacks - 1) / 2) * (stacks === 2 ? 270 : 205)
    const wide = stacks === 1 ? 320 : stacks === 2 ? 220 : 168
    let y = floor
    const target = r.int(stacks === 1 ? 160 : 80, 200)
    let text = ''
    let k = j * 2
    while (floor - y < target) {
      const h = r.int(26, 50)
      text += place(
        x + r.int(-16, 16),
        y,
        lying(r, p, wide * r.float(0.8, 1.05), h, cycle(colors, k++)),
      )
      y -= h
    }
    return text + (r.chance(0.75) ? place(x, y, ornament(r, p), 0, stacks === 3 ? 0.85 : 1) : '')
  })
  return field(p.bg) + backdrop(r, p) + ground(floor, shade(p.bg2, 0.32)) + body
}

const open: Scene = (r, p, uid) => {
  const y = r.int(244, 262)
  const t = tones(r, p, r.chance(0.3))
  const h = y - 24
  const view = frame(130, 24, 380, h, landscape(r, t, 380, h))
  const shape = r.pick([
    d`M140 ${y}V200a180 170 0 0 1 360 0V${y}z`,
    d`M150 ${y}V60a170 30 0 0 1 340 0V${y}z`,
    d`M130 ${y}C100 120 190 20 320 30C450 20 540 120 510 ${y}z`,
  ])
  const scene = clipped(uid, shape, view)
  const lines = each(
    5,
    (i) =>
      d`M${104 + i * 4} ${y + 8 + i * 13}q100 -26 190 0` +
      d`M${346} ${y + 8 + i * 13}q90 -26 ${190 - i * 4} 0`,
  )
  const book =
    path(
      d`M40 ${y - 2}Q190 ${y - 50} 320 ${y + 6}Q450 ${y - 50} 600 ${y - 2}` +
        d`L630 ${y + 92}Q450 ${y + 50} 320 ${y + 100}Q190 ${y + 50} 10 ${y + 92}z`,
      p.a,
    ) +
    path(d`M60 ${y - 10}Q200 ${y - 50} 320 ${y}V${y + 88}Q190 ${y + 40} 36 ${y + 78}z`, p.paper) +
    path(
      d`M580 ${y - 10}Q440 ${y - 50} 320 ${y}V${y + 88}Q450 ${y + 40} 604 ${y + 78}z`,
      shade(p.paper, 0.14),
    ) +
    stroke(lines, shade(p.paper, 0.35), 3)
  const rayed = r.chance(0.4) ? path(rays(320, y, r.int(10, 18)), p.bg2) : backdrop(r, p)
  return field(p.bg) + rayed + scene + book
}

function spine(r: Random, p: Palette, w: number, h: number, color: string): string {
  const detail = r.pick([p.paper, ...p.accents].filter((one) => one !== color))
  const mark = r.pick([
    rect(0, -h * 0.86, w, 7, detail) +
      rect(0, -h * 0.8, w, 3, detail) +
      rect(0, -h * 0.16, w, 7, detail),
    rect(w * 0.25, -h * 0.85, w * 0.5, h * 0.4, detail, 3),
    circle(w / 2, -h * 0.8, w * 0.24, detail) + rect(w * 0.4, -h * 0.66, w * 0.2, h * 0.4, detail),
    path(
      d`M${w * 0.2} ${-h * 0.5}l${w * 0.3} ${-w * 0.5}` +
        d`l${w * 0.3} ${w * 0.5}l${-w * 0.3} ${w * 0.5}z`,
      detail,
    ),
    rect(0, -h * 0.3, w, h * 0.3, detail),
    '',
  ])
  return rect(0, -h, w, h, color, 2) + mark
}

const shelves: Scene = (r, p) => {
  const rows = r.int(1, 2)
  const h = 360 / rows
  const colors = r.shuffle([...p.accents, p.paper, p.ink, mix(p.b, p.paper, 0.4)])
  const wood = mix(p.bg2, p.ink, 0.5)
  return (
    field(p.bg) +
    (rows === 1 ? backdrop(r, p) : rect(0, 0, 640, 360, p.bg)) +
    each(rows, (j) => {
      const y = (j + 1) * h - (rows === 1 ? 44 : 16)
      let x = r.int(-16, 20)
      let k = j * 3
      let text = ''
      while (x < 640) {
        const w = r.int(36, 64) * (rows === 1 ? 1.15 : 1)
        const tall = h * r.float(0.52, rows === 1 ? 0.74 : 0.82)
        const what = r.float(0, 1)
        if (what < 0.1) {
          text += place(x + 56, y, ornament(r, p), 0, rows === 1 ? 1.15 : 0.8)
          x += 120
        } else if (what < 0.2) {
          text += place(x + tall * 0.24, y, spine(r, p, w, tall, cycle(colors, k++)), -14)
          x += w + tall * 0.27
        } else {
          text += place(x, y, spine(r, p, w, tall, cycle(colors, k++)))
          x += w + 2
        }
      }
      return text + rect(0, y, 640, 16, wood) + rect(0, y + 12, 640, 6, mix(wood, p.ink, 0.4))
    })
  )
}

const covers: Scene = (r, p) => {
  const count = r.int(3, 4)
  const w = 500 / count
  const h = w * 1.5 > 270 ? 250 : w * 1.5
  const y = (360 - h) / 2
  const books = each(count, (i) => {
    const x = (640 / count) * (i + 0.5)
    const cover = r.shuffle([...p.accents, p.paper])[0] ?? p.a
    const local = { ...p, paper: cover }
    const body =
      rect(-w / 2 + 10, -h / 2 + 10, w, h, shade(p.bg2, 0.4), 3) +
      rect(-w / 2 + 5, -h / 2 + 5, w, h, p.paper, 3) +
      frame(
        -w / 2,
        -h / 2,
        w,
        h,
        rect(0, 0, w, h, cover) + painting(r, r.chance(0.5) ? p : local, w, h),
      ) +
      rect(-w / 2 + w * 0.05, -h / 2, 3, h, p.ink)
    return place(x, y + h / 2 + r.int(-18, 18), body, r.int(-7, 7))
  })
  return field(p.bg) + backdrop(r, p) + books
}

const nib: Scene = (r, p) => {
  const x = r.int(380, 460)
  const flow =
    d`M-20 ${r.int(180, 320)}` +
    d`C80 ${r.int(80, 200)} 140 ${r.int(300, 380)} 220 ${r.int(200, 280)}` +
    d`S${x - 100} 200 ${x - 60} 276`
  const pen =
    path('M0 0L-46 -96C-50 -130 -30 -160 -28 -190H28C30 -160 50 -130 46 -96z', p.c) +
    path('M0 0L46 -96C50 -130 30 -160 28 -190H0z', shade(p.c, 0.25)) +
    stroke('M0 -4V-92', p.ink, 4) +
    circle(0, -100, 12, p.ink) +
    path('M-36 -190H36L46 -430H-46z', p.b) +
    path('M8 -190H36L46 -430H10z', shade(p.b, 0.25)) +
    rect(-38, -206, 76, 20, p.paper)
  const sheet = place(
    r.int(200, 260),
    210,
    rect(-170, -150, 360, 400, p.paper) +
      stroke(
        each(8, (i) => d`M-140 ${-110 + i * 36}h${i % 3 === 2 ? 180 : 300}`),
        shade(p.paper, 0.2),
        5,
      ),
    r.int(-10, 6),
  )
  const drops = ellipse(90, 320, 12, 9, p.a) + circle(132, 336, 6, p.a)
  return (
    field(p.bg) +
    backdrop(r, p) +
    sheet +
    stroke(flow, p.a, r.int(8, 14)) +
    drops +
    place(x - 60, 278, pen, r.int(26, 44), 0.95)
  )
}

/** The compositions of the category publishing. */
export const publishingScenes: readonly Scene[] = [
  pile,
  pile,
  open,
  open,
  shelves,
  shelves,
  covers,
  nib,
]
