import { mix, type Palette, shade } from './palettes.ts'
import type { Random } from './random.ts'
import { robot } from './robots.ts'
import type { Scene } from './scene.ts'
import {
  circle,
  clipped,
  cycle,
  d,
  disc,
  dotRow,
  dots,
  each,
  ellipse,
  faded,
  field,
  frame,
  ground,
  mirrored,
  path,
  place,
  polar,
  rect,
  ring,
  sector,
  stroke,
} from './shapes.ts'
import { rocket, satellite } from './spacecraft.ts'

function starfield(r: Random, p: Palette, count: number): string {
  const points: number[] = []
  for (let i = 0; i < count; i++) points.push(r.int(10, 630), r.int(10, 350))
  return dots(points, p.line, 4)
}

const circuit: Scene = (r, p) => {
  const [x, y] = [r.pick([200, 320, 320, 440]), r.int(160, 200)]
  const half = r.int(60, 84)
  const lanes = r.int(4, 6)
  const colors = r.shuffle([...p.accents, p.paper])
  const layers = new Map<string, { lines: string; ends: number[] }>()
  const pins = each(lanes, (i) => {
    const o = ((i + 0.5) / lanes - 0.5) * half * 1.7
    const fan = Math.round(((i - (lanes - 1) / 2) * r.int(24, 40)) / 4) * 4
    const reach = r.int(90, 190)
    const color = cycle(colors, i)
    const layer = layers.get(color) ?? { lines: '', ends: [] }
    for (const side of [-1, 1]) {
      const far = side * (half + 40 + reach + Math.abs(fan))
      layer.lines +=
        d`M${x + side * half} ${y + o}h${side * 30}` + d`l${side * Math.abs(fan)} ${fan}H${x + far}`
      layer.ends.push(x + far, y + o + fan)
      const up = side * (half + 30 + Math.abs(fan) * 0.7 + r.int(10, 50))
      layer.lines +=
        d`M${x + o} ${y + side * half}v${side * 20}` +
        d`l${fan} ${side * Math.abs(fan)}V${y + up + side * 20}`
      layer.ends.push(x + o + fan, y + up + side * 20)
    }
    layers.set(color, layer)
    return d`M${x - half - 12} ${y + o}h${half * 2 + 24}M${x + o} ${y - half - 12}v${half * 2 + 24}`
  })
  const traces = [...layers]
    .map(
      ([color, layer]) =>
        stroke(layer.lines, color, 6) + dots(layer.ends, color, 21) + dots(layer.ends, p.bg, 11),
    )
    .join('')
  const core = r.pick([
    rect(x - half * 0.5, y - half * 0.5, half, half, p.a, 8),
    circle(x, y, half * 0.55, p.a) + circle(x, y, half * 0.25, p.ink),
    path(sector(x, y, half * 0.6, 0, 90) + sector(x, y, half * 0.6, 180, 270), p.a) +
      path(sector(x, y, half * 0.6, 90, 180) + sector(x, y, half * 0.6, 270, 360), p.b),
    each(9, (i) =>
      rect(
        x - half * 0.55 + (i % 3) * half * 0.4,
        y - half * 0.55 + Math.floor(i / 3) * half * 0.4,
        half * 0.3,
        half * 0.3,
        cycle(colors, i),
        4,
      ),
    ),
  ])
  const grid = dotRow(
    each(6, (i) => d`M10 ${i * 66 + 16}H640`),
    p.bg2,
    6,
    62,
  )
  return (
    field(p.bg) +
    grid +
    circle(x, y, r.int(150, 190), p.bg2) +
    traces +
    stroke(pins, p.paper, 8) +
    rect(x - half, y - half, half * 2, half * 2, p.ink, 12) +
    core
  )
}

const orbit: Scene = (r, p, uid) => {
  const [x, y] = r.pick([
    [320, 200],
    [180, 240],
    [470, 230],
    [320, 420],
    [120, 360],
  ] as const)
  const size = y > 340 ? r.int(210, 260) : r.int(88, 126)
  const stripes = each(5, (i) => {
    const sy = y - size + ((i + 0.6) * size * 2) / 5
    return (
      d`M${x - size} ${sy}` +
      d`c${size * 0.6} ${r.int(-18, 18)} ${size * 1.2} ${r.int(-18, 18)} ` +
      d`${size * 2} ${r.int(-14, 14)}` +
      d`v${size * 0.16}H${x - size}z`
    )
  })
  const planet = clipped(
    uid,
    disc(x, y, size),
    circle(x, y, size, p.a) +
      path(stripes, mix(p.a, p.b, 0.5)) +
      faded(0.25, circle(x + size * 0.4, y + size * 0.3, size, p.ink)),
  )
  const rings = each(r.int(2, 3), (i) => ring(x, y, size + 44 + i * 46, p.bg2, 4))
  const moonAt = polar(x, y, size + 44, r.int(190, 340))
  const moon = circle(moonAt[0], moonAt[1], r.int(13, 24), p.c)
  const craft = r.chance(0.6)
    ? place(x > 320 ? 180 : 460, 118, satellite(r, p), r.int(-34, 34), r.float(0.85, 1.05))
    : place(
        x > 320 ? 190 : 460,
        150,
        rocket(p),
        r.int(20, 50) * (x > 320 ? -1 : 1),
        r.float(0.8, 1),
      )
  return field(p.bg) + starfield(r, p, r.int(14, 26)) + rings + planet + moon + craft
}

function screen(r: Random, p: Palette, w: number, h: number): string {
  const bars = each(6, (i) =>
    rect(w * (0.1 + i * 0.14), h - h * r.float(0.2, 0.8), w * 0.09, h, cycle(p.accents, i), 3),
  )
  const line = stroke(
    d`M${w * 0.08} ${h * 0.7}L${w * 0.3} ${h * r.float(0.3, 0.6)}L${w * 0.5} ${h * 0.55}` +
      d`L${w * 0.7} ${h * r.float(0.2, 0.4)}L${w * 0.92} ${h * 0.25}`,
    p.a,
    7,
  )
  const pie =
    circle(w / 2, h / 2, h * 0.34, p.b) +
    path(sector(w / 2, h / 2, h * 0.34, -90, r.int(0, 160)), p.a) +
    circle(w / 2, h / 2, h * 0.15, p.paper)
  const code = each(
    6,
    (i) =>
      stroke(
        d`M${w * (0.1 + (i % 3) * 0.07)} ${h * (0.14 + i * 0.145)}h${w * r.float(0.15, 0.4)}`,
        cycle(p.accents, i),
        7,
      ) +
      stroke(
        d`M${w * 0.66} ${h * (0.14 + i * 0.145)}h${w * r.float(0.05, 0.22)}`,
        cycle(p.accents, i + 1),
        7,
      ),
  )
  const globe =
    circle(w / 2, h / 2, h * 0.36, p.b) +
    stroke(
      d`M${w / 2} ${h * 0.14}V${h * 0.86}M${w / 2 - h * 0.36} ${h / 2}h${h * 0.72}`,
      p.paper,
      4,
    ) +
    stroke(
      d`M${w / 2} ${h * 0.14}a${h * 0.17} ${h * 0.36} 0 0 1 0 ${h * 0.72}` +
        d`a${h * 0.17} ${h * 0.36} 0 0 1 0 ${-h * 0.72}`,
      p.paper,
      4,
    )
  return rect(0, 0, w, h, p.ink) + r.pick([bars, line, pie, code, globe])
}

const devices: Scene = (r, p) => {
  const floor = r.int(288, 312)
  const x = r.int(250, 330)
  const flip = r.chance(0.5)
  const view = (vx: number, vy: number, w: number, h: number): string =>
    frame(vx, vy, w, h, screen(r, p, w, h))
  const laptop =
    rect(x - 150, floor - 206, 300, 200, p.paper, 14) +
    view(x - 138, floor - 194, 276, 174) +
    path(d`M${x - 190} ${floor - 8}h380l-14 20h-352z`, shade(p.paper, 0.25))
  const monitor =
    rect(x - 170, floor - 256, 340, 212, p.a, 14) +
    view(x - 156, floor - 242, 312, 168) +
    rect(x - 24, floor - 46, 48, 44, shade(p.a, 0.35)) +
    rect(x - 76, floor - 6, 152, 14, shade(p.a, 0.3), 6)
  const retro =
    rect(x - 130, floor - 250, 260, 214, p.c, 22) +
    rect(x - 108, floor - 228, 216, 156, shade(p.c, 0.25), 16) +
    view(x - 94, floor - 214, 188, 128) +
    rect(x - 160, floor - 36, 320, 44, shade(p.c, 0.15), 10) +
    rect(x + 40, floor - 22, 90, 8, p.ink)
  const phone = rect(x + 210, floor - 150, 84, 160, p.b, 14) + view(x + 218, floor - 138, 68, 136)
  const gadget =
    circle(x + 250, floor - 50, 56, p.b) +
    circle(x + 250, floor - 50, 42, p.ink) +
    ring(x + 250, floor - 50, 30, p.c, 6) +
    circle(x + 250, floor - 50, 9, p.a)
  const plug = stroke(d`M${x - 150} ${floor + 6}c-60 20 -90 -30 -160 20s-60 20 -90 10`, p.line, 6)
  const waves = each(
    3,
    (i) =>
      path(sector(x + 250, floor - 190, 0, 0, 0), 'none') +
      stroke(
        d`M${x + 226 - i * 16} ${floor - 190 - i * 18}` +
          d`a${34 + i * 24} ${34 + i * 24} 0 0 1 ${48 + i * 32} 0`,
        p.c,
        8,
      ),
  )
  const back = r.pick([
    circle(x, 160, 165, p.bg2),
    rect(0, 0, r.int(200, 420), 360, p.bg2),
    each(8, (i) => rect(i * 80, 0, 40, 360, p.bg2)),
  ])
  const body = r.pick([laptop, monitor, retro]) + plug + r.pick([phone + waves, gadget, phone])
  return (
    field(p.bg) + back + ground(floor, shade(p.bg2, 0.35)) + (flip ? mirrored(320, body) : body)
  )
}

const city: Scene = (r, p) => {
  const [w, h] = [46, 26]
  const colors = r.shuffle([...p.accents, p.paper])
  const n = 5
  let text = ''
  for (let k = 0; k < n * n; k++) {
    const [i, j] = [Math.floor(k / n), k % n]
    const x = 320 + (i - j) * (w + 8)
    const y = 110 + (i + j) * (h + 5)
    const tall = r.pick([8, 8, 16, 30, 50, 84]) * (r.chance(0.9) ? 1 : 1.4)
    const color = tall < 12 ? p.bg2 : cycle(colors, r.int(0, 3))
    const left = d`M${x - w} ${y}L${x} ${y + h}v${-tall}L${x - w} ${y - tall}z`
    const right = d`M${x + w} ${y}L${x} ${y + h}v${-tall}L${x + w} ${y - tall}z`
    const top = d`M${x} ${y - h - tall}l${w} ${h}l${-w} ${h}l${-w} ${-h}z`
    const walls = path(left, shade(color, 0.22)) + path(right, shade(color, 0.42))
    text += (tall > 12 ? walls : '') + path(top, color)
    if (tall > 12 && r.chance(0.5))
      text += ellipse(x, y - tall, 18, 10, r.chance(0.5) ? p.ink : p.paper)
  }
  const plate = path('M320 58L640 234L320 410L0 234z', shade(p.bg2, 0.4))
  const glow = faded(0.6, circle(r.int(80, 560), r.int(60, 120), r.int(60, 120), p.bg2))
  return field(p.bg) + glow + plate + text
}

/** The compositions of the category technology. */
export const technologyScenes: readonly Scene[] = [
  circuit,
  circuit,
  robot,
  robot,
  orbit,
  orbit,
  devices,
  devices,
  city,
]
