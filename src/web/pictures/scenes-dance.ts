import { dancer, footOf, handOf, outfit, POSES } from './figures.ts'
import { mix, shade } from './palettes.ts'
import type { Scene } from './scene.ts'
import {
  circle,
  cycle,
  d,
  each,
  ellipse,
  faded,
  field,
  ground,
  mirrored,
  path,
  place,
  rect,
  ring,
  stroke,
} from './shapes.ts'

const soloist: Scene = (r, p) => {
  const x = r.int(230, 410)
  const floor = r.int(292, 316)
  const lamp = x + r.pick([-1, 1]) * r.int(60, 200)
  const pose = r.int(0, POSES - 1)
  const flip = r.pick([-1, 1])
  const size = r.float(1.02, 1.18)
  const beam = path(d`M${lamp - 14} -10L${x - 150} ${floor}H${x + 150}L${lamp + 14} -10z`, p.paper)
  const look = outfit(r, p, p.bg)
  const [hx, hy] = handOf(pose)
  const ribbonColor = r.pick(p.accents)
  const ribbon = stroke(
    d`M${hx} ${hy}c60 -60 120 20 ${r.int(60, 120)} 60` +
      d`s-120 ${r.int(30, 70)} -40 ${r.int(90, 120)}s160 -10 210 40`,
    ribbonColor,
    r.int(6, 11),
  )
  const hip = floor + 10 - footOf(pose) * size
  const body = (r.chance(0.6) ? ribbon : '') + dancer(pose, look, r.int(0, 3))
  const figure = place(x, hip, flip < 0 ? mirrored(0, body) : body, 0, size)
  return (
    field(p.bg) +
    ground(floor - 34, shade(p.bg2, 0.22)) +
    faded(p.dark ? 0.2 : 0.45, beam) +
    ellipse(x, floor + 8, 150, 24, mix(p.bg2, p.paper, 0.5)) +
    ellipse(x, floor + 12, 70, 9, shade(p.bg2, 0.5)) +
    figure
  )
}

const columns: Scene = (r, p) => {
  const count = r.int(3, 5)
  const w = 640 / count
  const fields = r.shuffle([p.bg, p.bg2, p.a, p.b, p.c])
  const order = r.shuffle([0, 1, 2, 3, 4, 5, 6, 7])
  const size = [0, 0, 0, 0.94, 0.74, 0.6][count] ?? 0.7
  const skirt = r.int(0, 3)
  const backs = each(count, (i) => {
    const back = cycle(fields, i)
    const disc = circle((i + 0.5) * w, 180, w * 0.42, mix(back, i % 2 ? p.ink : p.paper, 0.25))
    return rect(i * w, 0, w + 1, 360, back) + disc
  })
  const figures = each(count, (i) => {
    const pose = cycle(order, i)
    const y = 190 + (150 - footOf(pose)) * 0.2 * size
    const look = outfit(r, p, cycle(fields, i))
    return place((i + 0.5) * w, y, dancer(pose, look, skirt), 0, size)
  })
  return backs + figures
}

const ribbons: Scene = (r, p) => {
  const count = r.int(4, 6)
  const width = r.int(13, 19)
  const colors = r.shuffle([...p.accents, p.paper, p.bg2, p.ink])
  const [y1, y2] = r.shuffle([r.int(30, 90), r.int(240, 330)]) as [number, number]
  const bend = r.int(120, 240)
  const kind = r.int(0, 2)
  const bands = each(count, (i) => {
    const o = (i - count / 2) * width
    const swirl =
      d`M-20 ${y1 + o}` +
      d`C${160 + o} ${y1 - bend + o} ${260 - o} ${y2 + bend + o} 400 ${y2 + o}` +
      d`S560 ${y1 - o} 660 ${y1 + 40 + o}`
    const loop =
      d`M-20 ${300 + o}C200 ${300 + o} ${520 + o} ${320 + o} ${500 + o} 150` +
      d`C${480 + o * 0.4} ${20 - o} ${260 - o} ${30 - o} ${280 - o} 170` +
      d`C${300 - o} ${330 + o} 540 ${330 + o} 660 ${250 + o}`
    const arch = d`M${60 + o} 380C${60 + o} ${-60 + o} ${580 - o} ${-60 + o} ${580 - o} 380`
    return stroke([swirl, loop, arch][kind] ?? swirl, cycle(colors, i), width + 0.5)
  })
  const pose = r.pick([0, 1, 4, 6])
  const look = outfit(r, p, p.bg)
  const x = kind === 1 ? 160 : 320 + r.int(-50, 50)
  const y = kind === 1 ? 150 : 205
  const size = r.float(0.8, 0.98)
  return (
    field(p.bg) +
    circle(x, y - 20, r.int(110, 150), p.bg2) +
    bands +
    place(x, y, dancer(pose, look, r.int(0, 3)), r.int(-10, 6), size)
  )
}

const trail: Scene = (r, p) => {
  const steps = r.int(3, 4)
  const poses = r.shuffle([0, 1, 3, 4, 6, 7])
  const look = outfit(r, p, p.bg)
  const skirt = r.int(0, 3)
  const rise = r.int(-40, 40)
  const echoes = each(steps, (i) => {
    const x = 130 + (i * 390) / (steps - 1)
    const y = 205 - Math.sin((i / (steps - 1)) * Math.PI) * 40 + rise * (i / steps - 0.5)
    const last = i === steps - 1
    const depth = (i + 4 - steps) * 0.16
    const flat = p.dark ? mix(p.bg2, p.a, depth) : shade(p.bg2, depth)
    const ghost = { skin: flat, top: flat, skirt: flat, hair: flat }
    return place(x, y, dancer(cycle(poses, i), last ? look : ghost, skirt), 0, 1.02)
  })
  const arcs = each(r.int(2, 4), (i) => ring(r.int(200, 460), 420, 250 + i * 40, p.bg2, 8))
  return field(p.bg) + arcs + ground(336, shade(p.bg2, 0.33)) + echoes
}

const chorus: Scene = (r, p) => {
  const pose = r.pick([2, 6, 0, 4])
  const count = r.int(4, 5)
  const step = 600 / count
  const skirt = r.int(0, 3)
  const look = outfit(r, p, p.bg)
  const odd = { ...look, top: look.skirt, skirt: look.top }
  const row = each(count, (i) => {
    const body = dancer(pose, i % 2 ? odd : look, skirt)
    return place(20 + (i + 0.5) * step, 204, i % 2 ? mirrored(0, body) : body, 0, 0.92)
  })
  const fans = each(count, (i) => {
    const x = 20 + (i + 0.5) * step
    return d`M${x - step * 0.46} 314V150a${step * 0.46} ${step * 0.46} 0 0 1 ${step * 0.92} 0V314z`
  })
  return field(p.bg) + path(fans, p.bg2) + ground(310, mix(p.bg2, p.ink, 0.5)) + row
}

/** The compositions of the category dance. */
export const danceScenes: readonly Scene[] = [soloist, columns, ribbons, trail, chorus]
