import { patch, pot, sprig, weave, yarnBall } from './craft-parts.ts'
import { mix, type Palette, shade } from './palettes.ts'
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
  ring,
  stroke,
} from './shapes.ts'

const loom: Scene = (r, p) => {
  const w = r.int(340, 460)
  const x = r.pick([(640 - w) / 2, 60, 580 - w])
  const level = r.int(120, 190)
  const wood = shade(p.a, 0.55)
  const colors = [...p.accents, p.paper, p.ink]
  let y = 322
  let cloth = ''
  while (y > level) {
    const h = r.pick([10, 16, 26, 34, 44])
    y -= h
    cloth += weave(r, colors, [x, y, w, h])
  }
  const threads = each(Math.floor(w / 12), (i) => d`M${x + 6 + i * 12} 40V322`)
  const shuttleX = x + w * r.float(0.2, 0.7)
  const shuttle =
    stroke(
      d`M${x + w} ${y - 4}Q${(x + w + shuttleX) / 2} ${y - 40} ${shuttleX + 50} ${y - 34}`,
      p.a,
      4,
    ) +
    path(d`M${shuttleX - 70} ${y - 34}q70 -34 140 0q-70 34 -140 0z`, wood) +
    ellipse(shuttleX, y - 34, 34, 8, p.b)
  return (
    field(p.bg) +
    circle(r.int(80, 560), r.int(80, 200), r.int(90, 150), p.bg2) +
    rect(x - 34, 0, 18, 360, wood) +
    rect(x + w + 16, 0, 18, 360, wood) +
    band(threads, p.dark ? p.paper : shade(p.paper, 0.25), 2) +
    cloth +
    rect(x - 48, 24, w + 96, 22, wood, 6) +
    rect(x - 48, 322, w + 96, 24, wood, 6) +
    shuttle
  )
}

const pottery: Scene = (r, p, uid) => {
  const rows = r.pick([1, 1, 2])
  const colors = r.shuffle([...p.accents, p.paper, mix(p.bg2, p.ink, 0.6)])
  let k = 0
  const shelves = each(rows, (j) => {
    const y = rows === 1 ? 306 : 168 + j * 164
    const count = rows === 1 ? r.int(3, 4) : r.int(4, 5)
    const step = 570 / count
    const pots = each(count, (i) => {
      const tall = rows === 1 ? r.int(130, 240) : r.int(78, 132)
      const x = 35 + (i + 0.5) * step
      const size = Math.min(1, step / (tall * 0.98))
      const plant =
        r.chance(rows === 1 ? 0.35 : 0.12) && tall < 190
          ? place(0, -tall + 8, sprig(r, r.int(70, 110), cycle(colors, k + 2)))
          : ''
      const body = plant + pot(r, p, `${uid}${k}`, cycle(colors, k++), tall)
      return place(x, y, body, 0, size)
    })
    const board =
      rows === 1
        ? ground(y, shade(p.bg2, 0.44)) + rect(0, y, 640, 10, shade(p.bg2, 0.22))
        : rect(0, y, 640, 14, mix(p.bg2, p.ink, 0.55))
    return board + pots
  })
  const back = r.pick([
    circle(r.int(200, 440), 170, r.int(130, 170), p.bg2),
    path('M120 360V200a200 170 0 0 1 400 0V360z', p.bg2),
    rect(0, 0, r.int(220, 420), 360, p.bg2),
  ])
  return field(p.bg) + back + shelves
}

const quilt: Scene = (r, p) => {
  const s = r.pick([72, 80, 90, 120])
  const [columns, rows] = [Math.ceil(640 / s), Math.ceil(360 / s)]
  const kinds = r.shuffle([0, 1, 2, 3, 4, 5, 6]).slice(0, r.int(2, 3))
  const colors = r.shuffle([...p.accents, p.paper, p.ink])
  const layers: Record<string, string> = {}
  const add = (color: string, data: string): void => {
    layers[color] = (layers[color] ?? '') + data
  }
  const [m, n] = [r.int(1, 3), r.int(1, 3)]
  for (let j = 0; j < rows; j++) {
    for (let i = 0; i < columns; i++) {
      const [x, y] = [i * s, j * s]
      const tone = i * m + j * n
      if (tone % 2) add(p.bg2, d`M${x} ${y}h${s}v${s}h${-s}z`)
      add(cycle(colors, tone + (r.chance(0.12) ? 1 : 0)), patch(cycle(kinds, i + j * n), x, y, s))
    }
  }
  const pieces = Object.entries(layers)
    .map(([color, data]) => path(data, color))
    .join('')
  const seams = each(columns, (i) => d`M${i * s} 0V360`) + each(rows, (j) => d`M0 ${j * s}H640`)
  const stitches = band(seams, p.paper, 1.5, ' stroke-dasharray="7 6" opacity=".8"')
  const [x, y] = [r.int(330, 480), r.int(120, 240)]
  const thread = d`M-20 ${r.int(60, 300)}C120 ${r.int(-40, 400)} 240 ${r.int(-40, 400)} ${x} ${y}`
  const needle =
    path('M-5 0L0 -150L5 0Q5 12 0 12Q-5 12 -5 0z', p.paper, ` stroke="${p.ink}" stroke-width="2"`) +
    path('M-1.5 -2h3v8h-3z', p.ink)
  const sewing = r.chance(0.6) ? stroke(thread, p.ink, 5) + place(x, y, needle, r.int(50, 110)) : ''
  return field(p.bg) + pieces + stitches + sewing
}

function needles(p: Palette, x: number, y: number, turn: number, knob: string): string {
  const one = stroke('M0 -190V150', p.dark ? p.paper : p.ink, 8) + circle(0, -196, 15, knob)
  return place(x, y, one, turn) + place(x, y, one, -turn)
}

const yarn: Scene = (r, p) => {
  const floor = r.int(262, 296)
  const count = r.int(2, 4)
  const colors = r.shuffle([...p.accents, p.paper])
  const left = r.int(90, 130)
  const balls = each(count, (i) => {
    const radius = r.int(62, count === 2 ? 118 : 92)
    const x = left + ((i + 0.5) * (640 - left * 1.3)) / count
    const color = cycle(colors, i)
    const end =
      d`M${x} ${floor + 40}` + d`C${x + 90} ${floor + 80} ${x - 190} ${floor + 10} ${x - 260} 380`
    const tail = i === 0 || r.chance(0.4) ? stroke(end, shade(color, 0.1), 6) : ''
    const ball = place(x, floor + 44 - radius, yarnBall(r, p, radius, color))
    const cross = i === 1 ? needles(p, x, floor - radius - 6, r.int(24, 44), p.a) : ''
    return cross + tail + ball
  })
  const back = r.pick([
    ring(320, 190, r.int(140, 190), p.bg2, 60),
    circle(r.int(180, 460), 150, r.int(110, 150), p.bg2),
    each(4, (i) => rect(i * 160, 0, 80, 360, p.bg2)),
  ])
  return field(p.bg) + back + ground(floor, shade(p.bg2, 0.39)) + balls
}

/** The compositions of the category crafts. */
export const craftsScenes: readonly Scene[] = [loom, pottery, quilt, yarn]
