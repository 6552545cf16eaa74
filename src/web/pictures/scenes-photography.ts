import { conifers, hills, landscape, ridge, tones } from './miniatures.ts'
import { mix, type Palette, shade } from './palettes.ts'
import type { Random } from './random.ts'
import type { Scene } from './scene.ts'
import {
  band,
  circle,
  clipped,
  cycle,
  d,
  disc,
  each,
  field,
  frame,
  ground,
  path,
  place,
  polar,
  polygon,
  rect,
  ring,
  sector,
  stroke,
} from './shapes.ts'

const aperture: Scene = (r, p, uid) => {
  const [x, y] = [r.pick([220, 320, 320, 420]), 180]
  const blades = r.int(6, 9)
  const hole = r.int(62, 104)
  const turn = r.int(0, 60)
  const colors = r.pick([
    [p.a, shade(p.a, 0.2)],
    [p.a, p.b, p.c],
    [p.ink, mix(p.ink, p.b, 0.35)],
  ])
  const outer = 172
  const leaves = each(blades, (i) => {
    const at = turn + (i * 360) / blades
    const [x1, y1] = polar(x, y, hole, at)
    const [x2, y2] = polar(x, y, hole, at + 360 / blades)
    const [x3, y3] = polar(x, y, outer + 20, at + 360 / blades + 34)
    const [x4, y4] = polar(x, y, outer + 20, at + 34)
    return path(polygon([x1, y1, x2, y2, x3, y3, x4, y4]), cycle(colors, i))
  })
  const view = frame(x - 110, y - 110, 220, 220, landscape(r, tones(r, p, r.chance(0.5)), 220, 220))
  const back = r.pick([
    each(6, (i) => ring(x, y, 215 + i * 60, p.bg2, 26)),
    path('M0 360L640 0V360z', p.bg2),
    ground(r.int(180, 260), p.bg2),
  ])
  const seams = each(blades, (i) => {
    const at = turn + (i * 360) / blades
    const [x1, y1] = polar(x, y, hole, at)
    const [x2, y2] = polar(x, y, outer + 20, at + 34)
    return d`M${x1} ${y1}L${x2} ${y2}`
  })
  return (
    field(p.bg) +
    back +
    circle(x, y, outer + 4, p.ink) +
    view +
    clipped(uid, disc(x, y, outer - 14), leaves + stroke(seams, p.ink, 3)) +
    ring(x, y, outer - 8, p.ink, 14) +
    ring(x, y, outer - 20, p.paper, 2)
  )
}

const vista: Scene = (r, p) => {
  const t = tones(r, p, r.chance(0.4))
  const layers = r.int(3, 5)
  const sunX = r.int(120, 520)
  const sunY = r.int(90, 180)
  const size = r.int(44, 96)
  const peaks = r.chance(0.5)
  const halo = r.chance(0.6) ? circle(sunX, sunY, size * 1.5, mix(t.sky, t.sun, 0.3)) : ''
  const land = each(layers, (i) => {
    const u = i / (layers - 1)
    const base = 180 + u * 130
    const color = u < 0.5 ? mix(t.far, t.mid, u * 2) : mix(t.mid, t.near, u * 2 - 1)
    return path(
      (peaks && u < 0.7 ? ridge : hills)(r, 640, 360, base, peaks ? 130 - u * 60 : 46),
      color,
    )
  })
  const trees = r.chance(0.6) ? conifers(r, 640, 364, r.int(60, 110), mix(t.near, p.ink, 0.5)) : ''
  const birds = each(
    r.int(0, 4),
    (i) => d`M${sunX - 130 + i * 44} ${sunY - 30 + (i % 2) * 24}q10 -12 18 0q8 -12 18 0`,
  )
  const corner = 'M44 84V44H84M556 44H596V84M596 276V316H556M84 316H44V276'
  const pale = t.sky === p.paper ? p.ink : p.paper
  const finder = r.pick([
    stroke(corner, pale, 6) +
      ring(320, 180, 26, pale, 3) +
      stroke('M320 170v20M310 180h20', pale, 3),
    stroke(corner, pale, 6),
    stroke('M213 30V330M427 30V330M30 120H610M30 240H610', pale, 1.5) + stroke(corner, pale, 6),
  ])
  return (
    field(t.sky) +
    halo +
    circle(sunX, sunY, size, t.sun) +
    stroke(birds, p.ink, 4) +
    land +
    trees +
    finder
  )
}

function print(r: Random, p: Palette, w: number, h: number): string {
  const edge = w * 0.07
  const ih = h - edge * 4
  return (
    rect(5, 7, w, h, shade(p.bg2, 0.45), 3) +
    rect(0, 0, w, h, p.paper, 3) +
    frame(edge, edge, w - edge * 2, ih, landscape(r, tones(r, p, r.chance(0.3)), w - edge * 2, ih))
  )
}

const prints: Scene = (r, p) => {
  const hung = r.chance(0.5)
  const count = hung ? r.int(3, 4) : r.int(3, 5)
  const w = hung ? 500 / count : r.int(150, 176)
  const h = w * 1.2
  const sag = 60
  const photos = each(count, (i) => {
    const u = (i + 0.5) / count
    const x = hung ? u * 640 : 110 + (i * 420) / (count - 1)
    const y = hung ? 46 + sag * 4 * u * (1 - u) * 0.55 : 180 + r.int(-34, 34)
    const photo = hung
      ? place(-w / 2, 0, print(r, p, w, h))
      : place(-w / 2, -h / 2, print(r, p, w, h))
    const clip = hung ? rect(-6, -14, 12, 34, cycle(p.accents, i), 3) : ''
    return place(x, y, photo + clip, r.int(-4, 4) * (hung ? 1 : 4))
  })
  const cord = hung ? stroke('M-10 34Q320 112 650 34', p.line, 4) : ''
  const back = r.pick([
    path('M0 0H640L0 360z', p.bg2),
    circle(r.int(180, 460), 190, 170, p.bg2),
    each(5, (i) => rect(i * 128, 0, 64, 360, p.bg2)),
  ])
  return field(p.bg) + back + cord + photos
}

const contact: Scene = (r, p) => {
  const [columns, rows] = r.pick([
    [3, 2],
    [4, 2],
    [3, 3],
  ] as const)
  const [w, h] = [600 / columns, 330 / rows]
  const marked = r.int(0, columns * rows - 1)
  const sheet = each(rows, (j) => {
    const y = 15 + j * h
    const holes = d`M14 ${y + 8}H630M14 ${y + h - 10}H630`
    return rect(-10, y, 660, h - 4, p.ink) + band(holes, p.paper, 7, ' stroke-dasharray="8 11"')
  })
  const cells = each(columns * rows, (i) => {
    const x = 20 + (i % columns) * w + 5
    const y = 15 + Math.floor(i / columns) * h + 17
    const [cw, ch] = [w - 10, h - 38]
    return frame(x, y, cw, ch, landscape(r, tones(r, p, r.chance(0.5)), cw, ch))
  })
  const mx = 20 + ((marked % columns) + 0.5) * w
  const my = 15 + (Math.floor(marked / columns) + 0.5) * h
  const mark = stroke(
    d`M${mx - w * 0.5} ${my - 4}` +
      d`C${mx - w * 0.5} ${my - h * 0.66} ${mx + w * 0.54} ${my - h * 0.62} ` +
      d`${mx + w * 0.5} ${my + 4}` +
      d`S${mx - w * 0.46} ${my + h * 0.66} ${mx - w * 0.44} ${my - h * 0.24}`,
    p.a,
    8,
  )
  return (
    field(p.bg) +
    place(320, 180, place(-320, -180, sheet + cells + mark), r.pick([0, 0, -4, 5]), 1.06)
  )
}

const camera: Scene = (r, p) => {
  const body = r.pick([p.a, p.b])
  const x = 320 + r.int(-60, 60)
  const lensX = r.pick([0, 0, 40, -40])
  const size = r.int(86, 108)
  const turn = r.int(0, 90)
  const glass = [p.ink, p.paper, p.ink, mix(p.c, p.ink, 0.5), p.c, mix(p.c, p.paper, 0.4)]
  const lens =
    each(6, (i) => circle(lensX, 16, size * (1 - i * 0.155), cycle(glass, i))) +
    path(sector(lensX, 16, size * 0.36, turn + 180, turn + 250), p.paper) +
    circle(lensX + 14, 30, 8, p.paper)
  const machine =
    rect(-60, -146, 110, 60, shade(body, 0.3), 10) +
    rect(-168, -128, 66, 30, p.ink, 8) +
    rect(112, -124, 52, 26, p.c, 6) +
    rect(-206, -106, 412, 226, body, 22) +
    rect(-206, -50, 412, 120, r.pick([p.ink, p.paper]), 0) +
    rect(-206, 70, 412, 50, shade(body, 0.2), 22) +
    rect(130, -90, 54, 28, p.paper, 6) +
    circle(-160, -78, 13, p.c) +
    lens
  const back = r.pick([
    each(10, (i) => path(sector(x, 190, 520, i * 36, i * 36 + 18), p.bg2)),
    circle(x, 180, 176, p.bg2),
    path('M0 360L640 0V360z', p.bg2),
    each(5, (i) => ring(x, 190, 130 + i * 70, p.bg2, 34)),
  ])
  const strap = stroke(
    'M-200 -80C-300 -160 -330 40 -420 -20M200 -80C300 -160 330 60 420 0',
    p.c,
    14,
  )
  return field(p.bg) + back + place(x, 194, strap + machine, r.int(-8, 8), r.float(0.9, 1.06))
}

/** The compositions of the category photography. */
export const photographyScenes: readonly Scene[] = [aperture, vista, vista, prints, contact, camera]
