import { HEIGHT, WIDTH } from './scene.ts'

/** A number as it appears in a picture: one decimal at most, and none where it would not show. */
export function num(value: number): string {
  return String(Math.abs(value) < 100 ? Math.round(value * 10) / 10 : Math.round(value))
}

/** Path data with every interpolated number rounded. */
export function d(parts: TemplateStringsArray, ...values: readonly number[]): string {
  let text = parts[0] ?? ''
  values.forEach((value, i) => {
    text += num(value) + (parts[i + 1] ?? '')
  })
  return text
}

/** The strings made for 0, 1, …, count - 1, joined. */
export function each(count: number, draw: (i: number) => string): string {
  let text = ''
  for (let i = 0; i < count; i++) text += draw(i)
  return text
}

/** The item at a position, going round after the last one. */
export function cycle<T>(items: readonly T[], i: number): T {
  return items[((i % items.length) + items.length) % items.length] as T
}

/** The point at a distance and an angle in degrees (0 to the right, clockwise) from a centre. */
export function polar(cx: number, cy: number, radius: number, degrees: number): [number, number] {
  const angle = (degrees * Math.PI) / 180
  return [cx + radius * Math.cos(angle), cy + radius * Math.sin(angle)]
}

/** A filled rectangle. */
export function rect(x: number, y: number, w: number, h: number, fill: string, rx = 0): string {
  const round = rx > 0 ? ` rx="${num(rx)}"` : ''
  const size = `width="${num(w)}" height="${num(h)}"`
  return `<rect x="${num(x)}" y="${num(y)}" ${size}${round} fill="${fill}"/>`
}

/** A filled circle. */
export function circle(x: number, y: number, r: number, fill: string): string {
  return `<circle cx="${num(x)}" cy="${num(y)}" r="${num(r)}" fill="${fill}"/>`
}

/** A circle's outline. */
export function ring(x: number, y: number, r: number, color: string, width: number): string {
  const look = `fill="none" stroke="${color}" stroke-width="${num(width)}"`
  return `<circle cx="${num(x)}" cy="${num(y)}" r="${num(r)}" ${look}/>`
}

/** A filled ellipse. */
export function ellipse(x: number, y: number, rx: number, ry: number, fill: string): string {
  return `<ellipse cx="${num(x)}" cy="${num(y)}" rx="${num(rx)}" ry="${num(ry)}" fill="${fill}"/>`
}

/** A filled path. */
export function path(data: string, fill: string, more = ''): string {
  return `<path d="${data}" fill="${fill}"${more}/>`
}

/** A path drawn as a line with round ends (the root element asks for them once, to be short). */
export function stroke(data: string, color: string, width: number, more = ''): string {
  return `<path d="${data}" fill="none" stroke="${color}" stroke-width="${num(width)}"${more}/>`
}

/** A path drawn as a line with flat ends. */
export function band(data: string, color: string, width: number, more = ''): string {
  return stroke(data, color, width, ` stroke-linecap="butt" stroke-linejoin="miter"${more}`)
}

/** Path data of a closed polygon through the given coordinates, x and y in turn. */
export function polygon(coordinates: readonly number[]): string {
  return `M${coordinates.map(num).join(' ')}z`
}

/** Path data of a full circle, for joining many in one path. */
export function disc(x: number, y: number, r: number): string {
  return d`M${x - r} ${y}a${r} ${r} 0 1 0 ${2 * r} 0a${r} ${r} 0 1 0 ${-2 * r} 0z`
}

/** Path data of a pie slice between two angles in degrees. */
export function sector(cx: number, cy: number, r: number, from: number, to: number): string {
  const [x1, y1] = polar(cx, cy, r, from)
  const [x2, y2] = polar(cx, cy, r, to)
  const large = to - from > 180 ? 1 : 0
  return d`M${cx} ${cy}L${x1} ${y1}A${r} ${r} 0 ${large} 1 ${x2} ${y2}z`
}

/** Path data of a star; `inner` is the inner radius. */
export function star(cx: number, cy: number, points: number, r: number, inner: number): string {
  const coordinates: number[] = []
  for (let i = 0; i < points * 2; i++) {
    coordinates.push(...polar(cx, cy, i % 2 ? inner : r, (i * 180) / points - 90))
  }
  return polygon(coordinates)
}

/** Path data of a regular polygon; the first corner is at `turn` degrees. */
export function regular(cx: number, cy: number, sides: number, r: number, turn = -90): string {
  const coordinates: number[] = []
  for (let i = 0; i < sides; i++) coordinates.push(...polar(cx, cy, r, turn + (i * 360) / sides))
  return polygon(coordinates)
}

/** Path data of rays spreading from a point beyond the picture's edges. */
export function rays(cx: number, cy: number, count: number, turn = 0): string {
  const step = 360 / count
  return each(count, (i) => {
    const [x1, y1] = polar(cx, cy, 760, turn + i * step)
    const [x2, y2] = polar(cx, cy, 760, turn + (i + 0.5) * step)
    return d`M${cx} ${cy}L${x1} ${y1} ${x2} ${y2}z`
  })
}

/** A row of round dots: a dashed line of no dash length, which is far shorter than circles. */
export function dotRow(data: string, color: string, size: number, gap: number): string {
  return stroke(data, color, size, ` stroke-dasharray="0 ${num(gap)}"`)
}

/** Dots at the given coordinates, x and y in turn. */
export function dots(coordinates: readonly number[], color: string, size: number): string {
  let data = ''
  for (let i = 0; i + 1 < coordinates.length; i += 2) {
    data += d`M${coordinates[i] ?? 0} ${coordinates[i + 1] ?? 0}h0`
  }
  return stroke(data, color, size)
}

/** Halftone: rows of dots that shrink (or, with `grow`, swell) from top to bottom. */
export function halftone(box: readonly number[], color: string, gap: number, grow = false): string {
  const [x = 0, y = 0, w = 0, h = 0] = box
  const rows = Math.floor(h / gap)
  return each(rows, (i) => {
    const share = grow ? (i + 1) / rows : 1 - i / rows
    const shift = i % 2 ? gap / 2 : 0
    return dotRow(d`M${x + shift} ${y + i * gap}h${w - shift}`, color, gap * 0.8 * share, gap)
  })
}

/** A body moved, then turned and scaled about its own origin. */
export function place(x: number, y: number, body: string, rotate = 0, scale = 1): string {
  const turn = rotate ? ` rotate(${num(rotate)})` : ''
  const size = scale === 1 ? '' : ` scale(${Math.round(scale * 100) / 100})`
  return `<g transform="translate(${num(x)} ${num(y)})${turn}${size}">${body}</g>`
}

/** A copy of a defined element at a point. */
export function use(id: string, x: number, y: number, more = ''): string {
  return `<use href="#${id}" x="${num(x)}" y="${num(y)}"${more}/>`
}

/** A body at partial opacity. */
export function faded(opacity: number, body: string): string {
  return `<g opacity="${opacity}">${body}</g>`
}

/** A body mirrored left to right about the vertical line at `x`. */
export function mirrored(x: number, body: string): string {
  return `<g transform="translate(${num(2 * x)} 0) scale(-1 1)">${body}</g>`
}

/** A rectangular window: a nested drawing clips to its own bounds, which needs no element id. */
export function frame(x: number, y: number, w: number, h: number, body: string): string {
  const size = `width="${num(w)}" height="${num(h)}"`
  return `<svg x="${num(x)}" y="${num(y)}" ${size} viewBox="0 0 ${num(w)} ${num(h)}">${body}</svg>`
}

/** A body cut to the outline of a path. */
export function clipped(id: string, outline: string, body: string): string {
  const shape = `<clipPath id="${id}"><path d="${outline}"/></clipPath>`
  return `${shape}<g clip-path="url(#${id})">${body}</g>`
}

/** The whole picture in one colour. */
export function field(fill: string): string {
  return rect(0, 0, WIDTH, HEIGHT, fill)
}

/** Everything below a height in one colour. */
export function ground(y: number, fill: string): string {
  return rect(0, y, WIDTH, HEIGHT - y, fill)
}
