import { landscape, tones } from './miniatures.ts'
import { dusk, mix, type Palette, shade } from './palettes.ts'
import type { Random } from './random.ts'
import type { Scene } from './scene.ts'
import {
  band,
  circle,
  cycle,
  d,
  each,
  faded,
  field,
  frame,
  ground,
  path,
  place,
  polar,
  rect,
  ring,
  stroke,
} from './shapes.ts'

function tower(r: Random, p: Palette, box: readonly number[], color: string): string {
  const [x = 0, y = 0, w = 0] = box
  const lit = r.pick([p.a, p.b, p.paper])
  const gap = r.pick([12, 14, 16])
  const rows = Math.floor((340 - y) / (gap * 1.4))
  const roof = r.pick([
    '',
    d`M${x + w * 0.2} ${y}v-18h${w * 0.6}v18z`,
    d`M${x} ${y}l${w / 2} -34l${w / 2} 34z`,
    d`M${x + w / 2 - 2} ${y}v-46h4v46z`,
    d`M${x + w * 0.25} ${y}v-16h${w * 0.15}v-14h${w * 0.2}v14h${w * 0.15}v16z`,
  ])
  const lines = each(rows, (i) =>
    r.chance(0.7)
      ? d`M${x + 8 + r.int(0, 2) * gap} ${y + 14 + i * gap * 1.4}H${x + w - 6 - r.int(0, 2) * gap}`
      : '',
  )
  const lights = band(lines, lit, gap * 0.62, ` stroke-dasharray="${gap * 0.5} ${gap * 0.5}"`)
  return path(d`M${x} 360V${y}h${w}V360z` + roof, color) + lights
}

const skyline: Scene = (r, p) => {
  const moonX = r.int(100, 540)
  const moon = circle(moonX, r.int(70, 150), r.int(40, 90), r.pick([p.paper, p.a, p.c]))
  const far = each(9, (i) => d`M${i * 74 - 10} 360V${r.int(110, 230)}h${r.int(50, 76)}V360z`)
  const colors = [p.ink, mix(p.dark ? p.bg2 : dusk(p), p.ink, 0.5), mix(p.ink, p.b, 0.2)]
  let x = r.int(-30, 0)
  let towers = ''
  let i = 0
  while (x < 640) {
    const w = r.int(62, 108)
    towers += tower(r, p, [x, r.int(80, 250), w], cycle(colors, i++))
    x += w + r.pick([0, 0, 8, 20])
  }
  const night = !p.dark && r.chance(0.6) ? p.bg : dusk(p)
  const beam = d`M${moonX} 380L${moonX - 170} -20H${moonX - 60}z`
  return (
    field(night) +
    (r.chance(0.4) ? faded(0.3, path(beam, p.a)) : '') +
    moon +
    path(far, mix(night, p.ink, 0.35)) +
    towers
  )
}

function newspaper(r: Random, p: Palette, w: number, h: number, tint: string): string {
  const ink = p.ink
  const gap = w * 0.05
  const columns = r.int(3, 4)
  const inner = w - 2 * gap
  const cw = (inner - gap * (columns - 1)) / columns
  const big = r.int(1, columns - 1)
  const iw = cw * big + gap * (big - 1)
  const left = r.chance(0.5)
  const ix = left ? gap : w - gap - iw
  const top = h * 0.3
  const ih = h * r.float(0.3, 0.42)
  const text = each(columns, (i) => {
    const x = gap + i * (cw + gap)
    const under = left ? i < big : i >= columns - big
    const from = under ? top + ih + gap : top + 4
    const rows = Math.max(0, Math.floor((h - gap - from) / (h * 0.055)))
    return each(rows, (k) => d`M${x} ${from + k * h * 0.055}h${k === rows - 1 ? cw * 0.6 : cw}`)
  })
  return (
    rect(6, 8, w, h, mix(p.ink, tint, 0.1)) +
    rect(0, 0, w, h, p.paper) +
    rect(gap, gap, inner * r.float(0.4, 0.6), h * 0.07, tint) +
    rect(w - gap - inner * 0.18, gap, inner * 0.18, h * 0.07, ink) +
    band(d`M${gap} ${h * 0.165}h${inner}`, ink, 2) +
    rect(gap, h * 0.19, inner * r.float(0.75, 1), h * 0.07, ink) +
    frame(ix, top, iw, ih, landscape(r, tones(r, p), iw, ih)) +
    band(text, shade(p.paper, 0.35), h * 0.02)
  )
}

const papers: Scene = (r, p) => {
  const layout = r.int(0, 2)
  const back = r.pick([
    circle(r.int(180, 460), 180, 170, p.bg2),
    path('M0 360L640 0V360z', p.bg2),
    each(5, (i) => rect(i * 128, 0, 64, 360, p.bg2)),
  ])
  const sheet = (x: number, y: number, w: number, h: number, turn: number, tint: string): string =>
    place(x, y, place(-w / 2, -h / 2, newspaper(r, p, w, h, tint)), turn)
  const one = sheet(320 + r.int(-50, 50), 200, 300, 350, r.int(-14, 14), p.a)
  const two =
    sheet(190, 200, 250, 300, r.int(-16, -4), p.a) + sheet(450, 190, 250, 300, r.int(4, 16), p.b)
  const wall = each(3, (i) =>
    sheet(110 + i * 210, 190, 176, 236, r.int(-5, 5), cycle(p.accents, i)),
  )
  const line =
    stroke('M-10 52Q320 84 650 52', p.line, 4) +
    each(3, (i) => rect(104 + i * 210, 58, 12, 30, p.a, 3))
  return field(p.bg) + back + ([one, two, wall + line][layout] ?? one)
}

function microphone(r: Random, p: Palette, color: string): string {
  const kind = r.int(0, 2)
  const grille = mix(p.ink, color === p.paper ? p.c : color, 0.4)
  const cube = rect(-25, 36, 50, 42, color, 4) + circle(0, 57, 11, p.paper)
  const stem = path('M-16 20H16L10 330H-10z', p.ink)
  const heads = [
    circle(0, 0, 36, grille) + stroke('M-30 -12H30M-34 6H34M-12 -30V30M12 -30V30', color, 4),
    rect(-30, -54, 60, 84, grille, 30) + stroke('M-28 -26H28M-28 -8H28M-28 10H28', p.paper, 4),
    path('M-32 16V-20a32 32 0 0 1 64 0V16z', color) +
      path('M0 -52a32 32 0 0 1 32 32V16H0z', shade(color, 0.3)),
  ]
  return stem + (heads[kind] ?? '') + cube
}

const microphones: Scene = (r, p) => {
  const count = r.int(4, 7)
  const colors = r.shuffle([...p.accents, p.paper])
  const order = r.shuffle(Array.from({ length: count }, (_, i) => i))
  const mics = order.map((i) => {
    const angle = (i - (count - 1) / 2) * (112 / count)
    const [x, y] = polar(320, 470, r.int(270, 350), angle - 90)
    return place(x, y, microphone(r, p, cycle(colors, i)), angle, r.float(0.95, 1.2))
  })
  const waves = each(4, (i) => ring(320, r.pick([-20, 0]), 70 + i * 62, p.bg2, 22))
  const lectern = path('M180 330H460L440 360H200z', p.ink)
  return field(p.bg) + waves + mics.join('') + lectern
}

function typewriter(p: Palette, color: string): string {
  const keys = each(3, (i) => d`M${-88 + i * 6} ${-40 + i * 20}H${90 - i * 6}`)
  return (
    rect(-82, -236, 164, 130, p.paper) +
    stroke('M-60 -212h70M-60 -190h120M-60 -170h104M-60 -150h116', shade(p.paper, 0.35), 6) +
    rect(-138, -130, 276, 26, p.ink, 13) +
    circle(-146, -117, 15, p.b) +
    circle(146, -117, 15, p.b) +
    path('M-112 -106H112L134 -56V12H-134V-56z', color) +
    path('M-134 -8H134V12H-134z', shade(color, 0.3)) +
    path('M-50 -106H50L42 -76H-42z', p.ink) +
    stroke(keys, p.ink, 13, ' stroke-dasharray="0 19.6"')
  )
}

const desk: Scene = (r, p) => {
  const floor = r.int(270, 290)
  const side = r.pick([-1, 1])
  const x = 320 - side * r.int(10, 60)
  const lampX = x + side * 235
  const night = dusk(p)
  const t = { ...tones(r, p), sky: mix(night, p.ink, 0.3) }
  const pane =
    frame(40, 24, 560, 200, landscape(r, t, 560, 200)) +
    band('M226 24V224M414 24V224M40 124H600', mix(night, p.paper, 0.25), 7) +
    rect(28, 222, 584, 14, mix(night, p.paper, 0.25))
  const wallArt = r.chance(0.55) ? pane : circle(lampX - side * 90, 150, 170, p.bg2)
  const cone = path(
    d`M${lampX - side * 74} 118L${lampX - side * 230} ${floor + 30}H${lampX + side * 40}z`,
    p.a,
  )
  const lamp =
    stroke(
      d`M${lampX} ${floor + 24}L${lampX + side * 34} ${floor - 90}L${lampX - side * 54} 100`,
      p.paper,
      7,
    ) +
    path(
      d`M${lampX - side * 30} 84L${lampX - side * 100} 84` +
        d`L${lampX - side * 116} 130L${lampX - side * 20} 130z`,
      p.b,
    ) +
    rect(lampX - 38, floor + 18, 76, 12, p.b, 5)
  const cup = place(
    x - side * 210,
    floor + 30,
    rect(-24, -52, 48, 52, p.c, 6) +
      stroke(d`M${-side * 24} -40q${-side * 24} 2 ${-side * 20} 18t${side * 20} 10`, p.c, 7),
  )
  const stack = each(4, (i) =>
    rect(
      x - side * 210 - 60 + r.int(-6, 6),
      floor + 18 - i * 13,
      120,
      11,
      cycle([p.paper, shade(p.paper), p.c], i),
    ),
  )
  return (
    field(night) +
    wallArt +
    ground(floor, mix(p.bg2, p.ink, 0.35)) +
    faded(0.25, cone) +
    place(x, floor + 32, typewriter(p, r.pick([p.a, p.c])), 0, r.float(0.98, 1.1)) +
    lamp +
    (r.chance(0.5) ? cup : stack)
  )
}

const broadcast: Scene = (r, p) => {
  const x = r.int(220, 420)
  const top = r.int(70, 100)
  const night = dusk(p)
  const waves = each(r.int(3, 5), (i) =>
    ring(x, top, 60 + i * 58, mix(p.dark ? p.bg2 : night, p.paper, 0.12), 24),
  )
  const foot = 330
  const half = (y: number): number => 6 + ((y - top) / (foot - top)) * 64
  const lattice = each(6, (i) => {
    const y = top + 30 + i * 38
    const next = y + 38
    return (
      d`M${x - half(y)} ${y}L${x + half(next)} ${next}` +
      d`M${x + half(y)} ${y}L${x - half(next)} ${next}H${x + half(next)}`
    )
  })
  const legs = d`M${x - 6} ${top}L${x - 70} ${foot}M${x + 6} ${top}L${x + 70} ${foot}`
  const tower = stroke(lattice, p.a, 4) + stroke(legs, p.a, 9) + stroke(d`M${x} ${top}v-34`, p.a, 6)
  const roofs = each(11, (i) => d`M${i * 60 - 10} 360V${r.int(270, 320)}h56V360z`)
  const lights = each(3, (i) => d`M6 ${316 + i * 16}H640`)
  const dishes = each(2, (i) => {
    const side = i ? 1 : -1
    return place(
      x + side * 30,
      top + 100 + i * 50,
      path('M-22 -22A31 31 0 0 0 22 22z', p.paper),
      side * 45,
    )
  })
  return (
    field(night) +
    waves +
    tower +
    dishes +
    circle(x, top - 34, 12, p.paper) +
    path(roofs, p.ink) +
    band(lights, p.b, 7, ' stroke-dasharray="7 13 7 33"')
  )
}

/** The compositions of the category journalism. */
export const journalismScenes: readonly Scene[] = [
  skyline,
  skyline,
  papers,
  papers,
  microphones,
  microphones,
  desk,
  desk,
  broadcast,
]
