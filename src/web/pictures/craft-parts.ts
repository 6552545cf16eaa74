import { mix, type Palette, shade } from './palettes.ts'
import type { Random } from './random.ts'
import {
  band,
  circle,
  clipped,
  d,
  each,
  faded,
  path,
  place,
  polar,
  rect,
  stroke,
} from './shapes.ts'

/** One woven band: a strip with a repeated figure. */
export function weave(r: Random, colors: readonly string[], box: readonly number[]): string {
  const [x = 0, y = 0, w = 0, h = 0] = box
  const [ground1, figure, detail] = r.shuffle(colors) as [string, string, string]
  const count = r.pick([6, 8, 10, 12])
  const s = w / count
  const mid = y + h / 2
  const base = rect(x, y, w, h, ground1)
  const row = (draw: (left: number) => string): string => each(count, (i) => draw(x + i * s))
  switch (r.int(0, 5)) {
    case 0:
      return (
        base +
        path(
          row((l) => d`M${l} ${mid}l${s / 2} ${-h / 2}l${s / 2} ${h / 2}l${-s / 2} ${h / 2}z`),
          figure,
        ) +
        path(
          row(
            (l) => d`M${l + s / 4} ${mid}l${s / 4} ${-h / 4}l${s / 4} ${h / 4}l${-s / 4} ${h / 4}z`,
          ),
          detail,
        )
      )
    case 1:
      return (
        base +
        path(
          row((l) => d`M${l} ${y + h}l${s / 2} ${-h}l${s / 2} ${h}z`),
          figure,
        )
      )
    case 2:
      return (
        base +
        band(
          d`M${x} ${y + h * 0.75}` + row(() => d`l${s / 2} ${-h / 2}l${s / 2} ${h / 2}`),
          figure,
          h * 0.22,
        )
      )
    case 3:
      return base + rect(x, y + h * 0.3, w, h * 0.4, figure)
    case 4:
      return (
        base +
        path(
          row((l) => d`M${l + s * 0.2} ${y + h * 0.2}h${s * 0.6}v${h * 0.6}h${-s * 0.6}z`),
          figure,
        ) +
        path(
          row((l) => d`M${l + s * 0.4} ${y + h * 0.38}h${s * 0.2}v${h * 0.24}h${-s * 0.2}z`),
          detail,
        )
      )
    default:
      return (
        base + band(d`M${x} ${mid}h${w}`, figure, h, ` stroke-dasharray="${Math.round(s / 2)}"`)
      )
  }
}

/** A pot standing on the origin, turned from a random profile. */
export function pot(r: Random, p: Palette, id: string, color: string, tall: number): string {
  const belly = tall * r.float(0.3, 0.46)
  const foot = belly * r.float(0.4, 0.7)
  const neck = belly * r.float(0.22, 0.55)
  const lip = neck * r.float(1.1, 1.7)
  const at = r.float(0.35, 0.65)
  const up = -tall * at
  const collar = -tall * r.float(0.82, 0.88)
  const outline =
    d`M${-foot} 0C${-belly * 1.1} ${up * 0.3} ${-belly * 1.15} ${up * 1.1} ${-neck} ${collar}` +
    d`L${-lip} ${-tall}H${lip}L${neck} ${collar}` +
    d`C${belly * 1.15} ${up * 1.1} ${belly * 1.1} ${up * 0.3} ${foot} 0z`
  const [second, third] = r.shuffle([p.paper, p.ink, ...p.accents].filter((x) => x !== color))
  const w = belly * 2.4
  const y = up * r.float(0.8, 1.2)
  const h = tall * r.float(0.12, 0.22)
  const pattern = r.pick([
    rect(-w / 2, -tall, w, tall * 0.4, second ?? p.paper),
    rect(-w / 2, y, w, h, second ?? p.paper) +
      rect(-w / 2, y + h * 1.3, w, h * 0.3, third ?? p.ink),
    weave(r, [second ?? p.ink, third ?? p.paper, color], [-w / 2, y, w, h]),
    band(
      each(5, (i) => d`M${-w / 2} ${-tall * (0.2 + i * 0.13)}h${w}`),
      second ?? p.paper,
      tall * 0.04,
    ),
    path(
      d`M${-w / 2} 0V${-tall * 0.4}` +
        d`Q${-w / 4} ${-tall * 0.2} 0 ${-tall * 0.4}T${w / 2} ${-tall * 0.4}V0z`,
      second ?? p.paper,
    ),
    circle(0, up, tall * 0.15, second ?? p.paper),
  ])
  const side = faded(0.2, rect(belly * 0.2, -tall, w, tall, p.ink))
  return clipped(id, outline, rect(-w, -tall, w * 2, tall, color) + pattern + side)
}

/** A leafy twig growing from the origin. */
export function sprig(r: Random, tall: number, color: string): string {
  const leaves = each(5, (i) => {
    const y = -tall * (0.35 + i * 0.15)
    const side = i % 2 ? 1 : -1
    return d`M0 ${y}q${side * 10} -26 ${side * 38} -24q${-side * 4} 26 ${-side * 38} 24z`
  })
  return place(
    0,
    0,
    stroke(d`M0 0V${-tall}`, shade(color, 0.3), 4) + path(leaves, color),
    r.int(-16, 16),
  )
}

/** Path data of one piece of a quilt, in a square of the given size. */
export function patch(kind: number, x: number, y: number, s: number): string {
  const h = s / 2
  switch (kind) {
    case 0:
      return d`M${x} ${y}h${s}l${-s} ${s}z`
    case 1:
      return d`M${x} ${y}h${s}v${s}z`
    case 2:
      return d`M${x} ${y}h${s}a${s} ${s} 0 0 1 ${-s} ${s}z`
    case 3:
      return d`M${x} ${y}a${s} ${s} 0 0 0 ${s} ${s}V${y}z`
    case 4:
      return d`M${x + h} ${y}l${h} ${h}l${-h} ${h}l${-h} ${-h}z`
    case 5:
      return d`M${x} ${y}h${s}l${-h} ${h}zM${x} ${y + s}h${s}l${-h} ${-h}z`
    default:
      return d`M${x} ${y}h${h}v${s}h${-h}z`
  }
}

/** A ball of yarn round the origin. */
export function yarnBall(r: Random, p: Palette, radius: number, color: string): string {
  const dark = shade(color, 0.28)
  const light = mix(color, p.paper, 0.4)
  const arcs = (turn: number, tone: string): string => {
    const data = each(4, (i) => {
      const bend = radius * (0.75 - i * 0.4)
      const [x1, y1] = polar(0, 0, radius * 0.94, turn + i * 14)
      const [x2, y2] = polar(0, 0, radius * 0.94, turn + 180 - i * 14)
      const [qx, qy] = polar(0, 0, bend, turn + 90)
      return d`M${x1} ${y1}Q${qx} ${qy} ${x2} ${y2}`
    })
    return stroke(data, tone, radius * 0.055)
  }
  const turn = r.int(0, 180)
  return (
    circle(0, 0, radius, color) +
    arcs(turn, dark) +
    arcs(turn + 115, light) +
    arcs(turn + 230, dark)
  )
}
