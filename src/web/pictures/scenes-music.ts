import { instrument } from './instruments.ts'
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
  mirrored,
  path,
  place,
  rays,
  rect,
  ring,
  sector,
  stroke,
} from './shapes.ts'

function vinyl(r: Random, p: Palette, radius: number, color: string): string {
  const disk = color === p.bg ? p.paper : p.ink
  const groove = mix(disk, disk === p.ink ? p.a : p.ink, 0.22)
  const grooves = each(r.int(4, 6), (i) => ring(0, 0, radius * (0.94 - i * 0.09), groove, 2))
  const turn = r.int(0, 180)
  const shine =
    path(sector(0, 0, radius * 0.97, turn, turn + 24), color) +
    path(sector(0, 0, radius * 0.97, turn + 180, turn + 204), color)
  return (
    circle(0, 0, radius, disk) +
    faded(0.35, shine) +
    grooves +
    circle(0, 0, radius * 0.36, color) +
    r.pick([
      path(sector(0, 0, radius * 0.36, turn, turn + 180), p.paper),
      ring(0, 0, radius * 0.26, p.paper, radius * 0.05),
      path(sector(0, 0, radius * 0.36, 0, 90) + sector(0, 0, radius * 0.36, 180, 270), p.paper),
    ]) +
    circle(0, 0, radius * 0.06, p.ink)
  )
}

const turntable: Scene = (r, p) => {
  const x = r.pick([190, 230, 270])
  const radius = r.int(140, 176)
  const y = r.int(170, 190)
  const base = r.chance(0.6)
    ? rect(x - radius - 44, -20, radius * 2 + 200, 400, p.bg2, 20)
    : circle(x, y, radius + 50, p.bg2)
  const ax = x + radius + 74
  const arm =
    circle(ax, 64, 30, p.a) +
    circle(ax, 64, 13, p.paper) +
    stroke(d`M${ax} 64L${ax + 4} 210L${x + radius * 0.66} ${y + radius * 0.55}`, p.paper, 9) +
    stroke(d`M${x + radius * 0.66} ${y + radius * 0.55}l-18 16`, p.a, 22)
  const knobs = each(3, (i) => circle(ax - 20 + i * 36, 318, 12, cycle([p.a, p.b, p.c], i)))
  return (
    field(p.bg) + base + place(x, y, vinyl(r, p, radius, r.pick([p.a, p.b, p.c]))) + arm + knobs
  )
}

const sleeve: Scene = (r, p) => {
  const size = r.int(230, 270)
  const x = r.int(90, 150)
  const y = (360 - size) / 2
  const art = each(5, (i) =>
    circle(size / 2, size, size * (0.62 - i * 0.12), cycle([p.a, p.paper, p.b, p.c, p.ink], i)),
  )
  const bars = each(6, (i) =>
    rect(
      (i * size) / 6,
      size * r.float(0.15, 0.7),
      size / 6 + 1,
      size,
      cycle([p.a, p.b, p.ink], i),
    ),
  )
  const moon =
    circle(size * 0.5, size * 0.42, size * 0.28, p.a) + rect(0, size * 0.7, size, size * 0.3, p.b)
  const print = painting(r, p, size, size)
  const blank = rect(0, 0, size, size, r.pick([p.paper, p.c]))
  const cover = frame(x, y, size, size, blank + r.pick([art, bars, moon, print, print]))
  const disc = place(x + size + r.int(20, 60), 180, vinyl(r, p, size * 0.47, p.b))
  const body = disc + rect(x + 8, y + 10, size, size, shade(p.bg2, 0.4)) + cover
  const back = r.pick([
    path(rays(r.int(200, 440), 180, r.int(8, 14), r.int(0, 40)), p.bg2),
    path('M0 360L640 0V360z', p.bg2),
    each(6, (i) => rect(0, i * 64, 640, 32, p.bg2)),
  ])
  return field(p.bg) + back + (r.chance(0.5) ? body : mirrored(320, body))
}

function note(p: Palette, x: number, y: number, turn: number): string {
  const body =
    stroke('M0 0V-58M48 -8V-66M0 -58L48 -66', p.ink, 9) +
    path('M0 -62L48 -70V-56L0 -48z', p.ink) +
    ellipse(-12, 3, 17, 12, p.ink) +
    ellipse(36, -5, 17, 12, p.ink)
  return place(x, y, body, turn, 0.95)
}

const waves: Scene = (r, p) => {
  const kind = r.int(0, 2)
  const colors = r.shuffle([...p.accents, p.paper])
  if (kind === 0) {
    const count = r.int(15, 27)
    const step = 600 / count
    const peak = r.float(0.25, 0.75)
    const bars = each(count, (i) => {
      const u = i / (count - 1)
      const h = (30 + 120 * Math.exp(-(((u - peak) / 0.3) ** 2))) * r.float(0.45, 1.1)
      const x = 20 + (i + 0.5) * step
      return stroke(d`M${x} ${180 - h}V${180 + h}`, cycle(colors, Math.floor(u * 8)), step * 0.56)
    })
    return field(p.bg) + circle(20 + peak * 600, 180, 150, p.bg2) + bars
  }
  if (kind === 1) {
    const count = r.int(6, 8)
    const [swing, bend] = [r.int(60, 130), r.int(120, 220)]
    const notes = each(r.int(3, 5), (i) => note(p, 90 + i * 120, r.int(110, 270), r.int(-12, 12)))
    const sea = each(count, (i) => {
      const y = 20 + (i * 380) / count
      const lift = swing * (1 - (i / count) * 0.6)
      const top =
        d`M-10 370V${y}C${bend} ${y - lift} ${320 - bend / 2} ${y + lift} 320 ${y}` +
        d`S${640 - bend} ${y - lift} 650 ${y}V370z`
      return path(top, cycle([p.bg2, ...colors], i))
    })
    return field(p.bg) + sea + notes
  }
  const [x, y] = [r.pick([150, 220, 320, 480]), 180]
  const rings = each(9, (i) => circle(x, y, 620 - i * 66, cycle([p.bg, p.bg2, ...colors], 8 - i)))
  return rings + place(x, y, vinyl(r, p, 168, r.pick([p.a, p.b])))
}

const solo: Scene = (r, p) => {
  const kind = r.int(0, 4)
  const x = r.int(290, 350)
  const back = r.pick([
    path(rays(x, 180, r.int(9, 16), r.int(0, 40)), p.bg2),
    each(4, (i) => ring(x, 180, 60 + i * 68, p.bg2, 30)),
    path('M0 0H640L0 360z', p.bg2),
    circle(x, 180, 165, p.bg2),
    each(5, (i) => rect(i * 128 + 64, 0, 64, 360, p.bg2)),
  ])
  const turn = kind < 2 ? r.pick([-62, -48, 48, 62, 32]) : kind === 2 ? r.int(-20, 4) : 0
  const shift = kind < 2 ? Math.sin((turn * Math.PI) / 180) * -58 : 0
  const size = [1.2, 1.2, 1.22, 1.3, 1.22][kind] ?? 1
  const notes = each(r.int(2, 4), (i) => {
    const body =
      stroke('M0 0V-52Q20 -50 24 -28', cycle([p.c, p.b], i), 7) +
      `<ellipse cx="-11" cy="2" rx="15" ry="11" fill="${cycle([p.c, p.b], i)}"/>`
    return place(
      cycle([80, 560, 130, 520], i),
      cycle([110, 120, 290, 300], i),
      body,
      r.int(-14, 14),
      r.float(0.9, 1.3),
    )
  })
  return (
    field(p.bg) +
    back +
    (r.chance(0.6) ? notes : '') +
    place(x - shift, kind < 2 ? 200 : 180, instrument(kind, p, p.a), turn, size)
  )
}

function speaker(p: Palette, x: number, y: number, w: number, color: string): string {
  return (
    rect(x, y, w, w * 1.7, color, 6) +
    circle(x + w / 2, y + w * 0.42, w * 0.22, p.ink) +
    circle(x + w / 2, y + w * 0.42, w * 0.1, p.paper) +
    circle(x + w / 2, y + w * 1.12, w * 0.4, p.ink) +
    ring(x + w / 2, y + w * 1.12, w * 0.3, color, w * 0.05) +
    circle(x + w / 2, y + w * 1.12, w * 0.14, p.paper)
  )
}

const stage: Scene = (r, p) => {
  const floor = 300
  const count = r.int(3, 6)
  const beams = each(count, (i) => {
    const x = 60 + (i * 520) / (count - 1)
    const to = x + r.int(-150, 150)
    return faded(
      0.4,
      path(d`M${x - 8} 0L${to - 70} ${floor}H${to + 70}L${x + 8} 0z`, cycle([p.a, p.b, p.c], i)),
    )
  })
  const lamps = each(count, (i) => rect(46 + (i * 520) / (count - 1), 0, 28, 26, p.ink, 6))
  const w = r.int(76, 96)
  const stacks = [14, 626 - w]
    .map(
      (x) =>
        speaker(p, x, floor - w * 1.7, w, p.b) +
        (w < 88 ? speaker(p, x, floor - w * 3.42, w, p.c) : ''),
    )
    .join('')
  const middle = place(
    320,
    floor - 120,
    instrument(r.pick([3, 3, 4]), p, p.a),
    0,
    r.float(0.78, 0.92),
  )
  const hands = each(14, (i) => {
    const x = i * 49 + r.int(-8, 8)
    const up = r.chance(0.35)
    const arm = up ? stroke(d`M${x - 16} 380L${x - 22} ${r.int(270, 296)}`, p.ink, 11) : ''
    return arm + circle(x, 346 + r.int(-6, 8), 22, p.ink)
  })
  return field(p.bg) + beams + lamps + ground(floor, shade(p.bg2, 0.3)) + stacks + middle + hands
}

/** The compositions of the category music. */
export const musicScenes: readonly Scene[] = [turntable, sleeve, waves, solo, solo, solo, stage]
