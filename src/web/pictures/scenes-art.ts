import { painting } from './miniatures.ts'
import { mix, type Palette, shade } from './palettes.ts'
import type { Random } from './random.ts'
import type { Scene } from './scene.ts'
import {
  circle,
  cycle,
  d,
  each,
  ellipse,
  faded,
  field,
  frame,
  ground,
  num,
  path,
  place,
  rect,
  sector,
  stroke,
} from './shapes.ts'

function brushJar(r: Random, p: Palette, x: number, y: number, color: string): string {
  const w = r.int(34, 46)
  const h = r.int(40, 58)
  const brushes = each(r.int(2, 4), (i) => {
    const lean = (i - 1) * 12 + r.int(-4, 4)
    const long = r.int(46, 74)
    const tip = cycle(p.accents, i)
    const body = stroke(`M0 0V${-long}`, p.ink, 4) + ellipse(0, -long - 8, 6, 12, tip)
    return place(x, y - h, body, lean)
  })
  const side = path(d`M${x} ${y}h${w / 2}v${-h}h${-w / 2}z`, shade(color, 0.25))
  return brushes + rect(x - w / 2, y - h, w, h, color) + side
}

const easel: Scene = (r, p) => {
  const floor = r.int(238, 290)
  const x = r.int(210, 430)
  const [w, h] = r.pick([
    [250, 180],
    [190, 210],
    [215, 205],
    [280, 165],
  ] as const)
  const bottom = r.int(262, 282)
  const top = bottom - h
  const wood = mix(p.bg2, p.ink, 0.6)
  const legs = d`M${x - 20} ${top - 26}L${x - 84} 346M${x + 20} ${top - 26}L${x + 84} 346`
  const side = x > 320 ? -1 : 1
  const jars = each(r.int(1, 3), (i) =>
    brushJar(r, p, x + side * (190 + i * 62), 322, cycle([p.b, p.c, p.a], i)),
  )
  const sun = circle(x - side * r.int(150, 220), r.int(60, 130), r.int(50, 110), p.bg2)
  return (
    field(p.bg) +
    sun +
    ground(floor, mix(p.bg2, p.a, 0.35)) +
    stroke(d`M${x} ${top - 30}V330`, wood, 7) +
    stroke(legs, wood, 9) +
    rect(x - w / 2 + 7, top + 7, w, h, mix(p.bg2, p.ink, 0.75)) +
    rect(x - w / 2 - 6, top - 6, w + 12, h + 12, p.paper) +
    frame(x - w / 2, top, w, h, painting(r, p, w, h)) +
    rect(x - w / 2 - 14, bottom + 4, w + 28, 11, wood, 3) +
    jars
  )
}

interface Form {
  height: number
  body: string
}

function forms(r: Random, fill: string, hole: string): Form[] {
  const w = r.int(44, 70)
  const dark = shade(fill, 0.3)
  const half = (rx: number, ry: number): string =>
    path(d`M0 ${-2 * ry}A${rx} ${ry} 0 0 1 0 0z`, dark)
  const ovoid =
    ellipse(0, -w, w * 0.72, w, fill) +
    half(w * 0.72, w) +
    ellipse(-4, -w * 1.1, w * 0.24, w * 0.4, hole)
  const ball = circle(0, -w * 0.6, w * 0.6, fill) + half(w * 0.6, w * 0.6)
  const arch = path(
    d`M${-w} 0V${-w}A${w} ${w} 0 0 1 ${w} ${-w}V0h${-w * 0.6}V${-w}` +
      d`a${w * 0.4} ${w * 0.4} 0 0 0 ${-w * 0.8} 0V0z`,
    fill,
  )
  const archSide = path(
    d`M0 ${-2 * w}A${w} ${w} 0 0 1 ${w} ${-w}V0h${-w * 0.6}V${-w}` +
      d`A${w * 0.4} ${w * 0.4} 0 0 0 0 ${-w * 1.4}z`,
    dark,
  )
  const bowl =
    path(d`M${-w} ${-w * 0.9}H${w}A${w} ${w * 0.9} 0 0 1 ${-w} ${-w * 0.9}z`, fill) +
    path(d`M0 ${-w * 0.9}H${w}A${w} ${w * 0.9} 0 0 1 0 0z`, dark)
  const cone =
    path(d`M${-w * 0.6} 0L0 ${-w * 1.5}L${w * 0.6} 0z`, fill) +
    path(d`M0 ${-w * 1.5}L${w * 0.6} 0H0z`, dark)
  const block =
    rect(-w * 0.7, -w * 0.6, w * 0.7, w * 0.6, fill) + rect(0, -w * 0.6, w * 0.7, w * 0.6, dark)
  const wing = path(
    d`M${-w * 0.2} 0C${-w * 1.6} ${-w} 0 ${-w * 2.2} ${w * 0.9} ${-w * 2.1}` +
      d`C${w * 0.1} ${-w * 1.4} ${w * 0.9} ${-w * 0.6} ${w * 0.2} 0z`,
    fill,
  )
  return [
    { height: 2 * w, body: ovoid },
    { height: 1.2 * w, body: ball },
    { height: 2 * w, body: arch + archSide },
    { height: 0.9 * w, body: bowl },
    { height: 1.5 * w, body: cone },
    { height: 0.6 * w, body: block },
    { height: 2.1 * w, body: wing },
  ]
}

function sculptureOn(r: Random, p: Palette, x: number, y: number, limit: number): string {
  let top = y
  let text = ''
  let last = -1
  const colors = r.shuffle([...p.accents, p.paper])
  for (let i = 0; i < 4; i++) {
    const choice = i === 0 ? r.pick([2, 3, 5, 0]) : r.pick([0, 1, 2, 3, 4, 5, 6])
    const form = forms(r, cycle(colors, i), p.bg)[choice]
    if (!form || choice === last || y - top + form.height > limit) continue
    text += place(x, top + 1, form.body)
    top -= form.height
    last = choice
  }
  return text
}

const sculpture: Scene = (r, p) => {
  const count = r.pick([1, 2, 3, 3])
  const floor = r.int(272, 312)
  const wall = r.pick([
    circle(320, r.int(170, 220), r.int(150, 210), p.bg2),
    path(d`M130 ${floor}V190a190 170 0 0 1 380 0V${floor}z`, p.bg2),
    rect(0, 0, r.int(200, 420), 360, p.bg2),
    path('M0 0H640L0 360z', p.bg2),
  ])
  const stands = each(count, (i) => {
    const x = 320 + (i - (count - 1) / 2) * r.int(165, 185)
    const h = r.int(30, count === 1 ? 70 : 110)
    const w = count === 1 ? 190 : 116
    const top = 330 - h
    return (
      rect(x - w / 2, top, w, h, p.paper) +
      rect(x, top, w / 2, h, shade(p.paper, 0.18)) +
      sculptureOn(r, p, x, top, top - 24)
    )
  })
  return field(p.bg) + wall + ground(floor, shade(p.bg2, 0.5)) + stands
}

function sweep(data: string, color: string, width: number, p: Palette): string {
  const bristles = each(4, (i) => {
    const tone = i % 2 ? shade(color, 0.22) : mix(color, p.paper, 0.3)
    const line = stroke(
      data,
      tone,
      width * 0.05,
      ` stroke-dasharray="${90 + i * 70} ${30 + i * 14}"`,
    )
    return `<g transform="translate(0 ${num((i - 1.5) * width * 0.22)})">${line}</g>`
  })
  return stroke(data, color, width) + bristles
}

const brushwork: Scene = (r, p) => {
  const count = r.int(3, 5)
  const colors = r.shuffle([...p.accents, p.ink, p.paper])
  const kind = r.int(0, 2)
  const width = kind === 1 ? 46 : 250 / count
  const lines = each(count, (i) => {
    const y = 50 + ((i + 0.5) * 270) / count
    const bend = r.int(-70, 70)
    const reach = r.int(420, 560)
    const wave =
      d`M${r.int(-40, 60)} ${y + bend}` + d`C200 ${y - 90} ${reach - 190} ${y + 90} ${reach} ${y}`
    const arc = d`M${80 + i * 50} 390A${240 - i * 50} ${270 - i * 54} 0 0 1 ${560 - i * 50} 390`
    const slash = d`M${i * 130 - 60} ${r.int(300, 360)}L${i * 130 + 170} ${r.int(10, 70)}`
    return sweep([wave, arc, slash][kind] ?? wave, cycle(colors, i), width, p)
  })
  const brush =
    rect(-13, -48, 26, 44, shade(p.paper, 0.3)) +
    path('M-15 -4h30q2 34 -15 60q-17 -26 -15 -60z', cycle(colors, count - 1)) +
    path('M-13 -48h26l-7 -190q-6 -10 -12 0z', p.ink)
  const sun = circle(r.int(90, 550), r.int(70, 140), r.int(40, 80), p.bg2)
  return field(p.bg) + sun + lines + place(r.int(500, 560), r.int(250, 290), brush, r.int(18, 48))
}

function visitor(p: Palette, x: number, scale: number, coat: string): string {
  const body =
    path('M-20 -96q20 -18 40 0l8 62h-56z', coat) +
    stroke('M-9 -36V0M9 -36V0', p.ink, 11) +
    circle(0, -120, 14, mix(p.ink, p.a, 0.25))
  return place(x, 350, body, 0, scale)
}

const gallery: Scene = (r, p) => {
  const floor = r.int(288, 312)
  const columns = r.int(3, 4)
  const step = 580 / columns
  const frames = each(columns, (i) => {
    const w = step - r.int(22, 50)
    const x = 30 + i * step + (step - w) / 2
    const parts = r.chance(columns === 4 ? 0.55 : 0.35) ? 2 : 1
    return each(parts, (k) => {
      const h = parts === 2 ? r.int(94, 104) : r.int(130, 200)
      const y = parts === 2 ? 34 + k * 122 : 34 + (226 - h) / 2
      const edge = r.pick([p.ink, p.paper, mix(p.bg2, p.ink, 0.5)])
      return rect(x - 6, y - 6, w + 12, h + 12, edge) + frame(x, y, w, h, painting(r, p, w, h))
    })
  })
  const people = each(r.int(1, 3), (i) =>
    visitor(p, r.int(90, 200) + i * 170, r.float(0.85, 1.05), cycle([p.paper, p.a, p.c], i)),
  )
  const light = path(sector(r.int(200, 440), -60, 420, 60, 120), p.paper)
  return field(p.bg) + faded(0.2, light) + ground(floor, p.bg2) + frames + people
}

const palettes: Scene = (r, p) => {
  const turn = r.int(-25, 20)
  const paints = r.shuffle([...p.accents, p.ink, p.a, p.b, p.bg])
  const wells = each(6, (i) => {
    const angle = (160 + i * 36) * (Math.PI / 180)
    const [x, y] = [Math.cos(angle) * 126, Math.sin(angle) * 84]
    return ellipse(x, y, r.int(24, 34), r.int(20, 28), cycle(paints, i))
  })
  const board =
    'M-190 10C-190 -90 -90 -140 30 -136C150 -132 200 -60 186 20C176 80 120 60 90 84' +
    'C60 110 70 140 -20 138C-120 136 -190 90 -190 10z'
  const hole = ellipse(64, 52, 26, 20, p.bg)
  const brushes = each(r.int(2, 4), (i) => {
    const color = cycle(paints, i + 2)
    const body =
      stroke('M0 40V190', mix(p.ink, color, 0.2), 9) +
      rect(-8, 14, 16, 30, p.bg2) +
      path('M-9 14q-2 -26 9 -48q11 22 9 48z', color)
    return place(r.int(150, 490), r.int(150, 200), body, r.int(-50, 50))
  })
  const [x, y] = [r.int(280, 360), r.int(175, 195)]
  const back = path('M0 360L640 0V360z', p.bg2)
  const shadow = place(x + 8, y + 12, path(board, shade(p.bg2, 0.44)), turn, 1.15)
  const body = path(board, p.paper) + hole + wells
  return field(p.bg) + back + shadow + place(x, y, body, turn, 1.15) + brushes
}

/** The compositions of the category art. */
export const artScenes: readonly Scene[] = [
  easel,
  easel,
  sculpture,
  sculpture,
  brushwork,
  gallery,
  gallery,
  palettes,
]
