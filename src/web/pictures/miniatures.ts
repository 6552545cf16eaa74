import { mix, type Palette, shade } from './palettes.ts'
import type { Random } from './random.ts'
import { circle, d, each, path, polygon, rect, ring, sector, stroke } from './shapes.ts'

/** The colours of a landscape, from the sky to the foreground. */
export interface Tones {
  sky: string
  sun: string
  far: string
  mid: string
  near: string
}

/** A landscape's colours out of a palette; a luminous one has a light sky and a dark foreground. */
export function tones(r: Random, p: Palette, luminous = false): Tones {
  const [x, y, z] = r.shuffle(p.accents) as [string, string, string]
  const glow = [p.paper, mix(x, p.paper, 0.35), x]
  const skies = [...glow, mix(x, p.paper, 0.55), mix(p.ink, x, 0.3)]
  const sky = r.pick(luminous ? glow : skies)
  return {
    sky,
    sun: sky === p.paper ? x : r.pick([p.paper, z]),
    far: mix(y, sky, 0.5),
    mid: y,
    near: luminous ? p.ink : mix(shade(y, 0.45), p.ink, 0.35),
  }
}

/** Path data of a mountain ridge over the full width, closed at the bottom. */
export function ridge(r: Random, w: number, h: number, base: number, rise: number): string {
  const peaks = r.int(2, 4)
  const points = [0, h, 0, base]
  for (let i = 0; i < peaks; i++) {
    const x = ((i + r.float(0.3, 0.7)) * w) / peaks
    points.push(x, base - rise * r.float(0.6, 1))
    if (i < peaks - 1) points.push(((i + 1) * w) / peaks, base - rise * r.float(0, 0.3))
  }
  points.push(w, base, w, h)
  return polygon(points)
}

/** Path data of rolling hills over the full width, closed at the bottom. */
export function hills(r: Random, w: number, h: number, base: number, rise: number): string {
  const lift = r.chance(0.5) ? rise : -rise
  const third = w / 3
  return (
    d`M0 ${h}V${base}C${third * 0.7} ${base - lift} ${third} ${base - lift} ${w / 2} ${base}` +
    d`S${w - third * 0.6} ${base + lift * 0.9} ${w} ${base - lift * 0.3}V${h}z`
  )
}

/** A row of conifers standing on a line. */
export function conifers(r: Random, w: number, base: number, size: number, fill: string): string {
  const count = Math.ceil(w / (size * 0.55))
  let data = ''
  for (let i = 0; i <= count; i++) {
    const x = (i * w) / count + r.float(-0.1, 0.1) * size
    const tall = size * r.float(0.65, 1.15)
    data += d`M${x - size * 0.3} ${base}L${x} ${base - tall}L${x + size * 0.3} ${base}z`
  }
  return path(data, fill)
}

function sea(r: Random, t: Tones, w: number, h: number): string {
  const line = h * r.float(0.5, 0.65)
  const x = w * r.float(0.3, 0.7)
  const glints = each(4, (i) => {
    const half = (w * (0.16 - i * 0.03)) / 1.2
    return d`M${x - half} ${line + h * (0.07 + i * 0.09)}h${half * 2}`
  })
  const boat = w * r.float(0.12, 0.8)
  const s = h * 0.09
  const sail = d`M${boat} ${line + s * 0.6}v${-s * 2.6}l${s * 1.5} ${s * 2.2}h${-s * 2.6}z`
  return (
    circle(x, line - h * r.float(0, 0.18), h * r.float(0.16, 0.24), t.sun) +
    rect(0, line, w, h - line, t.mid) +
    stroke(glints, t.sun, h * 0.025) +
    path(sail, t.near)
  )
}

function city(r: Random, t: Tones, w: number, h: number): string {
  const row = (count: number, low: number, high: number, fill: string): string => {
    const step = w / count
    const data = each(
      count,
      (i) => d`M${i * step} ${h}V${h * r.float(low, high)}h${step + 1}V${h}z`,
    )
    return path(data, fill)
  }
  const moon = circle(w * r.float(0.2, 0.8), h * r.float(0.2, 0.35), h * r.float(0.1, 0.18), t.sun)
  return moon + row(7, 0.35, 0.65, t.far) + row(5, 0.5, 0.8, t.mid) + row(8, 0.72, 0.92, t.near)
}

/** A small landscape that fills the box from 0, 0 to w, h. */
export function landscape(r: Random, t: Tones, w: number, h: number): string {
  const sky = rect(0, 0, w, h, t.sky)
  const sunY = h * r.float(0.25, 0.5)
  const sun = circle(w * r.float(0.2, 0.8), sunY, h * r.float(0.12, 0.22), t.sun)
  switch (r.int(0, 4)) {
    case 0:
      return sky + sea(r, t, w, h)
    case 1:
      return sky + city(r, t, w, h)
    case 2:
      return (
        sky +
        sun +
        path(hills(r, w, h, h * 0.6, h * 0.16), t.far) +
        path(hills(r, w, h, h * 0.72, h * 0.16), t.mid) +
        path(hills(r, w, h, h * 0.86, h * 0.14), t.near)
      )
    case 3:
      return (
        sky +
        sun +
        path(ridge(r, w, h, h * 0.7, h * 0.4), t.far) +
        rect(0, h * 0.7, w, h * 0.3, t.mid) +
        conifers(r, w, h * 1.02, h * 0.3, t.near)
      )
    default:
      return (
        sky +
        sun +
        path(ridge(r, w, h, h * 0.66, h * 0.4), t.far) +
        path(ridge(r, w, h, h * 0.8, h * 0.34), t.mid) +
        path(hills(r, w, h, h * 0.9, h * 0.1), t.near)
      )
  }
}

function blocks(r: Random, p: Palette, w: number, h: number): string {
  const x = w * r.float(0.25, 0.7)
  const y = h * r.float(0.3, 0.7)
  const [a, b, c] = r.shuffle([...p.accents, p.ink]) as [string, string, string]
  const bars = d`M${x} 0V${h}M0 ${y}H${w}M${x} ${h * 0.85}H${w}`
  return (
    rect(0, 0, x, y, a) +
    rect(x, y, w - x, h - y, b) +
    (r.chance(0.5) ? rect(x, 0, (w - x) / 2, y, c) : rect(0, y, x, h - y, c)) +
    stroke(bars, p.ink, Math.max(3, w * 0.03))
  )
}

function rainbow(r: Random, p: Palette, w: number, h: number): string {
  const x = w * r.pick([0, 0.5, 1])
  const size = Math.min(w, h)
  const colors = r.shuffle([...p.accents, p.ink, p.bg2])
  const arcs = each(5, (i) => circle(x, h, size * (0.95 - i * 0.18), colors[i] ?? p.a))
  return arcs + circle(w - x || w * 0.8, h * 0.2, size * 0.1, p.a)
}

function cutouts(r: Random, p: Palette, w: number, h: number): string {
  const s = Math.min(w, h)
  const leaf = (x: number, y: number, fill: string, turn: number): string => {
    const lobes = each(
      3,
      (i) =>
        d`M0 ${-s * 0.12 * i}q${s * 0.3} 0 ${s * 0.3} ${-s * 0.22}` +
        d`q${-s * 0.2} 0 ${-s * 0.3} ${s * 0.2}q${-s * 0.1} ${-s * 0.2} ${-s * 0.3} ${-s * 0.2}` +
        d`q0 ${s * 0.22} ${s * 0.3} ${s * 0.22}z`,
    )
    const at = d`translate(${x} ${y}) rotate(${turn})`
    return `<g transform="${at}">${path(lobes, fill)}</g>`
  }
  const colors = r.shuffle([...p.accents, p.ink])
  return (
    rect(w * 0.5, 0, w * 0.5, h, p.bg2) +
    leaf(w * 0.28, h * 0.72, colors[0] ?? p.a, r.int(-30, 30)) +
    leaf(w * 0.72, h * 0.85, colors[1] ?? p.b, r.int(-30, 30)) +
    circle(w * r.float(0.6, 0.8), h * 0.2, s * 0.1, colors[2] ?? p.c)
  )
}

function orbits(r: Random, p: Palette, w: number, h: number): string {
  const s = Math.min(w, h)
  const [x, y] = [w * r.float(0.35, 0.65), h * r.float(0.35, 0.65)]
  const colors = r.shuffle(p.accents)
  return (
    circle(x, y, s * 0.34, colors[0] ?? p.a) +
    path(sector(x, y, s * 0.34, r.int(0, 90), r.int(180, 260)), p.ink) +
    circle(x + s * 0.22, y - s * 0.2, s * 0.14, colors[1] ?? p.b) +
    ring(x, y, s * 0.44, colors[2] ?? p.c, s * 0.03) +
    stroke(d`M${w * 0.08} ${h * 0.9}L${w * 0.9} ${h * 0.12}`, p.ink, s * 0.02)
  )
}

function colorBands(r: Random, p: Palette, w: number, h: number): string {
  const colors = r.shuffle([...p.accents, p.ink])
  const split = r.float(0.3, 0.6)
  return (
    rect(0, 0, w, h, colors[0] ?? p.a) +
    rect(w * 0.08, h * 0.08, w * 0.84, h * (split - 0.12), colors[1] ?? p.b, 4) +
    rect(w * 0.08, h * split, w * 0.84, h * (0.92 - split), colors[2] ?? p.c, 4)
  )
}

/** A small abstract painting that fills the box from 0, 0 to w, h. */
export function painting(r: Random, p: Palette, w: number, h: number): string {
  const base = rect(0, 0, w, h, p.paper)
  const style = r.pick([blocks, rainbow, cutouts, orbits, colorBands, undefined])
  return style ? base + style(r, p, w, h) : landscape(r, tones(r, p), w, h)
}
