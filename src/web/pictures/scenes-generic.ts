import { hills, landscape, tones } from './miniatures.ts'
import { mix } from './palettes.ts'
import type { Scene } from './scene.ts'
import { circle, cycle, d, disc, each, field, path, rays, ring, sector } from './shapes.ts'

const sunrise: Scene = (r, p) => {
  const [x, y] = [r.int(180, 460), r.int(150, 210)]
  const size = r.int(70, 110)
  const colors = r.shuffle([...p.accents, mix(p.b, p.ink, 0.4)])
  const layers = each(4, (i) =>
    path(hills(r, 640, 360, 200 + i * 42, 40 - i * 6), cycle(colors, i)),
  )
  return (
    field(p.bg) +
    path(rays(x, y, r.int(10, 20), r.int(0, 30)), p.bg2) +
    circle(x, y, size, p.paper) +
    layers
  )
}

const geometry: Scene = (r, p) => {
  const s = r.pick([90, 120, 180])
  const columns = Math.ceil(640 / s)
  const colors = r.shuffle([...p.accents, p.paper, p.ink])
  return (
    field(p.bg) +
    each(columns * (360 / s), (i) => {
      const [x, y] = [(i % columns) * s, Math.floor(i / columns) * s]
      const turn = r.int(0, 3)
      const [cx, cy] = [x + (turn === 1 || turn === 2 ? s : 0), y + (turn > 1 ? s : 0)]
      const color = r.pick(colors)
      const quarter = path(sector(cx, cy, s, turn * 90, turn * 90 + 90), color)
      return r.pick([
        quarter + path(sector(cx, cy, s / 2, turn * 90, turn * 90 + 90), p.bg2),
        path(disc(x + s / 2, y + s / 2, s * 0.34), color),
        path(d`M${x} ${y}h${s}l${-s} ${s}z`, color),
        quarter,
      ])
    })
  )
}

const horizon: Scene = (r, p) => landscape(r, tones(r, p), 640, 360)

const ripples: Scene = (r, p) => {
  const [x, y] = [r.int(160, 480), r.int(120, 260)]
  const colors = r.shuffle([...p.accents, p.paper])
  return (
    field(p.bg) +
    each(9, (i) => ring(x, y, 420 - i * 46, i % 2 ? p.bg2 : cycle(colors, i), 24)) +
    circle(x, y, 30, p.paper)
  )
}

/** The compositions for a category without its own. */
export const genericScenes: readonly Scene[] = [sunrise, geometry, horizon, ripples]
