import { plate } from './dishes.ts'
import { apart, mix, type Palette, shade } from './palettes.ts'
import { halvedFruit, wholeFruit } from './produce.ts'
import type { Random } from './random.ts'
import type { Scene } from './scene.ts'
import {
  band,
  circle,
  cycle,
  d,
  each,
  ellipse,
  field,
  ground,
  path,
  place,
  rect,
  stroke,
} from './shapes.ts'

function bottle(p: Palette, kind: number, color: string): string {
  const dark = shade(color, 0.25)
  const label = rect(-26, -84, 52, 42, p.paper) + circle(0, -63, 11, p.a)
  switch (kind) {
    case 0:
      return (
        path('M-32 0V-110Q-32 -136 -12 -146V-206H12V-146Q32 -136 32 -110V0z', color) +
        path('M10 0V-206H12V-146Q32 -136 32 -110V0z', dark) +
        rect(-14, -216, 28, 20, p.ink) +
        label
      )
    case 1:
      return (
        path('M-46 0C-60 -60 -40 -90 -14 -110V-170H14V-110C40 -90 60 -60 46 0z', color) +
        path('M14 -110C40 -90 60 -60 46 0H16Q30 -60 14 -110z', dark) +
        rect(-10, -190, 20, 26, mix(p.c, p.ink, 0.3)) +
        label
      )
    case 2:
      return (
        stroke('M40 -104C90 -104 84 -40 40 -44', color, 13) +
        path('M-34 -120H-60L-34 -96V0H44V-128H-20z', color) +
        path('M16 -128H44V0H16z', dark)
      )
    default:
      return (
        path('M-54 -4C-60 -70 -40 -90 0 -92C40 -90 60 -70 54 -4z', color) +
        path('M10 -92C40 -88 60 -70 54 -4H24Q34 -60 10 -92z', dark) +
        stroke('M54 -64L92 -90', color, 15) +
        stroke('M-50 -70C-100 -80 -96 -14 -52 -22', color, 10) +
        path('M-30 -92a30 16 0 0 1 60 0z', p.ink) +
        circle(0, -112, 8, p.ink)
      )
  }
}

function bowl(r: Random, p: Palette, color: string): string {
  const fruit = each(4, (i) => {
    const x = [-54, 52, -14, 22][i] ?? 0
    return place(
      x,
      i > 1 ? -70 : -58,
      wholeFruit(r.int(0, 2), p, cycle(r.shuffle(p.accents.filter((c) => c !== color)), i)),
      r.int(-20, 20),
      0.92,
    )
  })
  const stripe = r.pick([
    stroke('M-86 -50Q0 -36 86 -50', p.paper, 7),
    stroke('M-84 -50Q0 -36 84 -50', p.paper, 12, ' stroke-dasharray="0 26"'),
    path(
      'M-96 -68L-80 -40L-60 -64L-40 -36L-20 -62L0 -34L20 -62L40 -36L60 -64L80 -40L96 -68z',
      p.paper,
    ),
  ])
  return (
    fruit +
    path('M-104 -72H104C100 -20 60 -8 34 -6V4H-34V-6C-60 -8 -100 -20 -104 -72z', color) +
    stripe +
    path(
      'M50 -72H104C100 -20 60 -8 34 -6V4H10C50 -10 60 -40 50 -72z',
      shade(color, 0.2),
      ' opacity=".5"',
    )
  )
}

function loaf(p: Palette, color: string): string {
  const crust = mix(p.c, '#c4722e', 0.85)
  return (
    path('M-100 0C-124 -60 -80 -84 0 -84C80 -84 124 -60 100 0z', crust) +
    stroke(
      'M-60 -66Q-40 -40 -56 -18M-16 -72Q4 -44 -12 -18M30 -72Q48 -44 34 -18',
      mix(crust, p.paper, 0.6),
      9,
    ) +
    rect(-116, -4, 232, 14, mix(color, p.ink, 0.5), 5)
  )
}

function cheese(p: Palette): string {
  const rind = mix(p.c, '#f6b73c', 0.85)
  return (
    path('M-80 -30L70 -84V-30z', mix(rind, p.paper, 0.45)) +
    rect(-80, -30, 150, 40, rind) +
    circle(-30, -10, 9, shade(rind)) +
    circle(30, -16, 12, shade(rind)) +
    circle(34, -48, 9, shade(rind))
  )
}

function tablecloth(r: Random, p: Palette, y: number): string {
  const base = ground(y, p.paper)
  const h = 360 - y
  const columns = each(17, (i) => d`M${i * 40} ${y}L${i * 40 + (i - 8) * 16} 360`)
  const lines = d`M0 ${y + h * 0.25}H640M0 ${y + h * 0.65}H640`
  return r.pick([
    ground(y, shade(p.bg2, 0.3)),
    ground(y, p.a) + rect(0, y, 640, 10, shade(p.a, 0.25)),
    base + band(columns, p.a, 16, ' opacity=".8"') + band(lines, p.a, h * 0.2, ' opacity=".5"'),
    base + band(columns, p.b, 12),
    base + stroke(lines, p.b, 12, ' stroke-dasharray="0 36"'),
  ])
}

const table: Scene = (r, p) => {
  const y = r.int(232, 264)
  const near = y + 66
  const items = r.shuffle([
    () => bottle(p, 0, mix(p.b, p.ink, 0.2)),
    () => bottle(p, 1, p.c),
    () => bottle(p, 2, r.pick([p.paper, p.b])),
    () => bottle(p, 3, p.c),
    () => loaf(p, p.b),
    () => cheese(p),
  ])
  const middle = bowl(r, p, r.pick([p.b, p.c]))
  const back = r.pick([
    circle(r.int(160, 480), r.int(120, 160), r.int(100, 150), p.bg2),
    rect(60, 30, 150, 150, mix(p.bg2, p.paper, 0.5)) +
      rect(430, 30, 150, 150, mix(p.bg2, p.paper, 0.5)),
    each(8, (i) => rect(i * 80, 0, 40, 360, p.bg2)),
    path('M150 360V180a170 150 0 0 1 340 0V360z', p.bg2),
  ])
  const at = r.shuffle([130, 320, 510])
  const seat = (i: number, body: string, size: number): string =>
    place(at[i] ?? 320, near - 18, body, 0, size)
  const loose = each(r.int(1, 3), (i) =>
    place(
      r.int(40, 120) + i * 210,
      near + 16,
      wholeFruit(r.int(0, 4), p, cycle([p.b, p.c, p.a], i)),
      r.int(-12, 12),
      0.85,
    ),
  )
  return (
    field(p.bg) +
    back +
    tablecloth(r, p, y) +
    seat(1, items[0]?.() ?? '', 1.15) +
    seat(2, items[1]?.() ?? '', 1.1) +
    seat(0, middle, 1.1) +
    loose
  )
}

const spread: Scene = (r, p) => {
  const seats = r.pick([
    [320, 180, 1.6],
    [190, 180, 1.35, 480, 190, 1.2],
    [120, 110, 1, 330, 210, 1.15, 540, 110, 1],
    [110, 230, 1, 310, 120, 1.05, 530, 220, 1.1],
    [180, 90, 0.95, 420, 90, 0.95, 60, 280, 0.95, 300, 280, 0.95, 540, 280, 0.95],
  ])
  const colors = r.shuffle(p.accents)
  const plates = each(seats.length / 3, (i) => {
    const [x = 0, y = 0, size = 1] = seats.slice(i * 3)
    return place(x, y, plate(r, p, cycle(colors, i)), r.int(0, 359), size)
  })
  const one = seats.length === 3
  const metal = p.dark ? p.paper : mix(p.ink, p.b, 0.25)
  const fork = stroke('M0 -10V110M-15 -90V-46Q-15 -12 0 -10Q15 -12 15 -46V-90M0 -90V-40', metal, 8)
  const knife = stroke('M0 0V110', metal, 11) + path('M-7 4V-96Q20 -80 12 4z', metal)
  const cutlery = one
    ? place(112, 180, fork, 0, 1.2) +
      place(528, 180, knife, 0, 1.2) +
      circle(590, 40, 40, p.c) +
      circle(40, 330, 50, p.c)
    : ''
  const back = r.pick([
    each(6, (i) => rect(0, i * 64, 640, 32, p.bg2)),
    each(10, (i) => rect(i * 64, 0, 32, 360, p.bg2, 0)),
    path('M0 0H640L0 360z', p.bg2),
    band(
      each(9, (i) => d`M${i * 80} 0V360M0 ${i * 80}H640`),
      p.bg2,
      30,
      ' opacity=".6"',
    ),
  ])
  return field(p.bg) + back + plates + cutlery
}

const grove: Scene = (r, p) => {
  const columns = r.pick([3, 4, 4, 5])
  const rows = 2
  const [w, h] = [640 / columns, 360 / rows]
  const fields = r.shuffle([p.bg, p.bg2, p.a, p.b, p.c])
  const kinds = r.shuffle([0, 1, 2, 3, 4, 5, 6]).slice(0, r.int(2, 5))
  const step = r.int(1, 2)
  const tilt = r.pick([0, 15, 45])
  return each(columns * rows, (i) => {
    const [cx, cy] = [i % columns, Math.floor(i / columns)]
    const at = cx + cy * 2
    const back = cycle(fields, at)
    const kind = cycle(kinds, cx * step + cy)
    const choice = r.shuffle([p.a, p.b, p.c, ...p.accents])
    const body = halvedFruit(kind, p, apart([...choice, p.bg2, p.bg, p.ink], back))
    return (
      rect(cx * w, cy * h, w + 1, h + 1, back) +
      place((cx + 0.5) * w, (cy + 0.5) * h, body, cycle([0, tilt, -tilt], i), Math.min(w, h) / 250)
    )
  })
}

const noodles: Scene = (r, p) => {
  const x = r.int(260, 380)
  const y = r.int(176, 200)
  const color = r.pick([p.a, p.b, p.paper])
  const trim = color === p.paper ? p.a : p.paper
  const steam = each(r.int(2, 4), (i) => {
    const sx = x - 100 + i * 70
    return d`M${sx} ${y - 60}c-30 -30 30 -44 0 -${r.int(70, 110)}`
  })
  const waves = each(5, (i) => d`M${x - 150 + i * 62} ${y + 4}q20 -${r.int(26, 44)} 44 0`)
  const egg = ellipse(x - 60, y - 8, 42, 26, p.paper) + ellipse(x - 60, y - 8, 20, 13, '#f6a72b')
  const greens = path(
    d`M${x + 30} ${y}q10 -60 60 -60q-4 50 -40 62zM${x + 80} ${y}q30 -46 74 -34q-20 40 -60 38z`,
    mix(p.b, p.ink, 0.2),
  )
  const sticks = stroke(
    d`M${x + 40} ${y - 10}L${x + 250} ${y - 170}M${x + 66} ${y - 6}L${x + 284} ${y - 146}`,
    p.line,
    9,
  )
  const vessel = path(
    d`M${x - 200} ${y}H${x + 200}` +
      d`C${x + 196} ${y + 90} ${x + 120} ${y + 132} ${x + 70} ${y + 136}V${y + 150}` +
      d`H${x - 70}V${y + 136}C${x - 120} ${y + 132} ${x - 196} ${y + 90} ${x - 200} ${y}z`,
    color,
  )
  const trims = r.pick([
    stroke(d`M${x - 178} ${y + 38}Q${x} ${y + 66} ${x + 178} ${y + 38}`, trim, 10),
    stroke(
      d`M${x - 170} ${y + 44}Q${x} ${y + 72} ${x + 170} ${y + 44}`,
      trim,
      20,
      ' stroke-dasharray="0 42"',
    ),
    stroke(d`M${x - 180} ${y + 30}` + 'l26 24l26 -24'.repeat(7), trim, 8),
  ])
  return (
    field(p.bg) +
    circle(x, y - 20, r.int(150, 200), p.bg2) +
    ground(y + 110, shade(p.bg2, 0.28)) +
    stroke(steam, p.paper, 10, ' opacity=".7"') +
    sticks +
    greens +
    egg +
    stroke(waves, mix('#f4c25c', p.paper, 0.25), 12) +
    vessel +
    rect(x - 206, y - 6, 412, 16, shade(color, 0.22), 8) +
    trims
  )
}

/** The compositions of the category food. */
export const foodScenes: readonly Scene[] = [table, table, spread, spread, grove, grove, noodles]
