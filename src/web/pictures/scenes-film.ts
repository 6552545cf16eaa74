import { landscape, tones } from './miniatures.ts'
import { mix, type Palette, shade } from './palettes.ts'
import type { Random } from './random.ts'
import type { Scene } from './scene.ts'
import {
  band,
  circle,
  d,
  disc,
  each,
  faded,
  field,
  frame,
  ground,
  mirrored,
  path,
  place,
  polar,
  polygon,
  rect,
  ring,
  star,
  stroke,
} from './shapes.ts'

function reel(r: Random, p: Palette, radius: number, color: string): string {
  const holes = r.pick([3, 5, 6])
  const size = radius * (holes === 3 ? 0.3 : 0.22)
  const turn = r.int(0, 60)
  const cut = each(holes, (i) => {
    const [x, y] = polar(0, 0, radius * 0.58, turn + (i * 360) / holes)
    return disc(x, y, size)
  })
  return (
    circle(0, 0, radius, color) +
    ring(0, 0, radius * 0.9, shade(color, 0.3), radius * 0.06) +
    path(cut, p.ink) +
    circle(0, 0, radius * 0.16, p.ink) +
    circle(0, 0, radius * 0.07, p.paper)
  )
}

const projector: Scene = (r, p) => {
  const flip = r.chance(0.5)
  const y = r.int(190, 230)
  const size = r.float(0.9, 1.1)
  const [top, h] = [r.int(20, 50), r.int(200, 250)]
  const w = r.int(250, 310)
  const x = 620 - w
  const beam = path(d`M196 ${y}L${x} ${top}V${top + h}L196 ${y + 16}z`, p.paper)
  const machine =
    place(-44, -92, reel(r, p, 54, p.a)) +
    place(54, -76, reel(r, p, 42, p.c)) +
    rect(-80, -40, 160, 92, p.paper, 8) +
    rect(-80, 14, 160, 38, shade(p.paper, 0.25), 8) +
    rect(80, -16, 36, 48, p.a, 4) +
    path('M-56 52L-86 150H-72L-40 52zM56 52L86 150H72L40 52z', p.c) +
    circle(-46, -12, 10, p.b) +
    stroke('M-10 -12h60M-10 4h40', p.ink, 5)
  const screen =
    rect(x - 8, top - 8, w + 16, h + 16, p.ink) +
    frame(x, top, w, h, landscape(r, tones(r, p, true), w, h))
  const body = faded(0.3, beam) + screen + place(110, y + 8, machine, 0, size)
  const view = flip ? mirrored(320, body) : body
  return field(p.bg) + ground(r.int(290, 320), p.bg2) + view
}

const cinema: Scene = (r, p) => {
  const wide = r.pick([430, 490, 540])
  const h = wide / r.pick([2.35, 2, 1.9])
  const x = 320 - wide / 2
  const top = r.int(20, 34)
  const seats = r.pick([5, 6, 7])
  const row = (y: number, size: number, shift: number, color: string): string =>
    each(seats + 1, (i) => {
      const cx = ((i + shift) * 640) / seats
      const head = r.chance(0.75)
        ? circle(cx, y - size * 0.5, size * 0.34, mix(p.ink, p.a, 0.12)) +
          (r.chance(0.25) ? circle(cx, y - size * 0.86, size * 0.16, p.ink) : '')
        : ''
      return (
        head +
        path(
          d`M${cx - size * 0.62} 370V${y + size * 0.2}` +
            d`q0 ${-size * 0.34} ${size * 0.3} ${-size * 0.34}h${size * 0.64}` +
            d`q${size * 0.3} 0 ${size * 0.3} ${size * 0.34}V370z`,
          color,
        )
      )
    })
  const glow = path(d`M${x} ${top + h}H${x + wide}L660 370H-20z`, p.a)
  const drapes =
    rect(0, 0, x - 16, 360, p.b) +
    rect(x + wide + 16, 0, x, 360, p.b) +
    each(
      3,
      (i) =>
        rect(i * (x / 3), 0, x / 7, 360, shade(p.b, 0.3)) +
        rect(640 - i * (x / 3) - x / 7, 0, x / 7, 360, shade(p.b, 0.3)),
    )
  return (
    field(p.bg) +
    faded(0.25, glow) +
    (r.chance(0.6) ? drapes : '') +
    rect(x - 8, top - 8, wide + 16, h + 16, p.ink) +
    frame(x, top, wide, h, landscape(r, tones(r, p, true), wide, h)) +
    row(292, 74, 0.5, shade(p.b, 0.3)) +
    row(334, 92, 0, mix(p.bg2, p.ink, 0.55))
  )
}

const strip: Scene = (r, p) => {
  const turn = r.pick([-16, -9, 8, 14, 0])
  const rows = turn === 0 ? 2 : r.pick([1, 1, 2])
  const h = rows === 1 ? r.int(170, 210) : 128
  const w = h * (rows === 1 ? 1.35 : 1.75)
  const holes = (y: number, wide: number): string =>
    stroke(
      d`M${-wide} ${y}H${wide}`,
      p.paper,
      13,
      ' stroke-dasharray="14 20" stroke-linecap="butt"',
    )
  const film = (y: number, shift: number): string => {
    const count = Math.ceil(790 / (w + 14))
    const cells = each(count, (i) => {
      const x = -410 + shift + i * (w + 14)
      return frame(x, y - h / 2, w, h, landscape(r, tones(r, p, true), w, h))
    })
    return (
      rect(-460, y - h / 2 - 34, 920, h + 68, p.ink) +
      cells +
      holes(y - h / 2 - 17, 450) +
      holes(y + h / 2 + 17, 450)
    )
  }
  const strips =
    rows === 1 ? film(0, r.int(-90, 0)) : film(-104, r.int(-90, -40)) + film(112, r.int(-60, 0))
  const back = r.pick([circle(r.int(160, 480), 180, 170, p.bg2), path('M0 360L640 0V360z', p.bg2)])
  return field(p.a === p.bg ? p.b : p.bg) + back + place(320, 180, strips, turn)
}

function clapper(p: Palette, open: number): string {
  const stripes = each(5, (i) => d`M${-120 + i * 56} 0h28l-16 38h-28z`)
  const arm = rect(-134, 0, 268, 38, p.paper, 4) + path(stripes, p.ink)
  const board =
    rect(-134, 44, 268, 170, p.ink, 6) +
    stroke('M-112 112H112M-112 160H112M-30 112V196M50 112V196', p.paper, 3) +
    rect(-112, 62, 140, 26, p.a, 3) +
    circle(84, 76, 14, p.b)
  const top = `<g transform="translate(-134 44) rotate(${-open}) translate(134 -44)">${arm}</g>`
  return top + board
}

const reels: Scene = (r, p) => {
  const x = r.int(180, 260)
  const flip = r.chance(0.5)
  const radius = r.int(130, 158)
  const tape =
    d`M${x} ${180 + radius - 14}` +
    d`C${x + 180} ${200 + radius} 420 ${r.int(160, 240)} 660 ${r.int(200, 340)}`
  const ribbon =
    stroke(tape, p.ink, 44) +
    stroke(tape, p.b, 30, ' stroke-dasharray="34 8" stroke-linecap="butt"')
  const extra = r.chance(0.6)
    ? place(470, r.int(96, 120), clapper(p, r.int(10, 28)), r.int(-8, 8), 0.86)
    : place(480, 140, reel(r, p, r.int(80, 104), p.c))
  const body = ribbon + place(x, 180, reel(r, p, radius, p.a)) + extra
  const view = flip ? mirrored(320, body) : body
  const back = r.pick([
    path('M0 0H640L0 360z', p.bg2),
    circle(440, 140, 180, p.bg2),
    ground(r.int(230, 280), p.bg2),
  ])
  return field(p.bg) + back + view
}

const countdown: Scene = (r, p) => {
  const [x, y] = [320, 180]
  const sweep = r.int(40, 320)
  const [ax, ay] = polar(x, y, 420, -90 + sweep)
  const wedge = d`M${x} ${y}V-240A420 420 0 ${sweep > 180 ? 1 : 0} 1 ${ax} ${ay}z`
  const size = r.int(112, 134)
  const inner = size - r.int(22, 40)
  const mark = r.pick([
    star(x, y + 4, 5, inner * 0.72, inner * 0.3),
    polygon([
      x - inner * 0.3,
      y - inner * 0.5,
      x + inner * 0.6,
      y,
      x - inner * 0.3,
      y + inner * 0.5,
    ]),
    disc(x, y, inner * 0.42),
  ])
  const cross = stroke('M0 180H640M320 0V360', p.line, 3)
  const perforations = each(2, (i) =>
    band(d`M-4 ${18 + i * 324}H660`, p.ink, 22, ' stroke-dasharray="24 30"'),
  )
  return (
    field(p.bg) +
    path(wedge, p.bg2) +
    cross +
    circle(x, y, size, p.paper) +
    circle(x, y, inner, p.a) +
    ring(x, y, size + 16, p.paper, 4) +
    path(mark, p.paper) +
    perforations
  )
}

/** The compositions of the category film. */
export const filmScenes: readonly Scene[] = [
  projector,
  projector,
  cinema,
  cinema,
  strip,
  strip,
  reels,
  reels,
  countdown,
]
