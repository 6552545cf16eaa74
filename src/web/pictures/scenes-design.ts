import { chair, floorLamp, pendant } from './furniture.ts'
import { mix, type Palette, shade } from './palettes.ts'
import type { Random } from './random.ts'
import type { Scene } from './scene.ts'
import {
  band,
  circle,
  cycle,
  d,
  disc,
  each,
  ellipse,
  field,
  ground,
  mirrored,
  path,
  place,
  rect,
  ring,
  sector,
  stroke,
} from './shapes.ts'

const room: Scene = (r, p) => {
  const floor = r.int(262, 296)
  const wall = r.pick([
    circle(r.int(200, 440), r.int(140, 190), r.int(110, 160), p.bg2),
    path(d`M180 ${floor}V180a140 140 0 0 1 280 0V${floor}z`, p.bg2),
    rect(r.int(60, 380), 0, r.int(140, 220), 360, p.bg2),
    rect(70, 50, 180, 140, p.bg2) + rect(390, 50, 180, 140, p.bg2),
  ])
  const side = r.pick([-1, 1])
  const x = 320 - side * r.int(30, 90)
  const plinth = r.chance(0.55) ? r.int(24, 60) : 0
  const base = floor + 38
  const stand = plinth
    ? rect(x - 130, base - plinth, 260, plinth, p.paper) +
      rect(x + 60, base - plinth, 70, plinth, shade(p.paper, 0.15))
    : ellipse(x, base, 140, 12, shade(p.bg2, 0.5))
  const lamp = r.chance(0.5)
    ? place(x + side * 210, base + 4, floorLamp(r.int(0, 3), p, p.b), 0, r.float(0.95, 1.12))
    : place(x + side * r.int(150, 220), r.int(96, 140), pendant(r.int(0, 3), p, p.b))
  const seat = chair(r.int(0, 6), p, p.a)
  const size = r.float(1.15, 1.4) * (plinth ? 0.95 : 1.15)
  const chairs = place(x, base - plinth, side === 1 ? seat : mirrored(0, seat), 0, size)
  return field(p.bg) + wall + ground(floor, shade(p.bg2, 0.33)) + stand + lamp + chairs
}

const showroom: Scene = (r, p) => {
  const count = r.int(3, 4)
  const w = 640 / count
  const kinds = r.shuffle([0, 1, 2, 3, 4, 5, 6])
  const fields = r.shuffle([p.bg, p.bg2, p.a, p.b, p.c])
  const rows = r.chance(0.4) ? 2 : 1
  const h = 360 / rows
  const scale = rows === 2 ? 0.82 : count === 3 ? 1.18 : 0.95
  return each(count * rows, (i) => {
    const [x, y] = [(i % count) * w, Math.floor(i / count) * h]
    const at = i + (i >= count ? 2 : 0)
    const back = cycle(fields, at)
    const color = cycle(fields, at + r.int(2, 3))
    const local = { ...p, line: p.ink, c: cycle(fields, at + 1) }
    const spot = circle(x + w / 2, y + h * 0.52, Math.min(w, h) * 0.4, mix(back, p.paper, 0.3))
    const body = chair(cycle(kinds, i), local, color === back ? p.paper : color)
    return (
      rect(x, y, w + 1, h + 1, back) +
      spot +
      place(x + w / 2, y + h * 0.5 + 76 * scale, body, 0, scale)
    )
  })
}

function totemPart(r: Random, p: Palette, color: string): readonly [number, string] {
  const w = r.int(34, 58)
  const dark = shade(color, 0.25)
  const stripes = each(4, (i) => d`M${-w} ${-8 - i * 16}h${w * 2}`)
  switch (r.int(0, 6)) {
    case 0:
      return [
        w * 2,
        circle(0, -w, w, color) + path(d`M0 ${-2 * w}a${w} ${w} 0 0 1 0 ${2 * w}z`, dark),
      ]
    case 1:
      return [64, rect(-w, -64, 2 * w, 64, color) + band(stripes, p.paper, 7)]
    case 2:
      return [
        w * 1.4,
        path(d`M${-w} 0L0 ${-w * 1.4}L${w} 0z`, color) + path(d`M0 ${-w * 1.4}L${w} 0H0z`, dark),
      ]
    case 3:
      return [w, path(d`M${-w} 0a${w} ${w} 0 0 1 ${2 * w} 0z`, color)]
    case 4:
      return [
        w,
        path(d`M${-w} ${-w}a${w} ${w} 0 0 0 ${2 * w} 0z`, color) +
          path(d`M0 ${-w}h${w}a${w} ${w} 0 0 1 ${-w} ${w}z`, dark),
      ]
    case 5:
      return [22, rect(-w * 1.3, -22, w * 2.6, 22, color) + rect(0, -22, w * 1.3, 22, dark)]
    default:
      return [84, path(d`M${-w} 0v-28h${w * 0.66}v-28h${w * 0.66}v-28h${w * 0.66}v84z`, color)]
  }
}

const totems: Scene = (r, p) => {
  const count = r.int(3, 5)
  const floor = r.int(300, 326)
  const step = 580 / count
  const colors = r.shuffle([...p.accents, p.paper, p.ink, mix(p.a, p.paper, 0.45)])
  const towers = each(count, (i) => {
    let top = floor
    let text = ''
    const target = r.int(70, 200)
    for (let k = 0; k < 5 && floor - top < target; k++) {
      const [h, body] = totemPart(r, p, cycle(colors, i * 2 + k))
      if (floor - top + h > 280) continue
      text += place(0, top, body)
      top -= h
    }
    return place(30 + (i + 0.5) * step, 0, text)
  })
  const squiggle = d`M${r.int(20, 460)} ${r.int(40, 90)}q15 -36 30 0t30 0t30 0t30 0`
  const back = r.pick([
    path(d`M0 ${floor}L640 ${r.int(20, 160)}V${floor}z`, p.bg2),
    circle(r.int(160, 480), 180, 140, p.bg2),
    band(
      each(9, (i) => d`M${i * 76 + 30} 0V${floor}`),
      p.bg2,
      26,
    ),
    path(
      each(40, (i) =>
        disc(40 + (i % 8) * 80 + (Math.floor(i / 8) % 2) * 40, 30 + Math.floor(i / 8) * 62, 7),
      ),
      p.bg2,
    ),
  ])
  return field(p.bg) + back + stroke(squiggle, p.b, 9) + ground(floor, shade(p.bg2, 0.44)) + towers
}

const tiles: Scene = (r, p) => {
  const s = r.pick([90, 120, 120, 180])
  const [columns, rows] = [Math.ceil(640 / s), 360 / s]
  const colors = r.shuffle([...p.accents, p.ink, p.paper])
  const fields = [p.bg, p.bg2, p.bg]
  return (
    field(p.bg) +
    each(columns * rows, (i) => {
      const [x, y] = [(i % columns) * s, Math.floor(i / columns) * s]
      const color = r.pick(colors)
      const other = r.pick(colors)
      const base = rect(x, y, s + 0.5, s + 0.5, r.chance(0.25) ? other : cycle(fields, i))
      const corner = r.int(0, 3)
      const [cx, cy] = [x + (corner % 2) * s, y + (corner > 1 ? s : 0)]
      const from = [0, 90, 270, 180][corner] ?? 0
      const quarter = path(sector(cx, cy, s, from, from + 90), color)
      switch (r.int(0, 6)) {
        case 0:
          return base + quarter + path(sector(cx, cy, s / 2, from, from + 90), p.bg)
        case 1:
          return (
            base +
            circle(x + s / 2, y + s / 2, s * 0.36, color) +
            circle(x + s / 2, y + s / 2, s * 0.16, p.bg)
          )
        case 2:
          return (
            base +
            path(
              d`M${x} ${y}h${s}a${s / 2} ${s / 2} 0 0 1 ${-s} 0` +
                d`zM${x} ${y + s / 2}h${s}a${s / 2} ${s / 2} 0 0 1 ${-s} 0z`,
              color,
            )
          )
        case 3:
          return (
            base +
            band(
              each(4, (k) => d`M${x} ${y + s * (0.125 + k * 0.25)}h${s}`),
              color,
              s / 8,
            )
          )
        case 4:
          return base + path(d`M${x} ${y + s}L${x + s} ${y}V${y + s}z`, color)
        default:
          return base + quarter
      }
    })
  )
}

const drafting: Scene = (r, p) => {
  const sheet = r.chance(0.5) ? p.paper : shade(p.b, 0.45)
  const pen = sheet === p.paper ? shade(p.b, 0.3) : p.paper
  const grid = each(20, (i) => d`M${i * 28} 0V300`) + each(11, (i) => d`M0 ${i * 28}H540`)
  const [cx, cy] = [r.int(200, 330), r.int(130, 170)]
  const size = r.int(50, 84)
  const guides =
    ring(cx, cy, size, pen, 1.5) +
    ring(cx + size, cy, size, pen, 1.5) +
    ring(cx + size / 2, cy - size * 0.87, size, pen, 1.5) +
    stroke(d`M20 ${cy}H520M${cx + size / 2} 16V284`, pen, 1.5, ' stroke-dasharray="10 8"')
  const subject = r.pick([
    path(sector(cx, cy, size, 90, 270), p.a) + path(sector(cx + size, cy, size, -90, 90), p.c),
    place(cx + size / 2, cy + 92, chair(r.int(0, 6), { ...p, line: pen }, p.a), 0, 1.25),
    place(cx + size / 2, cy + 110, floorLamp(3, p, p.a), 0, 1.05),
    circle(cx, cy, size, p.a) + path(sector(cx + size, cy, size, 0, 180), p.c),
  ])
  const turn = r.int(-9, 9)
  const paper =
    rect(12, 14, 540, 300, shade(p.bg2, 0.39)) +
    rect(0, 0, 540, 300, sheet) +
    faintGrid(grid, pen) +
    guides +
    subject
  const pencil =
    path('M0 0L-9 -26H9z', p.ink) +
    rect(-9, -190, 18, 164, p.c) +
    rect(0, -190, 9, 164, shade(p.c, 0.2)) +
    rect(-9, -206, 18, 18, p.a)
  const square = path(
    'M0 0L170 0L0 -170zM34 -30L100 -30L34 -96z',
    p.b,
    ' fill-rule="evenodd" opacity=".85"',
  )
  const back = path('M0 0H640L0 360z', p.bg2)
  return (
    field(p.bg) +
    back +
    place(60, 40, paper, turn) +
    place(r.int(60, 110), r.int(330, 350), square, r.int(-20, 10)) +
    place(r.int(470, 560), r.int(220, 300), pencil, r.int(25, 60), 1.15)
  )
}

function faintGrid(data: string, color: string): string {
  return stroke(data, color, 1, ' opacity=".25"')
}

/** The compositions of the category design. */
export const designScenes: readonly Scene[] = [room, room, room, showroom, totems, tiles, drafting]
