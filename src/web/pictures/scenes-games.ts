import { mix, type Palette, shade } from './palettes.ts'
import type { Random } from './random.ts'
import type { Scene } from './scene.ts'
import {
  circle,
  cycle,
  d,
  dots,
  each,
  ellipse,
  field,
  path,
  place,
  polar,
  rays,
  rect,
  regular,
  ring,
  star,
  stroke,
  use,
} from './shapes.ts'

const MEEPLE =
  'M0 -40a14 14 0 0 1 12 21C22 -15 36 -8 36 2C36 9 28 11 19 9C21 17 30 28 30 34q0 4 -5 4H8L0 24L-8 38' +
  'H-25q-5 0 -5 -4C-30 28 -21 17 -19 9C-28 11 -36 9 -36 2C-36 -8 -22 -15 -12 -19a14 14 0 0 1 12 -21z'

const SUITS = [
  'M0 -30L22 0L0 30L-22 0z',
  'M0 28C-52 -8 -26 -40 0 -16C26 -40 52 -8 0 28z',
  'M0 -30C40 4 22 30 4 12L10 30H-10L-4 12C-22 30 -40 4 0 -30z',
  'M0 -30a14 14 0 0 1 11 22a14 14 0 1 1 -7 20L10 30H-10L-4 12a14 14 0 1 1 -7 -20a14 14 0 0 1 11 -22z',
  'M0 -30L9 -10L30 -8L14 7L18 28L0 17L-18 28L-14 7L-30 -8L-9 -10z',
  'M14 -28A30 30 0 1 0 14 28A24 24 0 1 1 14 -28z',
]

const PIPS: readonly (readonly number[])[] = [
  [50, 50],
  [26, 26, 74, 74],
  [24, 24, 50, 50, 76, 76],
  [28, 28, 72, 28, 28, 72, 72, 72],
  [26, 26, 74, 26, 50, 50, 26, 74, 74, 74],
  [28, 22, 28, 50, 28, 78, 72, 22, 72, 50, 72, 78],
]

function face(matrix: string, fill: string, pips: number, mark: string): string {
  const body = `<rect width="100" height="100" rx="12" fill="${fill}"/>${dots(PIPS[pips] ?? [], mark, 19)}`
  return `<g transform="matrix(${matrix})">${body}</g>`
}

/** An isometric die of the given edge; its top corner is at the origin. */
function die(r: Random, p: Palette, size: number, color: string): string {
  const k = (size / 100).toFixed(2)
  const x = (size * 0.00866).toFixed(3)
  const y = (size * 0.005).toFixed(3)
  const mark = color === p.paper ? p.ink : p.paper
  const [a, b, c] = r.shuffle([0, 1, 2, 3, 4, 5]) as [number, number, number]
  const w = size * 0.866
  const core = path(
    d`M0 ${size * 0.06}L${w * 0.95} ${size * 0.5}V${size * 1.47}L0 ${size * 1.95}L${-w * 0.95} ${size * 1.47}V${size * 0.5}z`,
    shade(color, 0.2),
  )
  return (
    core +
    face(`${x} ${y} -${x} ${y} 0 0`, color, a, mark) +
    face(
      `${x} ${y} 0 ${k} ${(-w).toFixed(1)} ${(size / 2).toFixed(1)}`,
      shade(color, 0.2),
      b,
      mark,
    ) +
    face(`${x} -${y} 0 ${k} 0 ${size.toFixed(1)}`, shade(color, 0.4), c, mark)
  )
}

const dice: Scene = (r, p) => {
  const seats = r.pick([
    [320, 50, 130],
    [210, 50, 120, 440, 130, 96],
    [150, 120, 90, 330, 40, 120, 520, 150, 84],
    [120, 70, 76, 260, 160, 88, 410, 50, 92, 550, 170, 70],
  ])
  const colors = r.shuffle([...p.accents, p.paper])
  const shadow = each(seats.length / 3, (i) => {
    const [x = 0, y = 0, s = 0] = seats.slice(i * 3)
    return d`M${x} ${y + s * 2}L${x - s * 0.87} ${y + s * 1.5}L${x - s * 1.9} ${y + s * 2.1}L${x - s} ${y + s * 2.55}z`
  })
  const cubes = each(seats.length / 3, (i) => {
    const [x = 0, y = 0, s = 0] = seats.slice(i * 3)
    return place(x, y + r.int(-10, 10), die(r, p, s, cycle(colors, i)))
  })
  const [w, h] = [80, 46]
  const floor = r.pick([
    path(rays(320, 180, r.int(8, 16), r.int(0, 30)), p.bg2),
    path(
      each(45, (i) => {
        const x = (i % 9) * w + (Math.floor(i / 9) % 2) * (w / 2)
        const y = Math.floor(i / 9) * h * 2
        return d`M${x - w / 2} ${y}l${w / 2} ${-h}l${w / 2} ${h}l${-w / 2} ${h}z`
      }),
      p.bg2,
    ),
    circle(r.int(220, 420), 180, 170, p.bg2),
  ])
  return field(p.bg) + floor + path(shadow, shade(p.bg2, 0.3)) + cubes
}

/** Drawings for the tiles of a map, as definitions that the tiles refer to. */
function terrains(p: Palette, uid: string): string {
  const dark = mix(p.ink, p.b, 0.25)
  const light = p.paper
  const drawings = [
    path('M-26 18L-6 -22L6 0L14 -12L30 18z', dark) +
      path('M-6 -22L-14 -6L-6 -10L0 -4L1 -8z', light),
    path('M-20 18l10 -26l10 26zM0 14l12 -34l12 34zM-8 24l9 -24l9 24z', dark),
    stroke('M-26 -8q7 -9 13 0t13 0t13 0M-18 8q7 -9 13 0t13 0t13 0', dark, 5),
    stroke('M-18 18v-26M-4 18v-34M10 18v-26M22 18v-16', dark, 5),
    path('M-20 20V-4L0 -22L20 -4V20z', light) +
      path('M-26 -2L0 -26L26 -2z', dark) +
      path('M-6 20v-14h12v14z', dark),
  ]
  return `<defs>${drawings.map((body, i) => `<g id="${uid}${i}">${body}</g>`).join('')}</defs>`
}

const hexes: Scene = (r, p, uid) => {
  const s = r.pick([70, 80, 92])
  const w = s * Math.sqrt(3)
  const lands = r.shuffle([...p.accents, p.bg2, mix(p.a, p.paper, 0.4), p.paper])
  const island = r.chance(0.6)
  const spots: [number, number][] = []
  const layers = new Map<string, string>()
  let art = ''
  for (let j = -1; j * s * 1.5 < 400; j++) {
    for (let i = -1; i * w < 700; i++) {
      const x = i * w + (j % 2 ? w / 2 : 0)
      const y = j * s * 1.5 + 6
      if (island && Math.hypot(x - 320, (y - 180) * 1.35) > r.float(215, 300)) continue
      const fill = r.pick(lands)
      layers.set(fill, (layers.get(fill) ?? '') + regular(x, y, 6, s - 3))
      if (r.chance(0.6)) art += use(`${uid}${r.int(0, 4)}`, x, y)
      else spots.push([x, y])
    }
  }
  const land = [...layers].map(([fill, data]) => path(data, fill)).join('')
  const coast = island ? place(0, 10, path([...layers.values()].join(''), shade(p.bg, 0.45))) : ''
  const people = r
    .shuffle(spots)
    .slice(0, r.int(1, 4))
    .map(([x, y], i) =>
      place(
        x,
        y - 6,
        place(4, 5, path(MEEPLE, p.ink)) + path(MEEPLE, cycle([p.paper, p.ink], i)),
        0,
        s / 76,
      ),
    )
  return field(p.bg) + terrains(p, uid) + coast + land + art + people.join('')
}

function card(r: Random, p: Palette, color: string): string {
  const suit = r.pick(SUITS)
  const small = `<g transform="translate(-58 -96) scale(.55)">${path(suit, color)}</g>`
  const corner = `${small}<g transform="rotate(180)">${small}</g>`
  const back = rect(-84, -124, 168, 248, p.ink, 16) + rect(-80, -120, 160, 240, p.paper, 14)
  const middle = r.pick([
    place(0, 0, path(suit, color), 0, 2.1),
    place(0, -48, path(suit, color), 0, 1.1) + place(0, 48, path(suit, color), 180, 1.1),
    rect(-48, -84, 96, 168, mix(color, p.paper, 0.7), 8) +
      place(0, 0, path(suit, color), 0, 1.3) +
      stroke('M-48 -60H48M-48 60H48', color, 6),
    circle(0, 0, 56, color) + place(0, 0, path(suit, p.paper), 0, 1.1) + ring(0, 0, 66, color, 5),
    path(star(0, 0, 12, 72, 54), color) + place(0, 0, path(suit, p.paper)),
  ])
  return back + corner + middle
}

const cards: Scene = (r, p) => {
  const count = r.int(3, 5)
  const spread = r.int(13, 20)
  const colors = r.shuffle([...p.accents, p.ink])
  const low = r.int(420, 470)
  const fan = each(count, (i) => {
    const angle = (i - (count - 1) / 2) * spread
    const [x, y] = polar(320, low, 262, angle - 90)
    return place(x, y, card(r, p, cycle(colors, i)), angle, 1.02)
  })
  const loose = each(count, (i) => {
    const x = 90 + (i * 460) / (count - 1)
    return place(x, 180 + r.int(-40, 40), card(r, p, cycle(colors, i)), r.int(-28, 28), 0.86)
  })
  const back = r.pick([
    path(rays(320, low, 26), p.bg2),
    circle(320, 200, 190, p.bg2),
    path(
      each(24, (i) => diamondAt(i)),
      p.bg2,
    ),
  ])
  return field(p.bg) + back + (r.chance(0.6) ? fan : loose)
}

function diamondAt(i: number): string {
  const [x, y] = [40 + (i % 6) * 112 + (Math.floor(i / 6) % 2) * 56, 40 + Math.floor(i / 6) * 94]
  return d`M${x} ${y - 24}l18 24l-18 24l-18 -24z`
}

function pawn(kind: number, color: string): string {
  const dark = shade(color, 0.3)
  const base = ellipse(0, 0, 34, 13, dark) + ellipse(0, -6, 34, 13, color)
  const bodies = [
    path('M-24 -8C-12 -30 -12 -50 -8 -66H8C12 -50 12 -30 24 -8z', color) +
      path('M2 -66H8C12 -50 12 -30 24 -8H6C8 -30 4 -50 2 -66z', dark) +
      circle(0, -78, 21, color),
    path('M-24 -8L-18 -84H18L24 -8z', color) +
      path('M4 -84H18L24 -8H8z', dark) +
      path('M-28 -84V-116H-14V-104H-7V-116H7V-104H14V-116H28V-84z', color),
    path(
      'M-24 -8C-10 -40 -14 -60 -26 -96L-12 -80L0 -112L12 -80L26 -96C14 -60 10 -40 24 -8z',
      color,
    ) +
      path('M4 -84L0 -112L12 -80L26 -96C14 -60 10 -40 24 -8H8z', dark) +
      circle(0, -120, 8, color),
    path('M-24 -8C-12 -40 -30 -70 0 -118C30 -70 12 -40 24 -8z', color) +
      path('M0 -118C30 -70 12 -40 24 -8H8C10 -50 12 -70 0 -118z', dark),
  ]
  return base + (bodies[kind] ?? '')
}

const board: Scene = (r, p) => {
  const n = r.int(4, 6)
  const s = 252 / n
  const [w, h] = [s, s * 0.54]
  const [cx, top] = [320, r.int(46, 58)]
  const at = (i: number, j: number): [number, number] => [cx + (i - j) * w, top + (i + j) * h]
  let dark = ''
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      if ((i + j) % 2) continue
      const [x, y] = at(i, j)
      dark += d`M${x} ${y}l${w} ${h}l${-w} ${h}l${-w} ${-h}z`
    }
  }
  const edge = n * w
  const deep = n * h
  const slab = d`M${cx - edge} ${top + deep}L${cx} ${top + 2 * deep}L${cx + edge} ${top + deep}v24L${cx} ${top + 2 * deep + 24}L${cx - edge} ${top + deep + 24}z`
  const light = d`M${cx} ${top}L${cx + edge} ${top + deep}L${cx} ${top + 2 * deep}L${cx - edge} ${top + deep}z`
  const squares: [number, number][] = []
  for (let k = 0; k < n * n; k++) squares.push([k % n, Math.floor(k / n)])
  const men = r
    .shuffle(squares)
    .slice(0, r.int(4, 7))
    .sort((a, b) => a[0] + a[1] - b[0] - b[1])
  const meeples = r.chance(0.35)
  const figures = men.map(([i, j], k) => {
    const [x, y] = at(i, j)
    const color = cycle([p.b, p.c], k)
    const piece = meeples
      ? place(5, -34, path(MEEPLE, shade(color, 0.4))) + place(0, -36, path(MEEPLE, color))
      : pawn(r.int(0, 3), color)
    return place(x, y + h, piece, 0, s / 70)
  })
  return (
    field(p.bg) +
    circle(r.int(120, 520), r.int(60, 300), r.int(120, 180), p.bg2) +
    path(slab, mix(p.a, p.ink, 0.45)) +
    path(light, p.paper) +
    path(dark, p.a) +
    figures.join('')
  )
}

const crowd: Scene = (r, p, uid) => {
  const columns = r.int(5, 8)
  const w = 640 / columns
  const rows = Math.ceil(360 / w)
  const colors = r.shuffle([...p.accents, p.paper, p.ink])
  const odd = r.int(0, columns * rows - 1)
  const one = r.chance(0.5)
  const at = (i: number): string => {
    const [x, y] = [(i % columns) * w, Math.floor(i / columns) * w]
    const tile =
      (i + Math.floor(i / columns) * (columns % 2 ? 0 : 1)) % 2
        ? rect(x, y, w + 1, w + 1, p.bg2)
        : ''
    const color = one ? (i === odd ? p.a : p.ink) : cycle(colors, i * 2 + Math.floor(i / columns))
    return tile + use(uid, x + w / 2, y + w / 2, ` fill="${color}"`)
  }
  const shape = r.chance(0.7) ? MEEPLE : r.pick(SUITS)
  const size = (w / (shape === MEEPLE ? 104 : 84)).toFixed(2)
  const model = `<defs><path id="${uid}" d="${shape}" transform="scale(${size})"/></defs>`
  return field(p.bg) + model + each(columns * rows, at)
}

/** The compositions of the category games. */
export const gamesScenes: readonly Scene[] = [dice, hexes, cards, board, crowd, dice, hexes, cards]
